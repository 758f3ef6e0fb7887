"""The notebook's variables, Python's and R's, in; rows for a list of them, and tables of frames, out.

Light on purpose: no value crosses from R, no code of the values' own classes is run for the list, and a table
has a hundred rows at a time. A front end asks by a comm (`kernels/lite/src/variables.ts`).
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from .session import Session

TARGET = "jupyterlite_rpy:variables"
"""The name by which a front end opens the comm."""
ROWS = 100
"""Rows of a table that are sent at once."""
COLUMNS = 100
"""The most columns that are sent."""
_MOST = 500
_LONGEST = 100
_SIMPLE = (bool, int, float, complex, str, bytes, type(None))
_CONTAINERS = (list, tuple, dict, set, frozenset)

Message = dict[str, Any]


class Variables:
    """What a front end shows of both languages' variables.

    Parameters
    ----------
    session
        Whose R is asked, if it runs.
    namespace : mapping
        The notebook's variables.
    hidden : mapping
        Those that were there before the user made any.
    """

    def __init__(
        self, session: Session, namespace: Mapping[str, Any], hidden: Mapping[str, Any] | None = None
    ) -> None:
        self._session = session
        self._namespace = namespace
        self._hidden = hidden if hidden is not None else {}

    def answer(self, request: Message) -> Message:
        """Return the answer to a request: ``{"op": "list"}`` or ``{"op": "table", "language", "name"}``."""
        if request.get("op") == "table":
            name, start = str(request["name"]), max(int(request.get("start", 0)), 0)
            table = self._r_table if request.get("language") == "R" else self._python_table
            return {"op": "table", "language": request.get("language"), "name": name, **table(name, start)}
        r = self._r_variables()
        return {"op": "list", "r": r is not None, "variables": [*self._python_variables(), *(r or ())]}

    # ---- Python's

    def _python_variables(self) -> list[Message]:
        names = [
            name
            for name, value in self._namespace.items()
            if not name.startswith("_")
            and not inspect.ismodule(value)
            and not (name in self._hidden and self._hidden[name] is value)
        ]
        return [_row("Python", name, *_described(self._namespace[name])) for name in sorted(names)[:_MOST]]

    def _python_table(self, name: str, start: int) -> Message:
        value: Any = self._namespace.get(name)
        shape = _shape(value)
        if shape is None or not _has_table(value):
            return {"error": f"{name} is no table any more"}
        if _is(value, "numpy", "ndarray"):
            labels = range(start, min(start + ROWS, shape[0]))
            heads = [str(number) for number in range(min(shape[1], COLUMNS))]
            types = [str(value.dtype)] * len(heads)
            rows = value[start : start + ROWS, :COLUMNS].tolist()
        else:
            frame = value.to_frame() if len(shape) == 1 else value
            part = frame.iloc[start : start + ROWS, :COLUMNS]
            heads, types = [str(name) for name in part.columns], [str(kind) for kind in part.dtypes]
            labels, rows = part.index, part.itertuples(index=False, name=None)
        return {
            "heads": heads,
            "types": types,
            "labels": [_cell(label) for label in labels],
            "rows": [[_cell(cell) for cell in row] for row in rows],
            "start": start,
            "total": shape[0],
            "columns": shape[1] if len(shape) > 1 else 1,
        }

    # ---- R's

    def _r_variables(self) -> list[Message] | None:
        """None: R does not run."""
        parts = self._session.ask("list_variables", str(_MOST))
        if parts is None:
            return None
        return [
            _row("R", name, type, size, None if memory == "NA" else int(float(memory)), value, table == "yes")
            for name, type, size, memory, value, table in zip(*parts, strict=True)
        ]

    def _r_table(self, name: str, start: int) -> Message:
        parts = self._session.ask("table_rows", name, str(start), str(ROWS), str(COLUMNS))
        if not parts:
            return {"error": f"{name} is no table any more" if parts is not None else "R is not running"}
        heads, types, labels, cells, (total, columns) = parts
        count = len(labels)
        return {
            "heads": heads,
            "types": types,
            "labels": labels,
            "rows": [cells[row::count] for row in range(count)],
            "start": start,
            "total": int(total),
            "columns": int(columns),
        }


def install(shell: Any, variables: Variables) -> None:
    """Let front ends of a kernel ask, by a comm."""
    manager = getattr(getattr(shell, "kernel", None), "comm_manager", None)
    if manager is None:
        return

    def opened(comm: Any, message: Message) -> None:
        comm.on_msg(lambda received: comm.send(variables.answer(received["content"]["data"])))
        comm.send(variables.answer(message["content"]["data"]))

    manager.register_target(TARGET, opened)


def remove(shell: Any) -> None:
    """Take the comm's name away."""
    manager = getattr(getattr(shell, "kernel", None), "comm_manager", None)
    if manager is not None and TARGET in manager.targets:
        manager.unregister_target(TARGET, manager.targets[TARGET])


def _row(
    language: str, name: str, type: str, size: str, memory: int | None, value: str, table: bool
) -> Message:
    return {
        "language": language, "name": name, "type": type, "size": size, "bytes": memory, "value": value,
        "table": table,
    }  # fmt: skip


def _described(value: Any) -> tuple[str, str, int | None, str, bool]:
    """Type, size, bytes, beginning of the value, and whether it has a table."""
    kind = type(value).__name__
    if isinstance(value, type):
        return "class", "", None, "", False
    if inspect.isroutine(value):
        return "function", "", None, _signature(value), False
    shape = _shape(value)
    if shape is not None:
        size = " × ".join(f"{length:,}" for length in shape)
        return kind, size, _bytes_of_array(value), _cut(_short_array(value)), _has_table(value)
    if type(value) in _SIMPLE:
        size = f"{len(value):,}" if isinstance(value, (str, bytes)) else ""
        return kind, size, sys.getsizeof(value), _simple(value), False
    if type(value) in _CONTAINERS:
        return kind, f"{len(value):,}", sys.getsizeof(value), _container(value), False
    return kind, "", None, "", False


def _is(value: Any, package: str, *names: str) -> bool:
    kind = type(value)
    return kind.__name__ in names and kind.__module__.partition(".")[0] == package


def _shape(value: Any) -> tuple[int, ...] | None:
    known = _is(value, "numpy", "ndarray") or _is(value, "pandas", "DataFrame", "Series")
    return tuple(int(length) for length in value.shape) if known else None


def _has_table(value: Any) -> bool:
    return len(value.shape) == 2 if _is(value, "numpy", "ndarray") else True


def _bytes_of_array(value: Any) -> int:
    if _is(value, "numpy", "ndarray"):
        return int(value.nbytes)
    memory = value.memory_usage(index=True)
    return int(memory.sum() if hasattr(memory, "sum") else memory)


def _short_array(value: Any) -> str:
    if _is(value, "pandas", "DataFrame"):
        return ", ".join(str(name) for name in value.columns[:20])
    if _is(value, "pandas", "Series"):
        return " ".join(_cell(item) for item in value.iloc[:10].tolist())
    return (
        " ".join(_cell(item) for item in value[(0,) * (value.ndim - 1)][:10].tolist()) if value.size else ""
    )


def _simple(value: Any) -> str:
    if isinstance(value, (str, bytes)):
        return _cut(repr(value[: _LONGEST + 1]))
    if type(value) is int and value.bit_length() > 300:  # its digits may take long
        return "…"
    return repr(value)


def _container(value: Any) -> str:
    items: list[str] = []
    for item in value:
        if len(items) == 10:
            items.append("…")
            break
        items.append(_simple(item) if type(item) in _SIMPLE else f"<{type(item).__name__}>")
    return _cut(", ".join(items))


def _signature(function: Callable[..., Any]) -> str:
    try:
        return _cut(str(inspect.signature(function)))
    except (TypeError, ValueError):  # one of C's
        return ""


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return _cut(str(value))


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
