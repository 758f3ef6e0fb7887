"""`rpy2.rlike.container`: lists with names, as Python has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...convert.dispatch import encodes
from ...convert.encode import Encoder
from ...convert.lists import encode_items
from ...convert.value import RValue, with_attributes

__all__ = ["NamedList", "OrdDict", "Rlist", "TaggedList"]


class _Names(list[str]):
    """Names that can be read as rpy2 has them: `x.names` of vectors, `x.names()` of its containers."""

    def __call__(self) -> tuple[str, ...]:
        return tuple(self)


class NamedList(dict[str, Any]):
    """What a named R list becomes: a dict in R's order, and by position what rpy2's container is.

    Parameters
    ----------
    values : mapping or iterable
        A mapping or pairs, as of a dict; or the values alone, with `names`.
    names : iterable of str, optional
        A name for each value.

    Examples
    --------
    >>> x = NamedList([1.5, "b"], names=["a", "b"])
    >>> x["a"], x[1], x.getbyname("a"), x.rx2("b"), x.names
    (1.5, 'b', 1.5, 'b', ['a', 'b'])
    """

    def __init__(self, values: Any = (), names: Iterable[str] | None = None) -> None:
        super().__init__(values if names is None else zip(names, values, strict=True))

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, int) and not isinstance(key, bool):
            return list(self.values())[key]
        raise KeyError(key)

    @property
    def names(self) -> _Names:
        """The names; they can be called, too."""
        return _Names(self)

    def getbyname(self, name: str) -> Any:
        """Return the element of a name."""
        return self[name]

    def getbyindex(self, index: int) -> Any:
        """Return the element of a position, from 0."""
        return list(self.values())[index]

    def rx2(self, key: str | int) -> Any:
        """Return an element by name, or by R's position, from 1."""
        return self[key] if isinstance(key, str) else self.getbyindex(key - 1)


class OrdDict(dict[Any, Any]):
    """A dict made from pairs; a key None stands for no name in R, as often as it comes.

    Parameters
    ----------
    pairs : iterable
        Of key and value.
    """

    def __init__(self, pairs: Iterable[tuple[Any, Any]] | Mapping[Any, Any] = ()) -> None:
        listed = list(pairs.items() if isinstance(pairs, Mapping) else pairs)
        super().__init__((key, value) for key, value in listed if key is not None)
        self._pairs = [pair for pair in listed if pair[0] is None]

    def byindex(self, index: int) -> Any:
        """Return the value of a position."""
        return list(self.values())[index]

    def items(self) -> Any:
        """All pairs, those without a name last."""
        return [*super().items(), *self._pairs]


class TaggedList(list[Any]):
    """A list whose elements may have tags.

    Parameters
    ----------
    values : iterable
        The elements.
    tags : iterable of str or None, optional
        A tag for each.
    """

    def __init__(self, values: Iterable[Any], tags: Iterable[str | None] | None = None) -> None:
        super().__init__(values)
        self.tags = tuple(tags) if tags is not None else (None,) * len(self)
        if len(self.tags) != len(self):
            raise ValueError(f"{len(self.tags)} tags for {len(self)} values")

    def items(self) -> Iterator[tuple[str | None, Any]]:
        """Iterate over pairs of tag and element."""
        return zip(self.tags, self, strict=True)

    def iterontag(self, tag: str) -> Iterator[Any]:
        """Iterate over the elements with a tag."""
        return (value for name, value in self.items() if name == tag)

    @staticmethod
    def from_items(pairs: Iterable[tuple[str | None, Any]] | Mapping[str, Any]) -> TaggedList:
        """Make one from pairs of tag and value, or from a dict."""
        listed = list(pairs.items() if isinstance(pairs, Mapping) else pairs)
        return TaggedList([value for _, value in listed], [tag for tag, _ in listed])


Rlist = TaggedList


@encodes(TaggedList)
def _tagged(value: TaggedList, encoder: Encoder) -> RValue:
    node = encode_items(value, encoder)
    return with_attributes(node, [("names", encoder.strings([tag or "" for tag in value.tags]))])
