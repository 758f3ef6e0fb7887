"""R's data frames, from columns, pairs, pandas or CSV files, and to CSV files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import engine
from ..engine import wraps
from .conversion import to_python, to_r
from .table import Table
from .vector import ListVector

__all__ = ["DataFrame"]


@wraps(rclass=["data.frame"])
class DataFrame(Table, ListVector):
    """A data frame.

    Parameters
    ----------
    columns
        A dict, `OrdDict`, `TaggedList` or pairs: column by name; or anything else R can make a frame of.
    stringsAsFactors : bool
        Make factors of texts.
    check_names : bool
        Change names that R's syntax does not have.
    """

    def __init__(self, columns: Any, stringsAsFactors: bool = False, check_names: bool = False) -> None:
        options = {"stringsAsFactors": stringsAsFactors, "check.names": check_names}
        if hasattr(columns, "typeof") or hasattr(columns, "dtypes"):
            self._become(
                engine.call_named("base::as.data.frame", [columns], {"stringsAsFactors": stringsAsFactors})
            )
            return
        pairs = list(columns.items()) if hasattr(columns, "items") else list(columns)
        # Through a list: arguments of data.frame() could not be called `row.names`.
        parts = ListVector([(name, to_r(value)) for name, value in pairs])
        self._become(
            engine.call_named("base::data.frame", [parts], options)
            if pairs
            else engine.call("base::data.frame")
        )

    @property
    def dim(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        rows, columns = engine.call("base::dim", self)
        return int(rows), int(columns)

    def head(self, n: int = 6) -> Any:
        """Return the first rows."""
        return to_python(engine.call("utils::head", self, n))

    def rbind(self, *others: Any, **named: Any) -> Any:
        """Return a frame with the rows of others, too."""
        return self._bind("base::rbind", others, named)

    def cbind(self, *others: Any, **named: Any) -> Any:
        """Return a frame with the columns of others, too."""
        return self._bind("base::cbind", others, named)

    def _bind(self, function: str, others: Any, named: Any) -> Any:
        named = {name: to_r(value) for name, value in named.items()}
        return to_python(engine.call_named(function, [self, *map(to_r, others)], named))

    def iter_row(self) -> Iterator[Any]:
        """Iterate over the rows, frames of one row."""
        return (self.rx(number, True) for number in range(1, self.nrow + 1))

    def iter_column(self) -> Iterator[Any]:
        """Iterate over the columns."""
        return iter(self)

    @staticmethod
    def from_csvfile(
        path: Any,
        header: bool = True,
        sep: str = ",",
        quote: str = '"',
        dec: str = ".",
        row_names: Any = None,
        col_names: Any = None,
        fill: bool = True,
        comment_char: str = "",
        na_strings: Any = ("NA",),
        as_is: bool = True,
    ) -> Any:
        """Read a CSV file, by Python's path or, where Python has no such file, by R's."""
        options = {
            "header": header,
            "sep": sep,
            "quote": quote,
            "dec": dec,
            "fill": fill,
            "comment.char": comment_char,
            "as.is": as_is,
            "na.strings": na_strings if isinstance(na_strings, str) else list(na_strings),
        }
        given = {"row.names": row_names, "col.names": col_names}
        options.update({name: value for name, value in given.items() if value is not None})
        file = Path(str(path))
        source = {"text": file.read_text("utf-8")} if file.is_file() else {"file": str(path)}
        return engine.call_named("utils::read.table", [], {**source, **options})

    def to_csvfile(
        self, path: Any, quote: bool = True, sep: str = ",", eol: str = "\n", na: str = "NA", dec: str = ".",
        row_names: Any = True, col_names: Any = True, qmethod: str = "escape", append: bool = False,
    ) -> None:  # fmt: skip
        """Write a CSV file, by Python's path."""
        options = {
            "quote": quote, "sep": sep, "na": na, "dec": dec, "row.names": row_names, "col.names": col_names,
            "qmethod": qmethod,
        }  # fmt: skip
        (text,) = engine.question("csv", self, **options)
        with open(path, "a" if append else "w", encoding="utf-8", newline="") as file:
            file.write(text.replace("\n", eol) + eol)

    def __repr__(self) -> str:
        rows, columns = self.dim
        return f"<DataFrame: {rows} rows, {columns} columns>\n{engine.call('utils::head', self)!s}"

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        frame = engine.native(self)
        return frame.to_numpy() if dtype is None else frame.to_numpy(dtype)
