"""Contenders in, their times out: the same work done in turn by each, so that none has the quieter minute."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from time import perf_counter
from typing import Any

Work = Callable[[], Any]
Samples = dict[str, list[float]]


async def interleave(
    contenders: dict[str, Work], times: int, loops: int = 1, between: Work | None = None
) -> Samples:
    """Run each contender `times` times, in turn, and return the milliseconds of each run.

    Parameters
    ----------
    contenders
        Work by name. A coroutine is awaited. A float that it returns is taken for its time, in ms.
    times
        Samples of each.
    loops
        Runs in one sample: a browser's clock has steps of 0.1 ms.
    between
        Done before each sample, not timed.
    """
    samples: Samples = {name: [] for name in contenders}
    for turn in range(times):
        names = list(contenders)
        for name in names if turn % 2 == 0 else reversed(names):
            if between is not None:
                await _run(between)
            samples[name].append(await _time(contenders[name], loops))
    return samples


async def _time(work: Work, loops: int) -> float:
    start = perf_counter()
    result = None
    for _ in range(loops):
        result = work()
        if inspect.isawaitable(result):
            result = await result
    elapsed = 1000 * (perf_counter() - start) / loops
    return result if type(result) is float else elapsed


async def _run(work: Work) -> None:
    result = work()
    if inspect.isawaitable(result):
        await result
