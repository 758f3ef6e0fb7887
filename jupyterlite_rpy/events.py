"""What happens while R runs: the wire's events in, outputs and answers out.

R prints and draws (`stream`, `display`), asks the user (`input`) and calls Python objects (`python`).
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .convert import Buffers, Conversion, decode, encode, refer
from .convert.plain import NOT_PLAIN, Scalar, encode_plain, read_plain
from .errors import RError
from .python import Python, stays
from .replies import from_reply
from .result import Display, Output, Stream
from .runtime import Buffer, Message

Answer = tuple[Message, Sequence[Buffer]]


class Events:
    """The events of one call.

    Parameters
    ----------
    conversion
        How values are converted, and the Python objects that R knows.
    on_output
        Takes what R prints and draws.
    python
        What R may ask of Python besides calls of objects that it has.
    need_libraries
        Decides what values become, if that is not decided yet; called before the first is converted.
    """

    def __init__(
        self,
        conversion: Conversion,
        on_output: Callable[[Output], object],
        python: Python,
        need_libraries: Callable[[], object],
    ) -> None:
        self._conversion = conversion
        self._on_output = on_output
        self._operations = python
        self._need_libraries = need_libraries
        self._raised: dict[int, BaseException] = {}
        self._interrupt: BaseException | None = None
        self._printed = False

    def __call__(self, event: Message, buffers: Sequence[Buffer]) -> Answer | None:
        """Take one event; answer it if it asks."""
        return _HANDLERS[event["event"]](self, event, buffers)

    def scalars(self, id: int, arguments: Sequence[Scalar]) -> Scalar | Answer:
        """Call a Python object with plain scalars, in the shortest way; the answer is one, if it can be."""
        conversion = self._conversion
        if self._printed:
            self._flush()
        try:
            value = conversion.objects.get(id)(*map(read_plain, arguments))  # type: ignore[operator]
        except BaseException as error:
            return self._failed(error)
        if conversion.in_force().empty:
            scalar = encode_plain(value)
            if scalar is not NOT_PLAIN:
                return scalar  # type: ignore[no-any-return]
        return self._python_code(lambda: self._result(value, True))

    def check(self, reply: Message) -> None:
        """Raise what went wrong, if anything did.

        An interrupt of Python code that R called is raised whatever R made of it.
        """
        self._conversion.objects.release(self._raised)
        if self._interrupt is not None:
            raise self._interrupt
        if reply["status"] == "error":
            raise from_reply(reply["error"], python=self._raised.get)

    def _stream(self, event: Message, buffers: Sequence[Buffer]) -> None:
        self._printed = True
        self._on_output(Stream(event["name"], event["text"]))

    def _flush(self) -> None:
        """What R printed comes before what Python code that it calls prints, on whichever stream."""
        self._printed = False
        sys.stdout.flush()
        sys.stderr.flush()

    def _display(self, event: Message, buffers: Sequence[Buffer]) -> None:
        data = bytes(buffers[event["buffer"]])
        self._on_output(
            Display(
                id=event["id"],
                mime=event["mime"],
                data=data if event["mime"] == "image/png" else data.decode("utf-8"),
                update=event["update"],
                width=event["width"],
                height=event["height"],
                text=event.get("text"),
            )
        )

    def _input(self, event: Message, buffers: Sequence[Buffer]) -> Answer:
        return self._python_code(lambda: ({"text": builtins.input(event["prompt"])}, ()))

    def _python(self, event: Message, buffers: Sequence[Buffer]) -> Answer:
        conversion = self._conversion
        received = Buffers(buffers)

        def run() -> Answer:
            self._need_libraries()
            name = event.get("name")
            function: Any = (
                conversion.objects.get(event["id"]) if name is None else self._operations.operation(name)
            )
            arguments = [
                (a["name"], decode(a["value"], received, context=conversion, scalars=True))
                for a in event["args"]
            ]
            value = function(
                *(value for name, value in arguments if name is None),
                **{name: value for name, value in arguments if name is not None},
            )
            return self._result(value, event.get("convert", True))

        return self._python_code(run)

    def _result(self, value: object, convert: bool) -> Answer:
        self._need_libraries()
        if not convert or stays(value):
            return {"value": refer(value, context=self._conversion, convert=convert)}, ()
        out = Buffers()
        return {"value": encode(value, out, context=self._conversion)}, out

    def _scalars(self, event: Message, buffers: Sequence[Buffer]) -> Answer:
        answer = self.scalars(event["id"], event["args"])
        return answer if isinstance(answer, tuple) else ({"scalar": answer}, ())

    def _python_code(self, run: Callable[[], Answer]) -> Answer:
        """Run Python code inside R. What it raises may not fly through R: R is told, and raises its own."""
        if self._printed:
            self._flush()
        try:
            return run()
        except BaseException as error:
            return self._failed(error)

    def _failed(self, error: BaseException) -> Answer:
        self._operations.last_error = error
        if not isinstance(error, Exception):
            self._interrupt = error  # KeyboardInterrupt, SystemExit: R's own handlers must not keep it
        number = self._conversion.objects.add(error)
        self._raised[number] = error
        names = [cls.__name__ for cls in type(error).__mro__[:-1]]
        # Of R's own errors the bare message: each level on the way up adds its "Error in f() :".
        message = error.message if isinstance(error, RError) else str(error)
        return {"error": {"message": message, "class": names, "python": number}}, ()


class LateEvents:
    """The events of a call in which most often nothing happens: made when something does.

    Parameters
    ----------
    make
        Makes the `Events`.
    """

    __slots__ = ("_make", "made")

    def __init__(self, make: Callable[[], Events]) -> None:
        self._make = make
        self.made: Events | None = None

    def _get(self) -> Events:
        if self.made is None:
            self.made = self._make()
        return self.made

    def __call__(self, event: Message, buffers: Sequence[Buffer]) -> Answer | None:
        """Take one event; answer it if it asks."""
        return self._get()(event, buffers)

    def scalars(self, id: int, arguments: Sequence[Scalar]) -> Scalar | Answer:
        """Call a Python object with plain scalars."""
        return self._get().scalars(id, arguments)


_HANDLERS: dict[str, Callable[[Events, Message, Sequence[Buffer]], Answer | None]] = {
    "stream": Events._stream,
    "display": Events._display,
    "input": Events._input,
    "python": Events._python,
    "scalars": Events._scalars,
}
