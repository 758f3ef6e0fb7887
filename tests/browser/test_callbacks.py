"""Python and R calling each other in the real kernel, where both share one thread and its stack."""

from __future__ import annotations

import pytest
from lab import Kernel

NEST = """
from jupyterlite_rpy import RError, r
reached = []
def down(n):
    reached.append(int(n))
    return n if n >= limit else r["again"](n + 1)
r["down"] = down
r("again <- function(n) down(n)")
"""


@pytest.fixture(scope="module")
def kernel(kernel_07: Kernel) -> Kernel:
    kernel_07.clear()
    kernel_07.value(NEST)
    return kernel_07


def ask(kernel: Kernel, code: str, answers: list[str]) -> tuple[str, list[str]]:
    result = kernel.run(f"%%R\n{code}", answers=answers)
    assert result.status == "ok", result.error
    # R's menu begins with an empty line, which was seen to be shown by some kernels and not by others.
    return result.text().lstrip("\n"), result.prompts


def test_they_nest_forty_levels_deep(kernel: Kernel) -> None:
    assert kernel.value("limit = 40; r('again(1)'); reached[-1]") == "40"


def test_deeper_is_an_error_and_both_go_on(kernel: Kernel) -> None:
    code = "limit = 10_000\ntry: r('again(1)')\nexcept RError as error: print(error)\n"
    result = kernel.run(code + "int(r('sum(1:4)')[0]) + sum(range(5))")
    assert result.value == "20"
    assert "Error in down(n)" in result.text()


@pytest.mark.parametrize(
    "code",
    [
        "def f(n): return f(n + 1)\nr['f'] = f; r('f(1)')",
        "r['f'] = lambda: r('g <- function(n) g(n + 1); g(1)'); r('f()')",
        "r['f'] = lambda n: r['g'](n); r('g <- function(n) Reduce(function(a, b) f(n), 1:3); g(1)')",
    ],
    ids=["Python", "R inside Python", "each other through Reduce"],
)
def test_endless_recursion_is_an_error_and_both_go_on(kernel: Kernel, code: str) -> None:
    result = kernel.run(code)
    assert "RError" in result.error
    assert kernel.value("int(r('sum(1:4)')[0]) + sum(range(5))") == "20"


def test_python_s_variables_are_r_s_py(kernel: Kernel) -> None:
    kernel.value("n = 3; double = lambda x: 2 * x")
    assert kernel.run("%%R\npy$m <- sapply(1:3, py$double)\npy$n").text() == "[1] 3\n"
    assert kernel.value("m.tolist()") == "[2, 4, 6]"


def test_scalars_take_the_short_way_and_others_the_long_one(kernel: Kernel) -> None:
    """The long way is `Runtime.call`, with a request and buffers; it is ten times as slow."""
    kernel.value(
        "from jupyterlite_rpy import get_session\n"
        "runtime = get_session().runtime\n"
        "g = r('function(x) x + 1'); g(1.5)\n"
        "long_way, calls = runtime.call, []\n"
        "runtime.call = lambda *given: calls.append(given) or long_way(*given)"
    )
    # What Python dropped meanwhile takes the next call along the long way: a few of the hundred may.
    kernel.value("for _ in range(100): last = g(1.5)")
    assert kernel.value("float(last[0]), len(calls) < 10") == "(2.5, True)"
    kernel.value("calls.clear()\nfor _ in range(10): last = g([1.5, 2.0])")
    assert kernel.value("[float(x) for x in last], len(calls)") == "([2.5, 3.0], 10)"
    kernel.value("del runtime.call")


@pytest.mark.parametrize(
    ("code", "answers", "printed", "prompts"),
    [
        ("readline('name? ')", ["Ada"], '[1] "Ada"\n', ["name? "]),
        ("menu(c('a', 'b'))", ["2"], "1: a\n2: b\n\n[1] 2\n", ["Selection: "]),
        ("scan(quiet = TRUE)", ["1 2", ""], "[1] 1 2\n", ["1: ", "3: "]),
        ("readLines(stdin(), n = 1)", ["line"], '[1] "line"\n', [""]),
        ("readLines('stdin')", ["one", "two", ""], '[1] "one" "two"\n', ["", "", ""]),
        ("f <- function(x) { browser(); x }\nf(3)", ["x <- 7", "c"], "Called from: f(3)\n[1] 7\n",
         ["Browse[1]> "] * 2),
    ],
)  # fmt: skip
def test_r_asks_in_the_notebook(
    kernel: Kernel, code: str, answers: list[str], printed: str, prompts: list[str]
) -> None:
    assert ask(kernel, code, answers) == (printed, prompts)
