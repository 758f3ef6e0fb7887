"""The magics: a line and a cell in; values to the user's names and outputs to the notebook out."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from IPython.core.error import UsageError
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from traitlets import Bool, List, TraitError

from .config import RSettings
from .display import OPTION_SOURCE, publish, shorten
from .figure import DEVICES
from .options import OptionError, Options, parse, parse_input, parse_output, split_list
from .session import Session


@magics_class
class RMagics(Magics):
    """`%R`, `%%R`, `%Rpush`, `%Rpull`, `%Rget`, `%Rdevice`, `%Rinstall`, `%Roptions`."""

    shell: Any  # an InteractiveShell, never None once registered

    def __init__(self, shell: Any, session: Session) -> None:
        super().__init__(shell)
        self.session = session

    @needs_local_scope
    @no_var_expand
    @line_cell_magic
    def R(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:
        """Run R code: `%R code` for a line and its value, `%%R` for a cell.

        A cell prints every visible value, as R's console does, and shows plots where they are drawn. A line
        prints nothing by itself and has the value of its last expression: `x = %R mean(c(1, 2))`; none with
        `-n`, or when the code ends in `;`.

        Options come before the code:

        -i a,b         give these Python variables to R first; `name=expression` for another name or a value
        -o a,b         take these R variables afterwards; `python_name=r_name` for another name
        -w N -h N      size of plots: pixels for PNG, inches for SVG, or what -u says
        -u UNIT        px, in, cm or mm
        -r N           pixels per inch (72)
        -p N           point size of text (12)
        -b COLOUR      background ("white")
        --device NAME  png or svg, for this cell (--graphics-device is the same)
        -n             no value
        -c NAME        Converters to use for this cell
        -d NAME        a Python function called with (value, options) instead of printing the last value

        A number may come from Python: `-w {width}`. Options may also end the line: `%R y <- f(x) -i x -o y`.
        """
        with _short_errors():
            scope = _Scope(self.shell.user_ns, local_ns)
            options, rest = parse(line, scope.evaluate)
            # A cell's first line is the magic's own: R counts lines as the notebook does.
            code = (rest if cell is None else f"{rest}\n{cell}").replace("\r\n", "\n").rstrip("\n")
            return self._run(options, code, scope, is_line=cell is None)

    def _run(self, options: Options, code: str, scope: _Scope, *, is_line: bool) -> Any:
        converters, show = _converters(options, scope), _display(options, scope)
        returns = is_line and not options.noreturn and not code.rstrip().endswith(";")
        with converters:
            result = self.session.run(
                code,
                inputs={name: scope.evaluate(expression) for name, expression in options.input},
                outputs=[r for r, _ in options.output],
                show="none" if is_line or show is not None else self.session.settings.print,
                value=returns or show is not None,
                figure=options,
                name=f"<cell {_number(self.shell)}>",
                html=self.session.settings.html and not is_line,
                on_output=publish,
            )
        self.shell.push({python: result.values[r] for r, python in options.output})
        if show is not None:
            if result.visible:
                show(result.value, options)
            return None
        return result.value if returns else None

    @needs_local_scope
    @no_var_expand
    @line_magic
    def Rpush(self, line: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Give Python variables to R: `%Rpush a b name=expression`; `-c converters` as in `%%R`."""
        with _short_errors():
            scope = _Scope(self.shell.user_ns, local_ns)
            options, items = _converter_and_names(line, "%Rpush a b name=expression")
            pairs = [parse_input(item) for item in items]
            values = {name: scope.evaluate(expression) for name, expression in pairs}
            with _converters(options, scope):
                self.session.set(values)

    @needs_local_scope
    @no_var_expand
    @line_magic
    def Rpull(self, line: str, local_ns: Mapping[str, Any] | None = None) -> None:
        """Take R variables: `%Rpull a b python_name=r.name`; `-c converters` as in `%%R`."""
        with _short_errors():
            options, items = _converter_and_names(line, "%Rpull a b python_name=r.name")
            pairs = [parse_output(item) for item in items]
            with _converters(options, _Scope(self.shell.user_ns, local_ns)):
                self.shell.push({python: self.session.get(r) for r, python in pairs})

    @needs_local_scope
    @no_var_expand
    @line_magic
    def Rget(self, line: str, local_ns: Mapping[str, Any] | None = None) -> Any:
        """The value of an R variable: `x = %Rget a`; `-c converters` as in `%%R`."""
        with _short_errors():
            options, names = _converter_and_names(line, "x = %Rget a")
            if len(names) > 1:
                raise OptionError("%Rget takes one name", "x = %Rget a")
            with _converters(options, _Scope(self.shell.user_ns, local_ns)):
                return self.session.get(names[0].strip("`"))

    @line_magic
    def Rinstall(self, line: str) -> None:
        """Install R packages: `%Rinstall R6 jsonlite`, `%Rinstall ./folder`; `-a` also what is there already.

        Without a name: show what is installed beyond R's own packages.
        """
        with _short_errors():
            names = split_list(line, ", \t")
            again = "-a" in names or "--again" in names
            names = [name.strip("'\"") for name in names if name not in ("-a", "--again")]
            if any(name.startswith("-") for name in names):
                raise OptionError("the only option here is -a (--again)", "%Rinstall R6 jsonlite ./course")
            if not names:
                for package, version in sorted(self.session.library.installer.installed().items()):
                    print(package, version)
                return
            self.session.install(*names, again=again)

    @line_magic
    def Rdevice(self, line: str) -> None:
        """Choose the format of plots: `%Rdevice svg` or `%Rdevice png`."""
        with _short_errors():
            if line.strip() not in DEVICES:
                raise OptionError(f"%Rdevice takes one of {', '.join(DEVICES)}", "%Rdevice svg")
            self.session.settings.device = line.strip()

    @no_var_expand
    @line_magic
    def Roptions(self, line: str) -> None:
        """Set defaults, `%Roptions width=600 height=400 print=last`; without arguments, show them."""
        settings = self.session.settings
        if line.strip() == "refresh":  # rpy2's word for reading its own defaults again; ours are always read
            return
        if line.strip() in ("", "show"):
            for name in sorted(settings.trait_names(config=True)):
                print(f"{name}={getattr(settings, name)!r}   # {settings.trait_metadata(name, 'help')}")
            return
        with _short_errors():
            for item in split_list(line, ", \t"):
                _set(settings, item)


def _number(shell: Any) -> int:
    """The number of the cell that runs. `execution_count` is that of the next one since IPython 9.18."""
    return max(len(shell.history_manager.input_hist_raw) - 1, 1)


def _set(settings: RSettings, item: str) -> None:
    """Set one of the settings from `name=value`."""
    example = "%Roptions width=600 height=400 print=last"
    name, equals, text = item.partition("=")
    if not equals or name not in settings.trait_names(config=True):
        raise OptionError(f"there is no option {name!r}", example)
    try:
        # A trait knows how to read its value from a command line, but for a switch's words.
        trait, text = settings.traits()[name], text.strip("'\"")
        if isinstance(trait, Bool):
            text = _SWITCH.get(text, text)
        value = trait.from_string(text) if not isinstance(trait, List) else _list(text)
        setattr(settings, name, value)
    except (TraitError, ValueError, KeyError, SyntaxError) as error:
        raise OptionError(f"{item}: {error}", example) from None


def _list(text: str) -> Any:
    """`["a", "b"]`, or one element alone. The trait's own way needs to know whose trait it is."""
    return ast.literal_eval(text) if text.startswith("[") else [text]


_SWITCH = {"on": "true", "yes": "true", "off": "false", "no": "false"}


class _Scope:
    """Where the names in a line are looked up: the calling function's variables, then the notebook's."""

    def __init__(self, user: dict[str, Any], local: Mapping[str, Any] | None) -> None:
        self._names = user if local is None or local is user else {**user, **local}

    def evaluate(self, expression: str) -> Any:
        """The value of a Python expression. A bare name must be a variable: no builtin is meant."""
        expression = expression.strip()
        try:
            if expression.isidentifier() and expression not in self._names:
                raise NameError(f"name {expression!r} is not defined", name=expression)
            return eval(compile(expression, OPTION_SOURCE, "eval"), self._names)
        except Exception as error:
            shorten(error)
            raise


def _converters(options: Options, scope: _Scope) -> contextlib.AbstractContextManager[object]:
    if options.converter is None:
        return contextlib.nullcontext()
    converters = scope.evaluate(options.converter)
    if not isinstance(converters, contextlib.AbstractContextManager):
        raise OptionError(f"-c needs Converters, not {converters!r}", "%%R -c my_converters -i df")
    return converters


def _display(options: Options, scope: _Scope) -> Callable[[Any, Options], object] | None:
    if options.display is None:
        return None
    function = scope.evaluate(options.display)
    if not callable(function):
        raise OptionError(f"-d needs a function of (value, options), not {function!r}", "%%R -d show_table")
    return cast(Callable[[Any, Options], object], function)


def _converter_and_names(line: str, example: str) -> tuple[Options, list[str]]:
    """`-c` at either end of the line, and the names."""
    options, rest = parse(line, lambda expression: expression)
    names = split_list(rest, ", \t")
    if not names:
        raise OptionError("which variables?", example)
    if options != Options(converter=options.converter):
        raise OptionError("the only option here is -c", example)
    return options, names


@contextlib.contextmanager
def _short_errors() -> Iterator[None]:
    """A mistake in a line is shown in two lines, not as a traceback."""
    try:
        yield
    except OptionError as error:
        raise UsageError(str(error)) from None
