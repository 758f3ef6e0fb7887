"""The façade named rpy2 over real webR in a Node process, one R for each file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jupyterlite_rpy import rpy2_facade
from jupyterlite_rpy import session as session_module
from jupyterlite_rpy.runtime import StartOptions
from jupyterlite_rpy.runtime.node import NodeRuntime
from jupyterlite_rpy.session import Session

rpy2_facade.install(force=True)


@pytest.fixture(scope="module", autouse=True)
def real_r() -> Iterator[Session]:
    before, session_module._session = session_module._session, Session(NodeRuntime(StartOptions()))
    yield session_module._session
    session_module._session.close()
    session_module._session = before


@pytest.fixture(autouse=True)
def usual_rules() -> Iterator[None]:
    """No test leaves rules or console functions to the next."""
    from rpy2.rinterface_lib import callbacks
    from rpy2.robjects import conversion

    before = callbacks.consolewrite_print, callbacks.consolewrite_warnerror, callbacks.logger.level
    yield
    conversion.set_conversion(conversion.default_converter)
    callbacks.consolewrite_print, callbacks.consolewrite_warnerror, level = before
    callbacks.logger.setLevel(level)


@pytest.fixture
def ro() -> Any:
    import rpy2.robjects

    return rpy2.robjects


@pytest.fixture
def notebook(one_shell: Any, real_r: Session) -> Iterator[Any]:
    """A notebook's shell after `%load_ext rpy2.ipython`."""
    one_shell.reset(new_session=True)
    one_shell.run_line_magic("load_ext", "rpy2.ipython")
    yield one_shell
    one_shell.run_line_magic("unload_ext", "rpy2.ipython")
    one_shell.configurables.remove(real_r.settings)
