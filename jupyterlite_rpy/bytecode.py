"""A site with its own Pyodide in; a wheel with bytecode of what its kernels import out, where Node.js is.

A kernel compiles more than 400 modules each time it starts, IPython's most of all, which takes a third of the
start. Only the site's own Python can compile them beforehand: it runs in Node.js for that, once.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from .errors import RuntimeStartError
from .kernel_lock import BYTECODE_WHEEL, PYODIDE
from .runtime.child import find_node

__all__ = ["BYTECODE", "BytecodeError", "compile_wheel"]

BYTECODE = "static/jupyterlite-rpy-bytecode"
_PACKAGE = Path(__file__).parent
_PROGRAMS = [_PACKAGE / "js" / "bytecode.mjs", _PACKAGE / "compile_modules.py"]
_PATIENCE = 300
_LONG = 300


class BytecodeError(Exception):
    """It could not be made; the message says why. The site works without."""


def compile_wheel(output: Path, lock: str, own: Path, packages: Sequence[str]) -> Path:
    """Return the wheel, which is made unless it is in the site already.

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

    Raises
    ------
    BytecodeError
        There is no Node.js, or it cannot run this Pyodide.
    """
    made_of = sha256()
    for part in (lock.encode(), own.read_bytes(), *(program.read_bytes() for program in _PROGRAMS)):
        made_of.update(sha256(part).digest())
    # An address that changes with the content: browsers may keep what they have.
    wheel = output / BYTECODE / made_of.hexdigest()[:12] / BYTECODE_WHEEL
    if wheel.is_file():
        return wheel
    try:
        node = find_node()
    except RuntimeStartError as error:
        raise BytecodeError("there is no recent Node.js") from error
    wheel.parent.mkdir(parents=True, exist_ok=True)
    # Beside Pyodide's own: the addresses in it are relative.
    temporary = output / PYODIDE / f".{wheel.parent.name}.json"
    temporary.write_text(lock, "utf-8")
    script, program = map(str, _PROGRAMS)
    command = [node, script, str(output / PYODIDE), str(temporary), str(own), program, str(wheel), *packages]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BytecodeError(f"Node.js could not run this Pyodide: {error}") from error
    finally:
        temporary.unlink()
    if done.returncode != 0 or not wheel.is_file():
        wheel.unlink(missing_ok=True)
        lines = [line[:_LONG] for line in done.stderr.splitlines() if line.strip()]  # of a minified file
        words = [line for line in lines if "Error" in line][:2] or lines[:5]
        raise BytecodeError("\n".join(["Node.js could not run this Pyodide:", *words]))
    return wheel
