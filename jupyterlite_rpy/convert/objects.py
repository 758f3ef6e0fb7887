"""Python objects that R holds: object -> id on the way out, id -> object when it comes back."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["PythonObjects"]

_REMEMBERED = 65_536  # additions that can still be undone; one request rarely makes ten


class PythonObjects:
    """The Python objects that live on because R refers to them.

    An object has one id however often it is sent. Each sending makes one reference in R, and R tells of each
    one that it no longer needs; the object is let go when none is left, so that a release that crosses a new
    sending on its way does no harm.
    """

    def __init__(self) -> None:
        self._objects: dict[int, object] = {}
        self._ids: dict[int, int] = {}  # id(object) -> our id; the object is alive, so its id is its own
        self._more: dict[int, int] = {}  # references beyond the first, where there are any
        self._next = 1
        self._sent: list[int] = []  # the latest additions, oldest first
        self._forgotten = 0  # how many older ones are no longer in that list

    def __len__(self) -> int:
        return len(self._objects)

    def add(self, value: object) -> int:
        """Keep an object for one more reference from R, and return its id."""
        return self.add_all((value,))[0]

    def add_all(self, values: Iterable[object]) -> list[int]:
        """Keep each of many objects for one more reference from R, and return their ids."""
        objects, ids, more = self._objects, self._ids, self._more
        number = self._next
        numbers = []
        for value in values:
            known = ids.setdefault(id(value), number)
            if known == number:
                objects[number] = value
                number += 1
            else:
                more[known] = more.get(known, 0) + 1
            numbers.append(known)
        self._next = number
        self._sent += numbers
        return numbers

    def get(self, number: int) -> object:
        """Return the object of an id; `KeyError` if R should not know that id any more."""
        return self._objects[number]

    def release(self, numbers: Iterable[int]) -> None:
        """Take back one reference for each id (an id may occur more than once)."""
        objects, ids, more = self._objects, self._ids, self._more
        for number in numbers:
            if number in more:
                more[number] -= 1
                if not more[number]:
                    del more[number]
            elif number in objects:
                del ids[id(objects.pop(number))]

    def clear(self) -> None:
        """Let everything go: the R that referred to it is no more."""
        self._objects.clear()
        self._ids.clear()
        self._more.clear()

    def mark(self) -> int:
        """Begin a request: return the place to which `roll_back` can undo additions."""
        if len(self._sent) > _REMEMBERED:
            old = len(self._sent) // 2
            del self._sent[:old]
            self._forgotten += old
        return self._forgotten + len(self._sent)

    def roll_back(self, mark: int) -> None:
        """Undo the additions since `mark`: the values were not sent after all."""
        start = max(mark - self._forgotten, 0)
        undone = self._sent[start:]
        del self._sent[start:]
        self.release(undone)
