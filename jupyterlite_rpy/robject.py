"""Objects that stay in R, seen from Python: RObject for any, RFunction for those one can call.

They hold no data, only a number by which R knows the object; what they show is asked from R when needed.
"""

from __future__ import annotations

import inspect
import keyword
import weakref
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Any, NoReturn, Protocol

from .errors import StaleObjectError

__all__ = ["RFunction", "RObject", "SessionLike", "from_handle"]


class SessionLike(Protocol):
    """What these objects need of the session they live in."""

    @property
    def epoch(self) -> int:
        """Number of the R that runs now; objects of an earlier one are gone."""

    def call_function(
        self,
        function: object,
        args: Iterable[object] = (),
        kwargs: Mapping[str, object] | None = None,
        keep: bool = False,
    ) -> Any:
        """Call an R function, named or held; with `keep` the result stays in R."""

    def queue_release(self, id: int, epoch: int) -> None:
        """Note that Python dropped an object. Finalizers call it, in any thread: it may only take a note."""


def from_handle(node: Mapping[str, Any], session: SessionLike) -> RObject:
    """Make the Python object for a handle that R sent (``{"type": "handle", ...}`` on the wire)."""
    typeof = node["typeof"]
    return (RFunction if typeof in _FUNCTIONS else RObject)(
        session, node["id"], typeof, node.get("class", ())
    )


_FUNCTIONS = ("closure", "builtin", "special")


class RObject:
    """An R object that stays in R; R frees it when Python drops this.

    Passed back to R it is the same object. `repr` is what R prints. ``x["name"]`` and ``x[0]`` are R's
    ``x[["name"]]`` and ``x[[1]]`` (or the slot of that name), converted.

    Parameters
    ----------
    session : SessionLike
        Where it lives.
    id : int
        R's number for it, owned by this object from now on.
    typeof : str
        R's ``typeof()``.
    rclass : iterable of str
        R's ``class()``.
    """

    def __init__(self, session: SessionLike, id: int, typeof: str, rclass: Iterable[str] = ()) -> None:
        self._session = session
        self._id = id
        self._epoch = session.epoch
        self.typeof = typeof
        self.rclass = tuple(rclass)

    def __del__(self) -> None:
        # Not weakref.finalize, which costs ten times as much: 100,000 objects may come and go in a loop.
        try:
            session = self._session
        except AttributeError:  # it was never finished
            return
        session.queue_release(self._id, self._epoch)

    def handle(self) -> int:
        """Return R's number for the object.

        Raises
        ------
        StaleObjectError
            The R in which it lived is no more.
        """
        if self._session.epoch != self._epoch:
            raise StaleObjectError(
                f"this R object of class {self._class_text()} is gone: R was restarted since. "
                "Hint: run the R code that made it again"
            )
        return self._id

    @property
    def alive(self) -> bool:
        """Whether the R in which it lives still runs."""
        return self._session.epoch == self._epoch

    def to_py(self) -> Any:
        """Convert by structure: the object without its class, as lists, arrays and dicts; a copy.

        Environments and S4 objects give dicts, language its text. What still has no counterpart (a function,
        a pointer) is the object itself.
        """
        return self._ask("plain")

    def attr(self, name: str) -> Any:
        """Return an R attribute, converted; None if there is none of that name."""
        return self._ask("attribute", name)

    @property
    def names(self) -> list[str]:
        """R's ``names()``, or the names of an environment's variables; empty if it has none."""
        return _texts(self._ask("names"))

    @property
    def slots(self) -> dict[str, Any]:
        """The slots of an S4 object, converted; empty for other objects."""
        return {name: self._ask("slot", name) for name in _texts(self._ask("slots"))}

    def __getitem__(self, key: str | int) -> Any:
        if isinstance(key, str):
            if not _truth(self._ask("has", key)):
                raise KeyError(key)
            return self._ask("element", key)
        length = len(self)
        if not -length <= key < length:
            raise IndexError(f"index {key} of an R object of length {length}")
        return self._ask("element", (key % length) + 1)

    def __len__(self) -> int:
        return int(_first(self._ask("length")))

    def __bool__(self) -> bool:
        return True  # without this, `if model:` would ask R for a length

    def __iter__(self) -> NoReturn:
        # Without this Python would call __getitem__ 0, 1, 2, ...: one conversion of an unknown size each.
        raise TypeError("an R object is not iterable. Hint: x.to_py() converts it")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _truth(self._ask("has", name))

    def _ipython_key_completions_(self) -> list[str]:
        return self.names

    def __repr__(self) -> str:
        if self._session.epoch != self._epoch:
            return f"<{type(self).__name__} of class {self._class_text()}, gone: R was restarted>"
        return "\n".join(_texts(self._ask("print")))

    def _repr_html_(self) -> str | None:
        if self._session.epoch != self._epoch:
            return None
        html = self._ask("html")
        return None if html is None else str(_first(html))

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"an R object of class {self._class_text()} stays in R and cannot be pickled or copied. "
            "Hint: saveRDS() in R, or x.to_py()"
        )

    def __copy__(self) -> RObject:
        return self  # R's values do not change, and what does (an environment) R does not copy either

    def __deepcopy__(self, memo: object) -> RObject:
        return self

    def _class_text(self) -> str:
        return "/".join(self.rclass) or self.typeof

    def _ask(self, what: str, key: object = None) -> Any:
        self.handle()
        return self._session.call_function(asker(self._session, "robject.R"), (what, self, key))


class _Help:
    """`__doc__`: of the class its own, of a function R's help page, asked when it is wanted."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def __get__(self, function: RFunction | None, cls: type) -> str | None:
        if function is None:
            return self.text
        if function.label is None or not function.alive:
            return None
        lines = _texts(function._question("help", function.label, function.package))
        return "\n".join(lines) or None


class RFunction(RObject):
    """An R function. Call it with Python values; ``na_rm=True`` is tried as R's ``na.rm``.

    A keyword's ``_`` stands for R's ``.`` where R's function, or a method of a generic one, has no argument
    spelled with ``_`` but one with ``.``; other keywords go as they are. `help()` and ``?`` show what R lists
    as arguments, and R's help page if the function has a name.

    Attributes
    ----------
    label : str or None
        The name by which it was found: R's calls show it.
    package : str or None
        The package in which it was looked for.
    """

    label: str | None = None
    package: str | None = None
    __doc__ = _Help(__doc__)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Call the function in R and convert the result."""
        self.handle()
        return self.call(args, kwargs) if kwargs else self._session.call_function(self, args)

    def call(
        self, args: Iterable[object] = (), kwargs: Mapping[str, object] | None = None, keep: bool = False
    ) -> Any:
        """Call with arguments as values; with `keep` the result stays in R as an `RObject`."""
        self.handle()
        named = {self._spelled(name): value for name, value in (kwargs or {}).items()}
        return self._session.call_function(self, args, named, keep)

    @property
    def formals(self) -> dict[str, str | None]:
        """R's arguments with the R code of their defaults (None: required), in order; asked once."""
        return self._arguments()

    def _arguments(self) -> dict[str, str | None]:
        known: dict[str, str | None] | None = self.__dict__.get("_formals")
        if known is None:
            known = _formals(self._ask("formals"))
            self.__dict__["_formals"] = known
        return known

    @property
    def __signature__(self) -> inspect.Signature:
        kinds = inspect.Parameter
        parameters: list[inspect.Parameter] = []
        for name, default in self._arguments().items():
            spelled = name.replace(".", "_")
            if name == "...":
                parameters.append(kinds("args", kinds.VAR_POSITIONAL))
            elif spelled.isidentifier() and not keyword.iskeyword(spelled):
                after = any(parameter.kind is kinds.VAR_POSITIONAL for parameter in parameters)
                kind = kinds.KEYWORD_ONLY if after else kinds.POSITIONAL_OR_KEYWORD
                # A required argument may follow an optional one in R, not in a Python signature.
                parameters.append(kinds(spelled, kind, default=_RCode(default)))
        if "..." in self._arguments():
            parameters.append(kinds("kwargs", kinds.VAR_KEYWORD))
        return inspect.Signature(parameters)

    def _spelled(self, name: str) -> str:
        if "_" not in name:
            return name
        arguments = self._arguments()
        if name in arguments:
            return name
        dotted = name.replace("_", ".")
        if dotted in arguments or "..." not in arguments:
            return dotted if dotted in arguments else name
        known: dict[str, str] | None = self.__dict__.get("_dotted")
        if known is None:
            names = _texts(self._question("dotted", self.label or "", self))
            known = self.__dict__["_dotted"] = {name.replace(".", "_"): name for name in names}
        return known.get(name, name)

    def _question(self, what: str, name: str, key: object) -> Any:
        return self._session.call_function(asker(self._session, "api.R"), (what, name, key))


class _RCode:
    """A default in a signature, shown as the R code that it is."""

    def __init__(self, code: str | None) -> None:
        self.code = code

    def __repr__(self) -> str:
        return "<required>" if self.code is None else self.code


_askers: weakref.WeakKeyDictionary[SessionLike, tuple[int, dict[str, RObject]]] = weakref.WeakKeyDictionary()


def asker(session: SessionLike, source: str) -> RObject:
    """Return the R function that answers questions, of a file in ``r/``; made once in each R."""
    epoch, known = _askers.get(session, (-1, {}))
    if epoch != session.epoch:
        epoch, known = _askers[session] = (session.epoch, {})
    if source not in known:
        code = (files(__package__) / "r" / source).read_text(encoding="utf-8")
        call = session.call_function("base::str2lang", (code,), keep=True)
        known[source] = session.call_function("base::eval", (call,), {"envir": _base(session)}, keep=True)
    return known[source]


def _base(session: SessionLike) -> Any:
    return session.call_function("base::baseenv", keep=True)


def _texts(value: Any) -> list[str]:
    return [] if value is None else ["" if text is None else str(text) for text in value]


def _first(value: Any) -> Any:
    return next(iter(value))


def _truth(value: Any) -> bool:
    return bool(_first(value))


def _formals(value: Any) -> dict[str, str | None]:
    if value is None or not len(value):
        return {}
    names: Callable[[], list[str]] | list[str] = value.names
    return dict(zip(names, value, strict=True))  # type: ignore[arg-type]
