"""Completion and help by a real R: what it knows, and that nothing of the user's runs for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from needs import needs_node

from jupyterlite_rpy import Session
from jupyterlite_rpy.completion import Completion

pytestmark = needs_node

DEFINED = """
frame <- data.frame(alpha = 1:3, `b c` = letters[1:3], check.names = FALSE)
nested <- list(one = list(two = 2, deep = frame), plain = "a")
setClass("Person", representation(name = "character", age = "numeric"))
person <- new("Person", name = "a", age = 1)
place <- new.env(); place$inside <- 1
Account <- setRefClass("Account", fields = list(total = "numeric"))
account <- Account$new(total = 1)
greet <- function(who, polite = TRUE, ...) NULL
print.ours <- function(x, ...) stop("called")
names.ours <- function(x) stop("called")
`$.ours` <- function(x, name) stop("called")
length.ours <- function(x) stop("called")
format.ours <- function(x, ...) stop("called")
ours <- structure(list(kept = 1), class = "ours")
fit <- lm(mpg ~ wt, mtcars)
"""
TRAPS = """
ran <- character()
makeActiveBinding("active", function() { ran <<- c(ran, "active"); list(a = 1) }, globalenv())
delayedAssign("promised", { ran <- c(ran, "promised"); list(a = 1) })
makeActiveBinding("active", function() { ran <<- c(ran, "in place"); list(a = 1) }, place)
delayedAssign("promised", { ran <- c(ran, "promised in place"); 1 }, assign.env = place)
effect <- function() { ran <<- c(ran, "effect"); frame }
"""


@pytest.fixture(scope="module")
def completion(r: Session) -> Iterator[Completion]:
    r.run(DEFINED)
    r.python.namespace = {"table": {"alpha": 1, "beta": [2]}, "sys": sys, "number": 5, "_own": 1}
    yield Completion(r)


def complete(completion: Completion, marked: str, before: str = "%%R\n") -> dict[str, str]:
    """Completions with their types, as the cell would read with them: from the name's beginning on."""
    cell, cursor = before + marked.replace("|", "", 1), len(before) + marked.index("|")
    reply = completion.complete(cell, cursor)
    assert reply is not None
    assert reply["cursor_end"] == cursor
    typed = reply["metadata"]["_jupyter_types_experimental"]
    assert [match["text"] for match in typed] == reply["matches"]
    assert all(match["start"] == reply["cursor_start"] for match in typed)
    return {match["text"]: match["type"] for match in typed}


def explained(completion: Completion, marked: str, detail: int = 0) -> str | None:
    cell, cursor = "%%R\n" + marked.replace("|", "", 1), 4 + marked.index("|")
    reply = completion.inspect(cell, cursor, detail)
    assert reply is not None
    assert reply["found"] == bool(reply["data"])
    return reply["data"].get("text/plain")


def test_names_are_the_user_s_and_those_of_attached_packages_with_their_types(completion: Completion) -> None:
    assert complete(completion, "fr|")["frame"] == "data.frame"
    assert {"mean": "function", "median": "function"}.items() <= complete(completion, "me|").items()
    assert complete(completion, "women|") == {"women": "data"}
    assert complete(completion, "x <- 1:nro|") == {"nrow": "function"}
    assert complete(completion, "TRU|") == {"TRUE": "keyword"}
    assert complete(completion, "fit|")["fit"] == "lm"
    assert "frame" in complete(completion, "|")
    assert "mean" not in complete(completion, "|")


def test_arguments_come_first_and_with_an_equals_sign(completion: Completion) -> None:
    assert list(complete(completion, "greet(|"))[:2] == ["who = ", "polite = "]
    assert complete(completion, "greet(|")["who = "] == "param"
    found = complete(completion, "greet(who = 1, |)")
    assert "polite = " in found and "who = " not in found
    assert "polite = " not in complete(completion, "greet(|, polite = 2)")
    assert next(iter(complete(completion, "stats::sd(1, na|"))) == "na.rm = "
    assert not any(name.endswith("= ") for name in complete(completion, "greet(who = po|"))


def test_arguments_of_methods_are_those_for_the_first_argument(completion: Completion) -> None:
    assert "na.rm = " in complete(completion, "mean(x, |")
    assert "symbolic.cor = " in complete(completion, "summary(fit, |")
    assert "symbolic.cor = " not in complete(completion, "summary(frame, |")
    assert "subset = " in complete(completion, "aggregate(mpg ~ cyl, |")


def test_members_of_lists_frames_slots_environments_and_packages(completion: Completion) -> None:
    assert complete(completion, "frame$|") == {"alpha": "integer", "`b c`": "character"}
    assert complete(completion, "frame$`b|") == {"`b c`": "character"}
    assert complete(completion, "nested$one$|") == {"two": "numeric", "deep": "data.frame"}
    assert complete(completion, 'nested[["one"]]$deep$al|') == {"alpha": "integer"}
    assert complete(completion, "nested[[1]]$tw|") == {"two": "numeric"}
    assert complete(completion, "person@|") == {"name": "character", "age": "numeric"}
    assert complete(completion, "place$ins|") == {"inside": "numeric"}
    assert "total" in complete(completion, "account$to|")
    assert complete(completion, "fit$resid|") == {"residuals": "numeric"}
    assert complete(completion, "stats::med|")["median"] == "function"
    assert complete(completion, "datasets::mtc|") == {"mtcars": "data"}
    assert complete(completion, "splines::b|") == {"backSpline": "function", "bs": "function"}
    assert complete(completion, "nopackage::|") == {}


def test_columns_of_the_data_at_hand(completion: Completion) -> None:
    assert complete(completion, "lm(al|, data = frame)")["alpha"] == "integer"
    assert complete(completion, "with(frame, mean(al|")["alpha"] == "integer"
    assert complete(completion, "subset(frame, b|")["`b c`"] == "character"
    assert "alpha" not in complete(completion, "mean(al|")


def test_texts_are_packages_elements_and_files(completion: Completion, r: Session) -> None:
    assert complete(completion, "library(st|") == {"stats": "module", "stats4": "module"}
    assert complete(completion, "library('st|") == {"stats": "module", "stats4": "module"}
    assert complete(completion, "frame[['|") == {"alpha": "string", "b c": "string"}
    assert complete(completion, "frame[, 'al|") == {"alpha": "string"}
    r.run("dir.create('~/deep/er', recursive = TRUE); cat('a', file = '~/deep/data.csv')")
    assert complete(completion, "read.csv('~/deep/|") == {"data.csv": "path", "er/": "path"}
    assert complete(completion, 'read.csv("~/deep/da|') == {"data.csv": "path"}
    assert complete(completion, "# me|") == {}


def test_python_s_variables_after_py(completion: Completion) -> None:
    assert complete(completion, "py$|") == {"number": "int", "sys": "module", "table": "dict"}
    assert complete(completion, "py$table$al|") == {"alpha": "int"}
    assert complete(completion, "py$table[['be|") == {"beta": "list"}
    assert complete(completion, "py$sys$exi|") == {"exit": "function"}
    assert "exit: Python" in (explained(completion, "py$sys$exi|t") or "")


def test_options_before_the_code(completion: Completion) -> None:
    assert complete(completion, "%%R -i num|", "") == {"number": "int"}
    assert complete(completion, "%%R -o fra|\nx", "")["frame"] == "data.frame"
    assert complete(completion, "%%R --dev|", "") == {"--device": "option"}
    assert complete(completion, "%%R --device p|", "") == {"png": "option"}
    assert complete(completion, "%Rpush num|", "") == {"number": "int"}
    assert complete(completion, "%Rget fra|", "")["frame"] == "data.frame"


def test_a_line_magic_is_completed_as_r(completion: Completion) -> None:
    assert complete(completion, "y = %R nrow(fra|", "x = 1\n")["frame"] == "data.frame"


def test_code_of_python_is_left_to_python(completion: Completion) -> None:
    assert completion.complete("pri", 3) is None
    assert completion.inspect("print(", 6) is None


def test_help_has_signature_title_description_and_usage(completion: Completion) -> None:
    text = explained(completion, "mean(|") or ""
    assert text.startswith("mean(x, ...)\n\nArithmetic Mean {base}\n")
    assert "## Default S3 method:\nmean(x, trim = 0, na.rm = FALSE, ...)" in text
    assert "arithmetic mean." in text
    assert "Examples:" not in text
    assert "Examples:" in (explained(completion, "mean(|", detail=1) or "")
    assert (explained(completion, "stats::l|m") or "").startswith("lm(formula, data, subset,")
    assert "Fitting Linear Models {stats}" in (explained(completion, "lm(mpg ~ |") or "")


def test_help_for_what_the_user_made(completion: Completion) -> None:
    assert explained(completion, "greet(|") == "greet(who, polite = TRUE, ...)"
    assert "function(who" in (explained(completion, "gre|et(", detail=1) or "")
    assert explained(completion, "fra|me") == (
        'frame: data.frame [3 × 2]\n  $ alpha  integer  1 2 3\n  $ b c    character  "a" "b" "c"'
    )
    assert "Motor Trend" in (explained(completion, "mtca|rs") or "")
    assert explained(completion, "nothing.there(|") is None


def test_nothing_of_the_user_s_is_run(completion: Completion, r: Session) -> None:
    r.run(TRAPS)
    asked = [
        "act|", "active$|", "promised$|", "place$|", "place$active$|", "place$promised$|", "effect()$|",
        "effect(|", "ours$|", "ours$kept$|", "ours[['|", "mean(active, |", "mean(ours, |",
        "lm(|, data = promised)", "promised[['|", "effect()[['|",
    ]  # fmt: skip
    for marked in asked:
        complete(completion, marked)
        explained(completion, marked)
    for name in ("active", "promised", "place", "place$active", "ours", "ours$kept", "effect()"):
        explained(completion, f"{name}|")
    assert complete(completion, "place$|") == {
        "active": "active binding", "inside": "numeric", "promised": "promise"
    }  # fmt: skip
    assert complete(completion, "ours$|") == {"kept": "numeric"}
    assert r.eval("length(ran)")[0] == 0
    assert "splines" not in r.eval("loadedNamespaces()")


def test_what_r_shows_stays_as_it_was(completion: Completion, r: Session) -> None:
    r.run("41 + 1\nset.seed(1); seed <- .Random.seed")
    complete(completion, "me|")
    explained(completion, "mean(|")
    r.run("42")
    complete(completion, "stats::sd(|")
    assert r.run(".Last.value").stdout == "[1] 42\n"
    assert r.run("identical(seed, .Random.seed)").stdout == "[1] TRUE\n"


def test_a_python_object_in_r_is_completed_by_python(completion: Completion, r: Session) -> None:
    r.run("there <- import('sys')")
    assert "exit" in complete(completion, "there$exi|")


def test_r_is_not_started_for_an_answer(fresh: Session) -> None:
    fresh.python.namespace = {"table": {"alpha": 1}}
    completion = Completion(fresh)
    assert complete(completion, "pri|") == {}
    assert complete(completion, "mean(|") == {}
    assert complete(completion, "py$table$|") == {"alpha": "int"}
    assert explained(completion, "mean(|") == "R has not started yet: run a cell of R, and its help is here."
    assert explained(completion, "1 + |") is None
    assert not fresh.runtime.ready
