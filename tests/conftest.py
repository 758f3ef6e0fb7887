from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_runtime import FakeRuntime
from hypothesis import settings

from jupyterlite_rpy import session as session_module
from jupyterlite_rpy.session import Session

# A shell ignores interrupts in what it runs in the background, and what is ignored is inherited: then Python
# would not raise KeyboardInterrupt, and the tests that send one would wait for it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Every Node that a test starts, kernels' and converters' too; the reason stands in the file.
os.environ.setdefault("NODE_OPTIONS", f'--require "{Path(__file__).parent / "liftoff.cjs"}"')

# No test takes packages from this user's cache, nor leaves any there.
os.environ["JUPYTERLITE_RPY_CACHE"] = tempfile.mkdtemp(prefix="rpy-cache-")
atexit.register(shutil.rmtree, os.environ["JUPYTERLITE_RPY_CACHE"], ignore_errors=True)

# The same values in each run: what a search by chance finds must not stop a change that has nothing to do
# with it. To search, take them anew: `pytest --hypothesis-profile=search`.
settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("examples")
    group.addoption(
        "--update-golden", action="store_true", help="write tests/golden from what the examples give"
    )
    group.addoption("--update-images", action="store_true", help="write docs/images from the pages shown")


# The quick layers first, so that a mistake shows soon. The browser last for another reason, too: with
# Playwright the main thread has a running event loop until the end, and asyncio.run is refused there.
ORDER = ["", "convert", "rpy2_facade", "node", "native", "browser"]


def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    here = Path(__file__).parent

    def layer(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parent.as_posix().partition("/")[0]
        return ORDER.index(folder if folder in ORDER else "")

    items.sort(key=layer)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _scope(item.nodeid) != CHROMIUM)


# With several processes (`pytest --numprocesses 2`) one takes what shares Chromium's kernels, which is the
# longest, and the others the rest, file by file: Firefox and WebKit, too.
CHROMIUM = "chromium"


def _scope(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    return CHROMIUM if file.startswith("tests/browser/") and "engines" not in file else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class ByScope(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _scope(nodeid)

    return ByScope(config, log)


@pytest.fixture
def fake() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def session(fake: FakeRuntime) -> Session:
    return Session(fake)


@pytest.fixture(scope="session")
def one_shell() -> Any:
    """IPython has one shell a process; it is made without a history database."""
    from IPython.testing.globalipapp import start_ipython

    return start_ipython()


@pytest.fixture
def shell(one_shell: Any, session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A notebook's shell with the extension loaded over the fake runtime."""
    monkeypatch.setattr(session_module, "_session", session)
    one_shell.reset(new_session=True)
    one_shell.run_line_magic("load_ext", "jupyterlite_rpy")
    yield one_shell
    one_shell.run_line_magic("unload_ext", "jupyterlite_rpy")
    one_shell.configurables.remove(session.settings)


@pytest.fixture
def published(shell: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is sent to the notebook besides text, in order."""
    sent: list[dict[str, Any]] = []

    def note(data: dict[str, Any], metadata: dict[str, Any] | None = None, **more: Any) -> None:
        sent.append({"data": data, "metadata": metadata or {}, **more})

    monkeypatch.setattr(shell.display_pub, "publish", note)
    return sent
