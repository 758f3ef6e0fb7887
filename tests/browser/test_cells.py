"""R cells in a browser's real kernel: what they print, draw and raise, and that nothing ends the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab import Kernel, Lab, Result


@pytest.fixture(scope="module")
def kernel(kernel_07: Kernel, lab_07: Lab) -> Iterator[Kernel]:
    """The shared kernel, NumPy and pandas loaded, with nothing of other tests."""
    kernel_07.clear()
    assert kernel_07.run("import contextlib, io\nx = %R 1").error == ""
    yield kernel_07
    assert lab_07.outside() == []


@pytest.fixture(autouse=True)
def alive(kernel: Kernel) -> Iterator[None]:
    """Whatever a test does, R and Python live on."""
    yield
    assert kernel.run("%%R\ncat(1 + 1)").text() == "2"
    assert kernel.value("1 + 1") == "2"


def shown(result: Result) -> list[tuple[str, str]]:
    """Outputs in order: streams with their texts joined, pictures with the number of their place."""
    places: list[str] = []
    outputs: list[tuple[str, str]] = []
    for kind, content in result.outputs:
        if kind == "stream":
            if outputs and outputs[-1][0] == content["name"]:
                content = {**content, "text": outputs.pop()[1] + content["text"]}
            outputs.append((content["name"], content["text"]))
        elif kind != "error":
            place = content["transient"]["display_id"]
            assert (place in places) == (kind == "update_display_data")
            places += [] if place in places else [place]
            outputs.append(("update" if kind == "update_display_data" else "plot", str(places.index(place))))
    return outputs


# ---- text


def test_text_and_plots_come_in_rs_order(kernel: Kernel) -> None:
    result = kernel.run(
        "%%R\ncat('one\\n')\nmessage('two')\nplot(1:3)\ncat('three\\n')\n"
        "abline(h = 2)\ncat('four\\n')\nplot(3:1)\n'five'"
    )
    assert shown(result) == [
        ("stdout", "one\n"),
        ("stderr", "two\n"),
        ("plot", "0"),
        ("stdout", "three\n"),
        ("update", "0"),
        ("stdout", "four\n"),
        ("plot", "1"),
        ("stdout", '[1] "five"\n'),
    ]


def test_lines_drawn_at_once_are_one_picture(kernel: Kernel) -> None:
    result = kernel.run("%%R\nplot(1:3)\nlines(1:3)\npoints(2, 2)\ntitle('x')\ncat('done')")
    assert shown(result) == [("plot", "0"), ("stdout", "done")]


def test_text_is_seen_while_the_cell_runs(kernel: Kernel) -> None:
    code = "%%R\ncat('a'); t <- Sys.time(); while (Sys.time() < t + 0.3) {}; cat('b')"
    pieces = [content["text"] for kind, content in kernel.run(code).outputs if kind == "stream"]
    assert pieces == ["a", "b"]


def test_warnings_follow_their_expression_and_options_are_obeyed(kernel: Kernel) -> None:
    result = kernel.run("%%R\nas.integer('x')\ncat('next\\n')\nsuppressWarnings(as.integer('y'))")
    assert shown(result) == [
        ("stdout", "[1] NA\n"),
        ("stderr", "Warning message:\nNAs introduced by coercion \n"),
        ("stdout", "next\n[1] NA\n"),
    ]
    result = kernel.run("%%R\noptions(warn = 1)\nf <- function() { warning('now'); cat('then\\n') }\nf()")
    assert shown(result) == [("stderr", "Warning in f() : now\n"), ("stdout", "then\n")]
    assert kernel.run("%%R\noptions(warn = 2)\nas.integer('x')").error.endswith(
        "(converted from warning) NAs introduced by coercion"
    )
    assert kernel.run("%%R\noptions(warn = 0)").error == ""


def test_capture_takes_text_and_plots(kernel: Kernel) -> None:
    code = "%%capture taken\n%R -n cat('out\\n'); message('err'); plot(1)"
    result = kernel.run(code)
    assert (result.error, result.outputs) == ("", [])
    assert kernel.value("taken.stdout, taken.stderr, len(taken.outputs)") == r"('out\n', 'err\n', 1)"


def test_redirected_text_goes_where_pythons_goes(kernel: Kernel) -> None:
    code = (
        "buffer = io.StringIO()\nwith contextlib.redirect_stdout(buffer):\n"
        "    print('python')\n    %R -n cat('R\\n')\n"
        "buffer.getvalue()"
    )
    assert kernel.value(code) == r"'python\nR\n'"


# ---- values


@pytest.mark.parametrize(
    ("python", "r", "back"),
    [
        ("None", "NULL", "None"),
        ("True", "TRUE", "[True]"),
        ("7", "7L", "[7]"),
        ("2**31", "2147483648", "[2147483648.0]"),
        ("-0.5", "-0.5", "[-0.5]"),
        ("1+2j", "1+2i", "[(1+2j)]"),
        ("'Zoë 😀'", "'Zoë 😀'", "['Zoë 😀']"),
        ("b'ab'", "as.raw(c(0x61, 0x62))", "b'ab'"),
        ("[1, 2, None]", "c(1L, 2L, NA)", "[1, 2, None]"),
        ("[1.5, float('nan'), None]", "c(1.5, NaN, NA)", "[1.5, nan, nan]"),
        ("[True, None]", "c(TRUE, NA)", "[True, None]"),
        ("['NA', None]", "c('NA', NA)", "['NA', None]"),
        ("[]", "list()", "[]"),
        ("[1, 'a', [2.5]]", "list(1L, 'a', 2.5)", "[[1], ['a'], [2.5]]"),
        ("{'a': 1, 'b': [1.0, 2.0]}", "list(a = 1L, b = c(1, 2))", "{'a': [1], 'b': [1.0, 2.0]}"),
    ],
)
def test_a_simple_value_goes_over_and_back(kernel: Kernel, python: str, r: str, back: str) -> None:
    assert kernel.run(f"value = {python}").error == ""
    result = kernel.run(f"%%R -i value -o value\nidentical(value, {r})")
    assert (result.error, result.text()) == ("", "[1] TRUE\n")
    plain = (
        "def plain(x):\n    if isinstance(x, dict): return {k: plain(v) for k, v in x.items()}\n"
        "    return [plain(v) for v in x] if isinstance(x, list) else getattr(x, 'tolist', lambda: x)()\n"
        "repr(plain(value))"
    )
    assert kernel.value(plain) == repr(back)


def test_an_r_line_has_a_value_in_python(kernel: Kernel) -> None:
    assert kernel.value("x = %R mean(c(1, 2))\nx") == "array([1.5])"
    assert kernel.value("%R 1 + 1") == "array([2.])"
    assert kernel.value("%R -n 1 + 1") is None
    assert kernel.value("%R 1 + 1;") is None
    loop = "total = 0\nfor i in range(3):\n    y = %R i_squared <- 2^2\n    total += y[0]\ntotal"
    assert kernel.value(loop) == "np.float64(12.0)"


def test_inputs_are_expressions_and_outputs_have_other_names(kernel: Kernel) -> None:
    result = kernel.run("%%R -i n=len('four'),m=[1,2][0] -o doubled=twice.n\ntwice.n <- n * 2L + m - 1L")
    assert result.error == ""
    assert kernel.value("doubled.tolist()") == "[8]"


def test_a_value_that_cannot_cross_is_named_and_nothing_runs(kernel: Kernel) -> None:
    assert kernel.run("fine = 1\nhuge = {'deep': [1.5, 2**70]}").error == ""
    result = kernel.run("%%R -i fine,huge\ncat('ran')\nfine_was_set <- TRUE")
    assert "ConversionError" in result.error
    assert 'huge["deep"][1]: the int 1180591620717411303424' in result.error
    assert result.text() == ""
    assert kernel.run("%%R\nexists('fine') || exists('fine_was_set')").text() == "[1] FALSE\n"


# ---- errors


def test_what_was_done_before_an_error_stays(kernel: Kernel) -> None:
    result = kernel.run("%%R\nkept <- 1\ncat('printed\\n')\nplot(1)\nstop('here')\nkept <- 2")
    assert result.error.endswith("RError'>: Error: here")
    assert shown(result) == [("stdout", "printed\n"), ("plot", "0")]
    assert kernel.run("%%R\nkept").text() == "[1] 1\n"


def test_code_that_does_not_parse_shows_the_place_and_runs_nothing(kernel: Kernel) -> None:
    result = kernel.run("%%R\ncat('ran')\nx <- c(1,\n  2 3)")
    assert "RParseError" in result.error
    assert result.error.endswith(":4:5)\n3: x <- c(1,\n4:   2 3\n       ^")
    assert result.text() == ""


RECURSIONS = {
    "a function": "f <- function() f()\nf()",
    "sapply": "f <- function() sapply(1, function(i) f())\nf()",
    "tryCatch": "f <- function() tryCatch(f(), warning = identity)\nf()",
    "S4": (
        "suppressMessages(setGeneric('again', function(x) standardGeneric('again')))\n"
        "setMethod('again', 'numeric', function(x) again(x))\nagain(1)"
    ),
}


@pytest.mark.parametrize("code", RECURSIONS.values(), ids=RECURSIONS.keys())
def test_endless_recursion_is_an_error_of_r(kernel: Kernel, code: str) -> None:
    result = kernel.run(f"%%R\nbefore <- 'kept'\n{code}")
    assert result.status == "error"
    assert "errors.RError'>" in result.error
    assert kernel.run("%%R\nbefore").text() == '[1] "kept"\n'


def test_endless_recursion_through_python_is_an_error_of_r(kernel: Kernel) -> None:
    kernel.run("def deeper():\n    x = %R f()\n    return x")
    result = kernel.run("%%R -i deeper\nf <- function() deeper()\nf()")
    assert "errors.RError'>" in result.error
    # What is Python's cannot be saved from an R that breaks, which is another test's subject.
    kernel.run("%R rm(deeper)")


def test_recursion_of_some_depth_works(kernel: Kernel) -> None:
    code = "f <- function(n) if (n == 0) 0 else 1 + f(n - 1)"
    assert kernel.run(f"%%R\n{code}\nf(300)").text() == "[1] 300\n"
    assert kernel.run(f"%%R\n{code}\nf <- compiler::cmpfun(f)\nf(200)").text() == "[1] 200\n"


@pytest.mark.parametrize("code", ["q()", "quit('no')", "quit(status = 1, runLast = FALSE)"])
def test_quitting_is_an_error(kernel: Kernel, code: str) -> None:
    result = kernel.run(f"%%R\ncat('before\\n')\n{code}\ncat('after')")
    assert "quit() would end R" in result.error
    assert result.text() == "before\n"


def test_a_crash_is_told_and_the_next_cell_has_a_fresh_r_with_its_variables(kernel: Kernel) -> None:
    assert kernel.run("mine = 'still here'").error == ""
    code = (
        "a <- 1:10; b <- 'text'; f <- function(x) x + 1\n"
        "deep <- list(); for (i in 1:50000) deep <- list(deep)\n"
        "cat('about to\\n')\nidentical(deep, rapply(deep, identity, how = 'list'))"
    )
    result = kernel.run(f"%%R\n{code}")
    assert "RCrashError" in result.error
    assert "R crashed and was restarted" in result.error
    kept, lost = (line.partition(": ")[2].split(", ") for line in result.error.splitlines()[-2:])
    assert {"a", "b", "f"} <= set(kept)
    assert lost == ["deep"]
    assert result.text() == "about to\n"
    result = kernel.run("%%R\nf(a[10]); b; exists('deep')\nplot(a)")
    assert (result.error, result.text()) == ("", '[1] 11\n[1] "text"\n[1] FALSE\n')
    assert len(result.displays("image/png")) == 1
    assert kernel.value("mine") == "'still here'"
