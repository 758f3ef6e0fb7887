from __future__ import annotations

import pytest
from needs import needs_node

from jupyterlite_rpy import RError, Session

pytestmark = needs_node


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the user answers, in order; then nobody is there."""
    left: list[str] = []

    def answer(prompt: str = "") -> str:
        if not left:
            raise RuntimeError("nobody is there")
        return left.pop(0)

    monkeypatch.setattr("builtins.input", answer)
    return left


@pytest.mark.parametrize(
    ("code", "given", "printed", "left"),
    [
        ("readline('x? ')", ["é", "more"], '[1] "é"\n', 1),
        ("menu(c('a', 'b'), title = 'Which?')", ["0"], "Which? \n\n1: a\n2: b\n\n[1] 0\n", 0),
        ("readLines('stdin', n = 1)", ["é", "more"], '[1] "é"\n', 1),
        ("readLines(file('stdin'), n = 2)", ["a", "b", "c"], '[1] "a" "b"\n', 1),
        ("readLines('stdin')", ["a", "b", ""], '[1] "a" "b"\n', 0),
        ("scan('stdin', quiet = TRUE)", ["1 2", "3", ""], "[1] 1 2 3\n", 0),
        ("readLines(stdin(), n = 2)", ["a", "b", "c"], '[1] "a" "b"\n', 1),
        ("scan(quiet = TRUE)", ["1 2", ""], "[1] 1 2\n", 0),
        ("f <- function(x) { browser(); x }\nf(3)", ["x <- 7", "c"], "Called from: f(3)\n[1] 7\n", 0),
    ],
)
def test_r_asks(r: Session, answers: list[str], code: str, given: list[str], printed: str, left: int) -> None:
    answers.extend(given)
    assert r.run(code).stdout == printed
    assert len(answers) == left


@pytest.mark.parametrize(
    "code",
    [
        "readline('x? ')",
        "readLines('stdin', n = 1)",
        "scan(quiet = TRUE)",
        "menu('a')",
        "browser()",
        "f <- function() { browser(); 1 }\nf()",
    ],
)
def test_where_nobody_can_be_asked_it_is_an_error(r: Session, answers: list[str], code: str) -> None:
    with pytest.raises(RError, match="cannot ask for input: nobody is there"):
        r.run(code)
    assert r.run("1").stdout == "[1] 1\n"


@pytest.mark.parametrize("ask", ["readLines('stdin')", "scan('stdin', quiet = TRUE)", "readline()"])
def test_code_does_not_go_on_without_its_input(r: Session, answers: list[str], ask: str) -> None:
    with pytest.raises(RError, match="cannot ask for input: nobody is there"):
        r.run(f"done <- 'no'\n{{ l <- {ask}; done <- 'yes' }}")
    assert r.eval("done")[0] == "no"
    assert "nobody is there" in r.eval(f"tryCatch({ask}, error = conditionMessage)")[0]


def test_a_line_may_be_longer_than_c_s_buffer(r: Session, answers: list[str]) -> None:
    answers.extend(["é" * 5000, "short"])
    assert list(r.eval("nchar(readLines('stdin', n = 2))")) == [5000, 5]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("debugonce(sd)\nsd(1:3)", "cannot ask for input: nobody is there"),
        ("options(error = utils::recover)\nf <- function() stop('z')\nf()", "z"),
        ("options(error = browser)\nstop('z')", "z"),
    ],
)
def test_a_debugger_that_nobody_answers_ends(r: Session, answers: list[str], code: str, message: str) -> None:
    try:
        with pytest.raises(RError) as caught:
            r.run(code)
    finally:
        r.run("options(error = NULL)")  # and nothing of the refusal is left for this
    assert caught.value.message == message
    assert r.run("1").stdout == "[1] 1\n"


def test_the_stop_button_ends_a_debugger(r: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def stop(prompt: str = "") -> str:
        asked.append(prompt)
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", stop)
    # The last two would ask again and again.
    for code in ("readline('x? ')", "debugonce(sd)\nsd(1:3)", "f <- function() repeat browser()\nf()"):
        asked.clear()
        with pytest.raises(KeyboardInterrupt):
            r.run(code)
        assert len(asked) == 1
        assert r.run("1").stdout == "[1] 1\n"
