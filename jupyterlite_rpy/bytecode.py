"""A site with its own Pyodide in; bytecode of what its kernels import out, where Node.js is.

A kernel compiles more than 600 modules each time it starts, 220 of them Python's own, which takes most of the
start. Only the site's own Python can compile them beforehand: it runs in Node.js for that, once.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from .errors import RuntimeStartError
from .kernel_lock import BYTECODE, BYTECODE_FOLDER, PYODIDE
from .runtime.child import find_node

__all__ = ["STANDARD_LIBRARY", "Bytecode", "BytecodeError", "compile_bytecode"]

_PACKAGE = Path(__file__).parent
STANDARD_LIBRARY = "python_stdlib.zip"
_PROGRAMS = [
    _PACKAGE / "js" / "bytecode.mjs",
    _PACKAGE / "compile_modules.py",
    _PACKAGE / "sitecustomize.py",
]
_PATIENCE = 300
_LONG = 300


class BytecodeError(Exception):
    """It could not be made; the message says why. The site works without."""


@dataclass(frozen=True)
class Bytecode:
    """Files of a site."""

    wheels: Mapping[str, Path]
    """By their distributions' names."""
    standard_library: Path
    """Pyodide's archive with bytecode besides."""

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return all(file.is_file() for file in self.files)

    @property
    def files(self) -> list[Path]:
        """All of it."""
        return [*self.wheels.values(), self.standard_library]


def compile_bytecode(
    output: Path, lock: str, own: Path, packages: Sequence[str], libraries: Mapping[str, str]
) -> Bytecode:
    """Return the bytecode, which is made unless it is in the site already.

    Parameters
    ----------
    output
        The site.
    lock
        Text of a lock file for its Pyodide, which knows `packages`.
    own
        This package's wheel.
    packages
        What a kernel starts with.
    libraries
        By the name of a distribution: of what Pyodide's its wheel is to be.

    Raises
    ------
    BytecodeError
        There is no Node.js, or it cannot run this Pyodide.
    """
    made_of = sha256()
    archive = output / PYODIDE / STANDARD_LIBRARY
    if not archive.is_file():
        raise BytecodeError(f"{archive} is missing")
    for part in (lock.encode(), *(file.read_bytes() for file in (own, archive, *_PROGRAMS))):
        made_of.update(sha256(part).digest())
    # An address that changes with the content: browsers may keep what they have.
    folder = output / BYTECODE_FOLDER / made_of.hexdigest()[:12]
    made = Bytecode(
        {name: folder / f"{name.replace('-', '_')}-0-py3-none-any.whl" for name in (BYTECODE, *libraries)},
        folder / STANDARD_LIBRARY,
    )
    if made.whole:
        return made
    try:
        node = find_node()
    except RuntimeStartError as error:
        raise BytecodeError("there is no recent Node.js") from error
    folder.mkdir(parents=True, exist_ok=True)
    # Beside Pyodide's own: the addresses in it are relative.
    temporary = output / PYODIDE / f".{folder.name}.json"
    temporary.write_text(lock, "utf-8")
    script, program, customization = map(str, _PROGRAMS)
    job = {
        "pyodide": str(output / PYODIDE),
        "lock": str(temporary),
        "own": str(own),
        "program": program,
        "packages": list(packages),
        "customization": customization,
        "wheels": {name: str(wheel) for name, wheel in made.wheels.items()},
        "libraries": dict(libraries),
        "standardLibrary": {"from": str(archive), "to": str(made.standard_library)},
    }
    command = [node, script, json.dumps(job)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BytecodeError(f"Node.js could not run this Pyodide: {error}") from error
    finally:
        temporary.unlink()
    if done.returncode != 0 or not made.whole:
        for file in made.files:
            file.unlink(missing_ok=True)
        lines = [line[:_LONG] for line in done.stderr.splitlines() if line.strip()]  # of a minified file
        words = [line for line in lines if "Error" in line][:2] or lines[:5]
        raise BytecodeError("\n".join(["Node.js could not run this Pyodide:", *words]))
    return made
