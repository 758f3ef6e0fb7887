"""The file to read first: Python's side of one R. R code and Python values in, results and Python values out.

A session says what R is to do. Its `exchange` encodes the values (`convert`), hands the request to R
(`runtime`), turns what happens meanwhile into outputs (`events`), and decodes the reply. Every call is
synchronous; R starts with the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .config import RSettings
from .convert import Conversion, learn
from .convert.plain import NOT_PLAIN
from .exchange import Encode, Exchange, OnOutput
from .figure import Devices, Figure
from .library import Library
from .python import Python
from .result import Result
from .robject import RFunction, from_handle
from .rpackages import Installed
from .runtime import Message, Progress, Runtime, StartOptions, open_runtime
from .start import Start, start_options


class Session:
    """One R, its global environment, and the Python objects that it holds on to.

    Parameters
    ----------
    runtime
        Where R runs. None: where it does on this host.
    settings
        What the user has set: it counts when R starts, before what a given runtime has in its `StartOptions`.

    Attributes
    ----------
    progress : callable
        Makes a context whose value is told how far a start is.
    python : Python
        What R sees of Python; its `namespace` holds the variables that R's ``py$x`` means.
    library : Library
        The packages of this R.
    make_object, make_dict : callable
        What objects that stay in R, and named lists, are in Python: `RObject` and `dict` unless told.

    Examples
    --------
    ::

        session = get_session()
        session.set({"xs": [1.0, 2.0, 4.0]})
        session.run("m <- mean(xs)", outputs=["m"]).values["m"]
        session.call("stats::median", [3, 1, 2])
    """

    def __init__(self, runtime: Runtime | None = None, settings: RSettings | None = None) -> None:
        self.settings = settings if settings is not None else RSettings()
        given = runtime.options if runtime is not None else StartOptions()
        self.runtime = runtime if runtime is not None else open_runtime(start_options(self.settings))
        self.progress: Callable[[], AbstractContextManager[Progress | None]] = nullcontext
        self.make_object: Callable[[Mapping[str, Any], Session], Any] = from_handle
        self.make_dict: Callable[[Iterable[tuple[Any, Any]]], dict[Any, Any]] = dict
        self.python = Python()
        self._start = Start(self.runtime, self.settings, given)
        self._exchange = Exchange(self.runtime, self.python, self.start, self._start.libraries, self._begin)
        self.library = Library(self.runtime, self.settings, self._exchange)
        self.python.installer = self.library.install_for_r
        self.runtime.on_libraries = learn
        self._devices = Devices(self.settings)
        self.settings.observe(self._devices.forget)
        self.settings.observe(self._set_timezone, "timezone")

    @property
    def on_output(self) -> OnOutput:
        """Takes what R prints and draws when a call does not say otherwise."""
        return self._exchange.on_output

    @on_output.setter
    def on_output(self, take: OnOutput) -> None:
        self._exchange.on_output = take

    # ---- what users call

    def run(
        self,
        code: str,
        inputs: Mapping[str, object] | None = None,
        outputs: Sequence[str] = (),
        *,
        show: str = "all",
        value: bool = False,
        figure: Figure | None = None,
        name: str | None = None,
        html: bool = False,
        keep: bool = False,
        on_output: OnOutput | None = None,
    ) -> Result:
        """Evaluate R code at top level, as R's console does.

        Parameters
        ----------
        code
            R source. A syntax error is raised before any of it runs.
        inputs
            Values assigned in R's global environment first. All are converted, or none is assigned.
        outputs
            Names whose values the result is to hold, looked up as R does, after the code ran.
        show
            Which visible values to print: "all", "last" or "none".
        value
            Whether the result is to hold the value of the last expression, visible or not.
        figure
            Size and format of plots, where they differ from the settings.
        name
            What R calls the source in messages.
        html
            Whether visible values that have an HTML form come as a `Display` with their text, not as text.
        keep
            Whether the value of the last expression stays in R, as an `RObject`, whatever it is.
        on_output
            Takes each output when it happens. None: the result holds them all.

        Raises
        ------
        RError
            The R code failed. What it printed, drew and assigned before stays.
        ConversionError
            A value has no counterpart in the other language.
        """
        result = Result()
        self.library.provide_for(code, on_output or result.add)
        request: Message = {
            "op": "run",
            "code": code,
            "inputs": list(inputs or ()),
            "outputs": list(outputs),
            "show": show,
            "value": value,
            "device": self._devices.of(figure),
        }
        if name is not None:
            request["name"] = name
        if html:
            request["html"] = True
        if keep:
            request["keep"] = True
        timeout = self.settings.timeout
        if timeout:
            request["timeout"] = timeout

        def fill(encode: Encode) -> None:
            request["inputs"] = [
                {"name": name, "value": encode(input, name)} for name, input in (inputs or {}).items()
            ]

        with self.runtime.limited(timeout):
            reply, received = self._exchange.send(request, fill, on_output or result.add)
        result.values = {
            output["name"]: self._exchange.decode(output["value"], received, output["name"])
            for output in reply.get("outputs") or ()
        }
        result.value = self._exchange.value(reply, received)
        result.visible = bool(reply.get("visible"))
        return result

    def eval(self, code: str) -> Any:
        """Return the value of R code. Nothing is printed but what the code itself prints."""
        self.library.provide_for(code, self.on_output)
        request: Message = {
            "op": "run", "code": code, "show": "none", "value": True, "device": self._devices.of()
        }  # fmt: skip
        return self._exchange.value(*self._exchange.send(request))

    def get(self, name: str, *, keep: bool = False) -> Any:
        """Return the value of an R variable, found as R finds it from the global environment.

        With `keep` the object stays in R and comes as an `RObject`, whatever it is.

        Raises
        ------
        ObjectNotFoundError
            There is no such variable (a `KeyError`).
        """
        reply, received = self._exchange.send({"op": "get", "name": name, "keep": keep})
        return self._exchange.decode(reply["value"], received, name)

    def set(self, values: Mapping[str, object]) -> None:
        """Assign variables in R's global environment: all of them, or none if one cannot be converted."""
        request: Message = {"op": "set"}

        def fill(encode: Encode) -> None:
            request["inputs"] = [{"name": name, "value": encode(v, name)} for name, v in values.items()]

        self._exchange.send(request, fill)

    def call(self, function: object, /, *args: object, **kwargs: object) -> Any:
        """Call an R function and return its result. `function`: "mean", "stats::lm", or an `RFunction`."""
        return self.call_function(function, args, kwargs)

    def call_function(
        self,
        function: object,
        args: Iterable[object] = (),
        kwargs: Mapping[str, object] | None = None,
        keep: bool = False,
        *,
        at_top: bool = False,
    ) -> Any:
        """Call an R function with arguments as values; with `keep` the result stays in R, as an `RObject`.

        With `at_top` the caller is the global environment, for functions that look there (assign, ls).
        """
        if (
            isinstance(function, RFunction)
            and not (kwargs or keep or at_top)
            and self._start.failure is None
            and self._exchange.device is self._devices.as_set
        ):
            result = self._exchange.send_scalars(function, args)
            if result is not NOT_PLAIN:
                return result
        request: Message = {"op": "call", "keep": keep, "device": self._devices.of()}
        if at_top:
            request["frame"] = "global"

        def fill(encode: Encode) -> None:
            request["function"] = {"name": function} if isinstance(function, str) else encode(function, "")
            if isinstance(function, RFunction) and function.label is not None:
                request["function"]["label"] = function.label
            named = [*((None, value) for value in args), *(kwargs or {}).items()]
            request["args"] = [{"name": name, "value": encode(value, name or "")} for name, value in named]

        reply, received = self._exchange.send(request, fill)
        return self._exchange.decode(reply["value"], received)

    def html(self, value: object) -> tuple[str, str] | None:
        """Return the HTML that a cell shows for a value of R, and its text; None if it has only text."""
        found = self._exchange.call_bridge("rich_value", (value,))
        if found is None:
            return None
        return "\n".join(map(str, found["html"])), "\n".join(map(str, found["text"]))

    def ask(self, function: str, *args: str | Sequence[str]) -> list[list[str]] | None:
        """Ask one of the package's R functions about what is there, without evaluating code of the user's.

        None: R does not run (it is not started for this), or is at work.
        """
        return self._exchange.ask(function, args)

    def install(self, *packages: str, **options: Any) -> list[Installed]:
        """Install R packages and what they need, as `Library.install` says."""
        return self.library.install(*packages, **options)

    # ---- starting and ending

    @property
    def wanted(self) -> bool:
        """Whether a cell that could not wait asked for R: the next one is to wait for it beforehand."""
        return self._start.wanted

    @property
    def epoch(self) -> int:
        """Which R this is: one more for each fresh start. Objects kept in an older one are void."""
        return self.runtime.epoch

    async def prepare(self, cell: str = "", progress: Progress | None = None) -> None:
        """Start R if it is not running, and load what `cell` needs. A failure is raised by the next call."""
        await self._start.prepare(cell, progress)

    async def load(self) -> None:
        """Load what R's start needs, where that takes time, without starting it."""
        await self._start.load()

    def start(self) -> None:
        """Start R now, if it is not running, without giving up the thread.

        Raises
        ------
        RuntimeStartError
            It cannot be started, or not without waiting: then it will be there for the next cell.
        """
        self._start.now(self.progress)
        self.library.installer.restore()
        self.library.settle()

    def close(self) -> None:
        """End R. Its variables are lost; the next call starts a fresh one."""
        self._exchange.close()

    def queue_release(self, id: int, epoch: int) -> None:
        """Let R forget a kept object with the next call. Safe in finalizers: it only takes a note."""
        self._exchange.queue_release(id, epoch)

    def _set_timezone(self, change: Mapping[str, Any]) -> None:
        """Let a running R have the zone that was set; an R that starts later begins with it."""
        if self.runtime.ready and change["new"]:
            self.run("Sys.setenv(TZ = zone)", {"zone": change["new"]}, show="none")

    def _begin(self) -> Conversion:
        return Conversion(
            numpy=False,
            pandas=False,
            timezone=self.runtime.timezone,
            handle=lambda node: self.make_object(node, self),
            make_dict=lambda pairs: self.make_dict(pairs),
            call=self.call_function,
        )


_session: Session | None = None


def get_session(settings: RSettings | None = None) -> Session:
    """The session of this process, made with `settings` if there is none yet."""
    global _session
    if _session is None:
        _session = Session(settings=settings)
    return _session
