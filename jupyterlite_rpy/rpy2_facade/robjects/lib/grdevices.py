"""`rpy2.robjects.lib.grdevices`: what is drawn in a `with` block, as bytes of a picture."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

from ... import engine
from ..packages import importr

__all__ = ["render_to_bytesio", "render_to_file"]


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(importr("grDevices"), name)


@contextlib.contextmanager
def render_to_file(device: Any, *args: Any, **named: Any) -> Iterator[str]:
    """Draw into a file of R's; the name is yielded.

    Parameters
    ----------
    device
        An R function that opens a device, such as `grdevices.png`.
    """
    (path,) = engine.call("base::tempfile")
    device(path, *args, **named)
    number = engine.call("grDevices::dev.cur")
    try:
        yield str(path)
    finally:
        engine.call("grDevices::dev.off", number)


@contextlib.contextmanager
def render_to_bytesio(device: Any, *args: Any, **named: Any) -> Iterator[io.BytesIO]:
    """Draw into memory: the bytes are there after the block."""
    content = io.BytesIO()
    with render_to_file(device, *args, **named) as path:
        yield content
    size = engine.native(engine.call("base::file.size", path))[0]
    content.write(bytes(engine.native(engine.call("base::readBin", path, "raw", size))))
    content.seek(0)
    engine.call("base::unlink", path)
