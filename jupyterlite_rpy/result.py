"""What one evaluation gave: outputs in R's order, values by name, the value of the last expression."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Stream:
    """Text that R printed. `name` is "stdout" or "stderr" (messages and warnings)."""

    name: str
    text: str


@dataclass(frozen=True)
class Display:
    """A picture or a page of HTML.

    Parameters
    ----------
    id
        Names this output; a later one with the same id and `update` takes its place.
    mime
        `image/png`, `image/svg+xml` or `text/html`.
    data
        The bytes of a PNG; text otherwise.
    width, height
        Displayed size in CSS pixels. None: as the picture says.
    text
        The same as plain text, for places that cannot show it.
    """

    id: str
    mime: str
    data: bytes | str
    update: bool = False
    width: float | None = None
    height: float | None = None
    text: str | None = None


Output = Stream | Display


@dataclass
class Result:
    """What `Session.run` returns.

    Parameters
    ----------
    outputs
        What was printed and drawn, in order, updates put in their places. Empty when `on_output` took it.
    values
        The values asked for by `outputs=[...]`.
    value
        The value of the last expression, if it was asked for.
    visible
        Whether R would have printed that value.
    """

    outputs: list[Output] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    value: Any = None
    visible: bool = False

    @property
    def stdout(self) -> str:
        """All text that R printed."""
        return self._text("stdout")

    @property
    def stderr(self) -> str:
        """All messages and warnings."""
        return self._text("stderr")

    @property
    def displays(self) -> list[Display]:
        """The pictures and pages, in order."""
        return [output for output in self.outputs if isinstance(output, Display)]

    def _text(self, name: str) -> str:
        return "".join(o.text for o in self.outputs if isinstance(o, Stream) and o.name == name)

    def add(self, output: Output) -> None:
        """Append an output; an update replaces what it updates."""
        if isinstance(output, Display) and output.update:
            for i, earlier in enumerate(self.outputs):
                if isinstance(earlier, Display) and earlier.id == output.id:
                    self.outputs[i] = output
                    return
        self.outputs.append(output)


def print_output(output: Output) -> None:
    """Write text to `sys.stdout` and `sys.stderr`; what only a notebook can show is named."""
    if isinstance(output, Stream):
        stream = sys.stdout if output.name == "stdout" else sys.stderr
        stream.write(output.text)
        stream.flush()
    elif output.text is not None:
        print(output.text)
    elif not output.update:
        unit = "bytes" if isinstance(output.data, bytes) else "characters"
        print(f"<{output.mime}: {len(output.data)} {unit}>")
