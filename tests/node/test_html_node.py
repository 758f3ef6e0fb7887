"""Visible values as HTML, with real R."""

from __future__ import annotations

import pytest
from needs import needs_node

from jupyterlite_rpy.result import Display
from jupyterlite_rpy.session import Session

pytestmark = needs_node


def shown(r: Session, code: str) -> list[Display]:
    return r.run(code, html=True).displays


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("head(mtcars, 3)", "A data.frame: 3 × 11"),
        ("iris", "A data.frame: 150 × 5"),
        ("matrix(1:4, 2)", "A matrix of type integer: 2 × 2"),
        ("table(mtcars$cyl, mtcars$gear)", "A table: 3 × 3"),
        ("data.frame(a = integer())", "A data.frame: 0 × 1"),
        ("data.frame(x = 1:2, z = I(list(1:3, mean)))", "A data.frame: 2 × 2"),
    ],
)
def test_tables_tell_their_size(r: Session, code: str, told: str) -> None:
    (display,) = shown(r, code)
    assert display.mime == "text/html"
    assert f"<caption>{told}</caption>" in display.data and display.text


@pytest.mark.parametrize(
    "code",
    [
        "1:3",
        "anova(lm(mpg ~ wt, mtcars))",
        "summary(mtcars)",
        "list(1)",
        "quote(a + b)",
        "factor('a')",
        "data.frame()",
    ],
)
def test_what_r_prints_in_its_own_way_is_printed(r: Session, code: str) -> None:
    result = r.run(code, html=True)
    assert result.displays == [] and result.stdout


def test_without_html_all_is_text(r: Session) -> None:
    result = r.run("head(mtcars, 1); View(head(cars, 1)); ?mean", html=False)
    assert result.displays == []
    assert "Mazda RX4" in result.stdout and "Arithmetic Mean" in result.stdout


def test_text_is_escaped(r: Session) -> None:
    (display,) = shown(r, "data.frame(`<b>` = '<script>&\"', check.names = FALSE)")
    assert "<script>" not in display.data and "&lt;script&gt;&amp;&quot;" in display.data


def test_large_tables_are_cut_and_quick(r: Session) -> None:
    (display,) = shown(r, "data.frame(a = seq_len(1e6), b = 1)")
    assert "1,000,000 × 2" in display.data and "\u22ee" in display.data
    assert len(display.data) < 10_000 and len(display.text or "") < 3_000
    (wide,) = shown(r, "as.data.frame(matrix(1, 2, 10000))")
    assert "\u22ef" in wide.data and len(wide.data) < 10_000


def test_methods_of_the_notebook_make_html(r: Session) -> None:
    r.run('repr_html.money <- function(x, ...) sprintf("<b>%.2f EUR</b>", unclass(x))')
    (display,) = shown(r, 'structure(12.5, class = "money")')
    assert display.data == "<b>12.50 EUR</b>"
    r.run("repr_html.money <- function(x, ...) stop('no')")
    assert r.run('structure(12.5, class = "money")', html=True).stdout.startswith("[1] 12.5")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("?lm", "Fitting Linear Models"),
        ("help('median')", "Median Value"),
        ("View(cars)", "speed"),
        ("demo()", "lm.glm"),
        ("library()", "The R Base Package"),
        ("data(package = 'datasets')", "AirPassengers"),
        ("browseURL('https://example.org/?a=1&b')", "https://example.org/?a=1&amp;b"),
    ],
)
def test_help_and_listings_are_pages(r: Session, code: str, words: str) -> None:
    (display,) = shown(r, code)
    assert words in display.data and "<script" not in display.data


def test_a_value_s_html_can_be_asked(r: Session) -> None:
    html, text = r.html(r.eval("head(cars, 2)")) or ("", "")
    assert html.startswith("<table") and "speed" in text
    assert r.html([1, 2]) is None
