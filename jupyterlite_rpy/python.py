"""What R asks of Python: the name of an operation and its arguments in, a value out.

`r/reticulate.R` gives these operations the names that R users know. Whether a value then crosses to R, or
stays here behind a reference, is decided elsewhere (`events`).
"""

from __future__ import annotations

import builtins
import codeop
import contextlib
import importlib
import importlib.util
import io
import linecache
import operator
import pickle
import platform
import pydoc
import sys
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from itertools import count
from pathlib import Path
from types import MethodType, ModuleType, TracebackType
from typing import Any

__all__ = ["OPERATIONS", "Python", "stays"]

Namespace = MutableMapping[str, Any]

_PACKAGE = str(Path(__file__).parent)  # as frames spell it: not resolved
_ATOMIC = (str, bytes, int, float, complex, bool, type(None))
_END = object()
_sources = count(1)


class Python:
    """Python as one R sees it.

    Parameters
    ----------
    namespace : mapping, optional
        The variables that R's ``py$x`` means; a notebook's. Without it: those of `__main__`.

    Attributes
    ----------
    last_error : BaseException or None
        The latest exception that R was told of, for ``py_last_error()``.
    installer : callable
        Does what R's ``install.packages`` asks for; returns what went wrong, or nothing.
    """

    def __init__(self, namespace: Namespace | None = None) -> None:
        self._namespace = namespace
        self._captures: list[contextlib.ExitStack] = []
        self._captured: list[io.StringIO] = []
        self.last_error: BaseException | None = None
        self.installer: Callable[..., str] = _cannot_install

    @property
    def namespace(self) -> Namespace:
        """The variables that ``py`` shows, themselves."""
        return vars(sys.modules["__main__"]) if self._namespace is None else self._namespace

    @namespace.setter
    def namespace(self, namespace: Namespace | None) -> None:
        self._namespace = namespace

    def operation(self, name: str) -> Callable[..., Any]:
        """Return the function that does an operation; `KeyError` if there is none of that name."""
        function = OPERATIONS.get(name)
        return function if function is not None else MethodType(_OWN[name], self)

    def install_packages(self, *arguments: Any) -> str:
        return self.installer(*arguments)

    # ---- the notebook's variables

    def main_get(self, name: str) -> Any:
        try:
            return self.namespace[name]
        except KeyError:
            raise NameError(f"name '{name}' is not defined in Python") from None

    def main_set(self, name: str, value: object) -> None:
        self.namespace[name] = value

    def main_del(self, name: str) -> None:
        if name not in self.namespace:
            raise NameError(f"name '{name}' is not defined in Python")
        del self.namespace[name]

    def main_has(self, name: str) -> bool:
        return name in self.namespace

    def main_names(self) -> list[str]:
        return sorted(name for name in self.namespace if not name.startswith("_"))

    # ---- code

    def eval(self, code: str) -> Any:
        text = textwrap.dedent(code).strip()
        return builtins.eval(_compiled(text, "eval"), self._globals())

    def exec(self, code: str, local: bool = False, name: str | None = None) -> dict[str, Any]:
        """Run code among the notebook's variables, or (`local`) in a copy; return the names that it made."""
        scope = self._globals()
        if local:
            scope = dict(scope)
        before = dict(scope)
        compiled = _compiled(textwrap.dedent(code), "exec", name)
        builtins.exec(compiled, scope)
        return {
            key: value
            for key, value in scope.items()
            if not (key in before and before[key] is value) and not key.startswith("__")
        }

    def exec_file(self, path: str, local: bool = False) -> dict[str, Any]:
        file = Path(path).expanduser()
        return self.exec(file.read_text("utf-8"), local, str(file))

    def repl(self) -> None:
        """Ask for code, run it and print values and errors, as Python's own prompt does, until `exit`."""
        lines: list[str] = []
        while True:
            line = input("... " if lines else ">>> ")
            if not lines and line.strip() in ("exit", "quit", "exit()", "quit()"):
                return
            lines.append(line)
            try:
                compiled = codeop.compile_command("\n".join(lines), "<prompt>", "single")
                if compiled is None:
                    continue  # more must come
                with _printing_values():
                    builtins.exec(compiled, self._globals())
            except Exception as error:
                print(_story(error), end="", file=sys.stderr)
            lines = []

    def _globals(self) -> dict[str, Any]:
        namespace = self.namespace
        # exec() takes no other mapping; a copy would lose the assignments.
        if not isinstance(namespace, dict):
            raise TypeError("code from R needs a dict as the namespace")
        return namespace

    # ---- what is printed meanwhile

    def capture_begin(self, streams: list[str]) -> None:
        text, stack = io.StringIO(), contextlib.ExitStack()
        if "stdout" in streams:
            stack.enter_context(contextlib.redirect_stdout(text))
        if "stderr" in streams:
            stack.enter_context(contextlib.redirect_stderr(text))
        self._captures.append(stack)
        self._captured.append(text)

    def warnings_begin(self) -> None:
        stack = contextlib.ExitStack()
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        self._captures.append(stack)
        self._captured.append(io.StringIO())

    def capture_end(self) -> str:
        self._captures.pop().close()
        return self._captured.pop().getvalue()

    # ---- contexts and errors

    def exit(self, context: Any, message: str | None = None, from_python: bool = False) -> bool:
        """Leave a context, with R's error if there is one; tell whether it called the error off."""
        error = None if message is None else RuntimeError(message)
        raised = self.last_error if from_python and self.last_error is not None else error
        if raised is None:
            return bool(type(context).__exit__(context, None, None, None))
        return bool(type(context).__exit__(context, type(raised), raised, raised.__traceback__))

    def error_last(self) -> dict[str, Any] | None:
        error = self.last_error
        if error is None:
            return None
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
        return {
            "type": type(error).__name__,
            "value": str(error),
            "message": text,
            "traceback": _story(error).splitlines(),
        }

    def error_clear(self) -> None:
        self.last_error = None


def _cannot_install(*args: object) -> str:
    return "packages cannot be installed here"


_OWN: dict[str, Callable[..., Any]] = {
    name: function
    for name, function in vars(Python).items()
    if callable(function) and not name.startswith("_") and name != "operation"
}


def stays(value: object) -> bool:
    """Tell whether a value stays in Python although R wants it converted: it can be read only once."""
    return isinstance(value, Iterator)


@contextlib.contextmanager
def _printing_values() -> Iterator[None]:
    """Values of single statements are printed, and not shown as the output of the notebook's cell."""
    before = sys.displayhook
    sys.displayhook = lambda value: None if value is None else print(repr(value))
    try:
        yield
    finally:
        sys.displayhook = before


# ---- attributes and items


def _get_attribute(value: Any, name: str) -> Any:
    try:
        return getattr(value, name)
    except AttributeError:
        if isinstance(value, ModuleType):
            with contextlib.suppress(ModuleNotFoundError):
                return importlib.import_module(f"{value.__name__}.{name}")
        raise


def _dollar(value: Any, name: str) -> Any:
    """R's ``x$name``: an attribute; of a dict also an item."""
    if isinstance(value, Mapping) and not hasattr(value, name):
        return value[name]
    return _get_attribute(value, name)


def _dollar_set(value: Any, name: str, new: object) -> None:
    if isinstance(value, MutableMapping) and not hasattr(type(value), name):
        value[name] = new
    else:
        setattr(value, name, new)


def _brackets(value: Any, key: Any) -> Any:
    """R's ``x[["key"]]``: an item, or the attribute where there are no items."""
    if isinstance(key, str) and not hasattr(type(value), "__getitem__"):
        return _get_attribute(value, key)
    return _get_item(value, key)


def _get_item(value: Any, *keys: Any) -> Any:
    return value[_key(value, keys)]


def _set_item(value: Any, new: object, *keys: Any) -> None:
    value[_key(value, keys)] = new


def _del_item(value: Any, *keys: Any) -> None:
    del value[_key(value, keys)]


def _key(value: Any, keys: tuple[Any, ...]) -> Any:
    """An index: R's plain numbers are doubles, Python's sequences want ints."""
    if not isinstance(value, Mapping):
        keys = tuple(int(k) if isinstance(k, float) and k.is_integer() else k for k in keys)
    return keys[0] if len(keys) == 1 else keys


def _names(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    return [name for name in dir(value) if not name.startswith("_")]


def _length(value: Any) -> int:
    try:
        return len(value)
    except TypeError:  # no length of its own: R's length() of any object is 1
        return 1


def _shape(value: Any) -> list[int] | None:
    shape = getattr(value, "shape", None)
    return [int(n) for n in shape] if isinstance(shape, tuple) and len(shape) > 1 else None


def _next(iterator: Iterator[Any]) -> list[Any]:
    """``[value]``, or ``[]`` at the end."""
    value = next(iterator, _END)
    return [] if value is _END else [value]


def _iterator(function: Callable[[], Any]) -> Iterator[Any]:
    """Iterate over what an R function gives: ``list(value)`` each time, NULL at the end."""
    while (value := function()) is not None:
        yield value[0]


def _operate(name: str, left: Any, right: Any = _END) -> Any:
    if right is _END:
        return _UNARY[name](left)
    return _BINARY[name](left, right)


_UNARY: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "!": operator.not_}
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "%%": operator.mod,
    "%/%": operator.floordiv,
    "&": operator.and_,
    "|": operator.or_,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


# ---- classes, modules


def _make_class(name: str, bases: list[type], members: dict[str, Any]) -> type:
    """A class whose methods are R functions: they get the object as their first argument."""
    own = {key: _member(value) for key, value in members.items()}
    return type(name, tuple(bases), {"__module__": "__main__", **own})


def _member(value: Any) -> Any:
    if not callable(value) or isinstance(value, type):
        return value

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return value(self, *args, **kwargs)

    return method


def _import_from(name: str, path: str) -> ModuleType:
    sys.path.insert(0, path)
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    finally:
        sys.path.remove(path)


def _available(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):  # its package is missing; a module without a spec
        return name in sys.modules


def _set_seed(seed: int) -> None:
    import random

    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)


def _numpy_array(data: Any, dtype: Any = None, order: str = "C") -> Any:
    return importlib.import_module("numpy").array(data, dtype=dtype, order=order)


def _save(value: object, path: str) -> None:
    with open(Path(path).expanduser(), "wb") as file:
        pickle.dump(value, file)


def _load(path: str) -> Any:
    with open(Path(path).expanduser(), "rb") as file:
        return pickle.load(file)


def _version() -> dict[str, str]:
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": sys.platform,
        "python": sys.executable or "",
    }


def _packages() -> dict[str, str]:
    """Installed distributions with their versions."""
    import importlib.metadata

    found = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions() if d.metadata["Name"]}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _compiled(code: str, mode: str, name: str | None = None) -> Any:
    """Compile code under a name by which tracebacks find its lines."""
    name = name or f"<Python in R {next(_sources)}>"
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    return compile(code, name, mode)


def _story(error: BaseException) -> str:
    """The traceback, and those of its causes, without frames of this package."""
    seen: set[int] = set()
    exception: BaseException | None = error
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        exception.__traceback__ = _only_user(exception.__traceback__)
        exception = exception.__cause__ or exception.__context__
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def _only_user(trace: TracebackType | None) -> TracebackType | None:
    entries = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            entries.append(trace)
        trace = trace.tb_next
    result: TracebackType | None = None
    for entry in reversed(entries):
        result = TracebackType(result, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return result


OPERATIONS: dict[str, Callable[..., Any]] = {
    "attribute": _get_attribute,
    "attribute_set": setattr,
    "attribute_has": hasattr,
    "attribute_del": delattr,
    "attributes": dir,
    "dollar": _dollar,
    "dollar_set": _dollar_set,
    "brackets": _brackets,
    "item": _get_item,
    "item_set": _set_item,
    "item_del": _del_item,
    "names": _names,
    "call": lambda function, /, *args, **kwargs: function(*args, **kwargs),
    "identity": lambda value: value,
    "length": _length,
    "len": len,
    "shape": _shape,
    "str": str,
    "repr": repr,
    "bool": bool,
    "id": lambda value: str(id(value)),
    "help": lambda value: pydoc.plain(pydoc.render_doc(value)),
    "is_none": lambda value: value is None,
    "is_atomic": lambda value: isinstance(value, _ATOMIC),
    "operate": _operate,
    "iter": iter,
    "next": _next,
    "iterator": _iterator,
    "list": list,
    "enter": lambda value: type(value).__enter__(value),
    "dict": lambda **items: items,
    "dict_of": lambda keys, values: dict(zip(keys, values, strict=True)),
    "tuple": lambda *items: items,
    "slice": lambda *ends: slice(*(None if end is None else int(end) for end in ends)),
    "array": _numpy_array,
    "class": _make_class,
    "import": importlib.import_module,
    "import_from": _import_from,
    "available": _available,
    "seed": _set_seed,
    "save": _save,
    "load": _load,
    "version": _version,
    "packages": _packages,
}
"""Operation by name, where it needs nothing of the session; the others are methods of `Python`."""
