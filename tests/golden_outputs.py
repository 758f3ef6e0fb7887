"""The cells of a notebook that ran in; their outputs, compared with its golden file or written there, out.

A golden file has one entry for each code cell: its outputs, and where they differ `without_numpy`, those
of a host without NumPy and pandas, and `with_pandas_3`, which writes a missing text as NaN and not as <NA>.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"

NORMALISE = [
    (r"\x1b\[[0-9;]*m", "", "colours of tracebacks depend on IPython's version"),
    (r"^<class '(?:\w+\.)*(\w+)'>$", r"\1", "the kernel of JupyterLite 0.7 names a class by its repr"),
    (r"(C stack usage) +\d+", r"\1 N", "how much of the stack R has depends on the host"),
    (r"^-{20,}$", "----", "the rule above a traceback is as wide as the terminal"),
    (r"^(\w+Error) +(Traceback)", r"\1 \2", "and so is the space in the line below it"),
    (r"\bIn ?\[\d+\]", "In[n]", "a kernel that ran something before counts on"),
    (r"\b(clip|glyph|surface)(?:-?\d+)+\b", r"\1", "Cairo numbers what it draws over the life of an R"),
]
"""What differs from run to run or from host to host: pattern, what it becomes, why."""


def normalise(text: str) -> str:
    """Replace what no golden file can know."""
    for pattern, replacement, _ in NORMALISE:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


LOADED = r"The [\w.]+ extension is already loaded\. To reload it, use:\n  %reload_ext [\w.]+\n"


def without_loading(cells: list[Any]) -> list[Any]:
    """The cells, without what `%load_ext` says in a kernel that has loaded the extension before."""
    for cell in cells:
        for output in cell["outputs"] if cell["cell_type"] == "code" else ():
            if output["output_type"] == "stream":
                output["text"] = re.sub(LOADED, "", _text(output["text"]))
        if cell["cell_type"] == "code":
            cell["outputs"] = [o for o in cell["outputs"] if o.get("text") != ""]
    return cells


def described(cells: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Code cells of a notebook (its JSON) as a golden file has them."""
    return [
        {"cell": _text(cell["source"]).split("\n", 1)[0], "outputs": _outputs(cell["outputs"])}
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def check(
    name: str,
    cells: Iterable[Mapping[str, Any]],
    *,
    numpy: bool = True,
    pandas_3: bool = False,
    update: bool = False,
) -> None:
    """Compare a notebook's outputs with `golden/<name>.json`, or write them there.

    Parameters
    ----------
    name
        Of the notebook.
    cells
        Its cells after it ran.
    numpy
        Whether the host has NumPy and pandas.
    pandas_3
        Whether that pandas is version 3 or later.
    update
        Write instead of comparing.
    """
    path = GOLDEN / f"{name}.json"
    cells = list(cells)
    for cell in cells:
        if "raises-exception" not in cell["metadata"].get("tags", ()):
            errors = [output for output in cell.get("outputs", ()) if output["output_type"] == "error"]
            assert not errors, f"{_text(cell['source'])}\n{errors}"
    found = described(cells)
    variant = "without_numpy" if not numpy else "with_pandas_3" if pandas_3 else ""
    if update:
        known = json.loads(path.read_text("utf-8")) if path.exists() else []
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            json.dumps(_merged(known, found, variant), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
    expected = [
        {
            "cell": cell["cell"],
            "outputs": cell.get(variant, cell["outputs"]),
        }
        for cell in json.loads(path.read_text("utf-8"))
    ]
    assert [cell["cell"] for cell in found] == [cell["cell"] for cell in expected], (
        "other cells: --update-golden"
    )
    for one, other in zip(found, expected, strict=True):
        assert one == other, f"found:    {json.dumps(one)}\nexpected: {json.dumps(other)}"


def _merged(known: list[dict[str, Any]], found: list[dict[str, Any]], variant: str) -> list[dict[str, Any]]:
    if not variant:
        return found
    merged = [{key: value for key, value in cell.items() if key != variant} for cell in known]
    for cell, other in zip(merged, found, strict=True):
        if other["outputs"] != cell["outputs"]:
            cell[variant] = other["outputs"]
    return merged


def _outputs(outputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    stream = text = ""
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            # In how many pieces text arrives says nothing.
            text = text + _text(output["text"]) if stream == output["name"] else _text(output["text"])
            if stream == output["name"]:
                found.pop()
            stream = output["name"]
            found.append({stream: _lines(text)})
            continue
        stream = ""
        if "application/javascript" in output.get("data", {}):
            continue  # asks the browser for something (files.py); there is nothing to see
        if kind == "error":
            error = {"error": normalise(output["ename"]), "message": _lines(output["evalue"])}
            found.append({**error, "traceback": _lines("\n".join(output["traceback"]))})
        else:
            data = {mime: _data(mime, value) for mime, value in sorted(output["data"].items())}
            found.append({kind: data, "metadata": dict(output["metadata"])})
    return found


def _data(mime: str, value: Any) -> Any:
    if mime == "image/png":
        # R draws with its own fonts in WebAssembly: the same bytes on every host.
        data = base64.b64decode(_text(value))
        return {"pixels": list(struct.unpack(">II", data[16:24])), "sha256": hashlib.sha256(data).hexdigest()}
    text = _text(value)
    if mime == "image/svg+xml":
        return {
            "head": text[: text.index(">", text.index("<svg")) + 1],
            "sha256": hashlib.sha256(normalise(text).encode()).hexdigest(),
        }
    return _lines(text)


def _lines(text: str) -> Any:
    """Text as it can be read in JSON: by lines, if it has more than one."""
    lines = normalise(text).split("\n")
    return lines if len(lines) > 1 else lines[0]


def _text(value: Any) -> str:
    """Text of a notebook: a string or a list of its lines."""
    return value if isinstance(value, str) else "".join(value)
