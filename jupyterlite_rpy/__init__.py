"""R beside Python in one notebook kernel: `%load_ext jupyterlite_rpy`, then `%%R` cells and `%R` lines."""

from __future__ import annotations

from typing import Any

from ._version import __version__
from .api import R, r
from .config import RSettings
from .convert import Converters
from .errors import (
    ConversionError,
    ConversionWarning,
    FetchError,
    ObjectNotFoundError,
    RClosedError,
    RCrashError,
    RError,
    RInterrupt,
    RPackageError,
    RParseError,
    RpyError,
    RuntimeStartError,
    StaleObjectError,
)
from .figure import Figure
from .package import RPackage
from .result import Display, Result, Stream
from .robject import RFunction, RObject
from .session import Session, get_session

__all__ = [
    "ConversionError",
    "ConversionWarning",
    "Converters",
    "Display",
    "FetchError",
    "Figure",
    "ObjectNotFoundError",
    "R",
    "RClosedError",
    "RCrashError",
    "RError",
    "RFunction",
    "RInterrupt",
    "RObject",
    "RPackage",
    "RPackageError",
    "RParseError",
    "RSettings",
    "Result",
    "RpyError",
    "RuntimeStartError",
    "Session",
    "StaleObjectError",
    "Stream",
    "__version__",
    "get_session",
    "load_ipython_extension",
    "r",
    "unload_ipython_extension",
]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext jupyterlite_rpy`: register the magics, and in JupyterLite the hook that starts R."""
    from contextlib import suppress
    from functools import partial

    from . import completion, hook, variables
    from .display import publish, render_error, show_syntax_error, start_progress
    from .magics import RMagics
    from .rpy2_facade import install as install_rpy2

    session = get_session(RSettings(parent=shell))
    session.on_output = publish
    session.progress = start_progress
    session.python.namespace = shell.user_ns
    if session.settings not in shell.configurables:
        shell.configurables.append(session.settings)  # %config RSettings
    shell.register_magics(RMagics(shell, session))
    hook.install(shell, hook.StartHook(session, partial(start_progress, alone=True)))
    completion.install(shell, completion.Completion(session))
    hidden = getattr(shell, "user_ns_hidden", None)
    variables.install(shell, variables.Variables(session, shell.user_ns, hidden))
    for cls in (RpyError, RInterrupt):
        cls._render_traceback_ = render_error  # type: ignore[union-attr]  # IPython asks for it
    if not shell.custom_exceptions:  # it has one place for such
        shell.set_custom_exc((RParseError,), show_syntax_error)
    install_rpy2()  # `import rpy2` finds the façade where the real one is not installed
    if session.settings.start == "load":
        with suppress(RuntimeStartError):  # what fails now is tried again, and told, when R is used
            session.start()


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext jupyterlite_rpy`: take the magics and the hook away. R and its variables stay."""
    from . import completion, hook, variables

    variables.remove(shell)
    completion.remove(shell)
    hook.remove(shell)
    if shell.custom_exceptions == (RParseError,):
        shell.set_custom_exc((), None)
    for kind in ("line", "cell"):
        for name in ("R", "Rpush", "Rpull", "Rget", "Rdevice", "Rinstall", "Roptions"):
            shell.magics_manager.magics[kind].pop(name, None)
    shell.magics_manager.registry.pop("RMagics", None)
