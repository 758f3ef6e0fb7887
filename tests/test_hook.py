from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from fake_runtime import FakeRuntime

from jupyterlite_rpy import hook
from jupyterlite_rpy.errors import RuntimeStartError
from jupyterlite_rpy.hook import StartHook
from jupyterlite_rpy.session import Session


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def start_hook(session: Session, shown: list[str]) -> StartHook:
    @contextmanager
    def progress() -> Iterator[Any]:
        yield lambda stage, loaded, total: shown.append(stage)
        shown.append("gone")

    return StartHook(session, progress)


def before(start_hook: StartHook, cell: str) -> None:
    lines = cell.splitlines(keepends=True)
    assert asyncio.run(start_hook(lines)) == lines


@pytest.mark.parametrize(
    "cell",
    [
        "%%R\nx",
        "%%R -i df\nx",
        "x = %R 1 + 1\n",
        "if True:\n    %R f()\n",
        "%Rpush x\n",
        "%Rget x",
        "%Rinstall R6",
        "%%time\n%R x",
        "from jupyterlite_rpy import get_session\n",
        "import rpy2.robjects as ro\n",
    ],
)
def test_r_is_started_before_a_cell_that_uses_it(
    start_hook: StartHook, fake: FakeRuntime, shown: list[str], cell: str
) -> None:
    before(start_hook, cell)
    assert fake.ready
    assert shown == ["loading R", "gone"]
    before(start_hook, cell)
    assert fake.epoch == 1
    assert shown == ["loading R", "gone", "gone"]


@pytest.mark.parametrize(
    "cell", ["", "x = 5 % Rate", "print('100 %')", "%matplotlib inline\n", "%%HTML\n<b>\n"]
)
def test_other_cells_do_not_wait_for_r(start_hook: StartHook, fake: FakeRuntime, cell: str) -> None:
    before(start_hook, cell)
    assert not fake.ready


def test_a_failure_is_left_to_the_cell(session: Session, start_hook: StartHook, fake: FakeRuntime) -> None:
    fake.failures = 1
    before(start_hook, "%R 1")
    with pytest.raises(RuntimeStartError, match=r"no R\.wasm"):
        session.run("1")
    before(start_hook, "%R 1")
    session.run("1")


def test_a_cell_that_could_not_wait_makes_the_next_one_wait(
    session: Session, start_hook: StartHook, fake: FakeRuntime
) -> None:
    fake.can_wait = False
    with pytest.raises(RuntimeStartError):
        session.run("1")
    before(start_hook, "model.names")
    session.run("1")


def kernel_shell() -> Any:
    return SimpleNamespace(
        kernel=SimpleNamespace(lite_transform_manager=SimpleNamespace(line_transforms=["pip"]))
    )


def test_the_hook_is_installed_once(start_hook: StartHook) -> None:
    shell = kernel_shell()
    hook.install(shell, start_hook)
    hook.install(shell, start_hook)
    assert shell.kernel.lite_transform_manager.line_transforms == ["pip", start_hook]
    hook.remove(shell)
    assert shell.kernel.lite_transform_manager.line_transforms == ["pip"]


def test_a_kernel_without_the_place_gets_no_hook(start_hook: StartHook) -> None:
    shell = SimpleNamespace(kernel=SimpleNamespace())
    hook.install(shell, start_hook)
    hook.remove(SimpleNamespace())
