from __future__ import annotations

import pytest

from jupyterlite_rpy.place import Path, find_place, find_region, find_subjects, path


def cut(marked: str) -> tuple[str, int]:
    """Code with a bar at the place in; the code and the place out."""
    return marked.replace("|", "", 1), marked.index("|")


def code_of(marked: str) -> str | None:
    """The R code around a place in a cell."""
    cell, cursor = cut(marked)
    region = find_region(cell, cursor)
    return None if region is None or region.option else cell[region.start : region.end]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("%%R\nme|", "\nme"),
        ("%%R -i df -w 300\nme|\nx", "\nme\nx"),
        ("%%R -w 300 x <- me|", " x <- me"),
        ("\n  \n%%R\nme|", "\nme"),
        ("%%time\n%%R\nme|", "\nme"),
        ("a = 1\n%R me|\nb = 2", " me"),
        ("if a:\n    %R me|", " me"),
        ("x = %R -i df me|", " me"),
        ("%%time\nx = %R me|", " me"),
        ("%%R|\nx", None),
        ("%|%R\nx", None),
        ("%%Rx\nme|", None),
        ("%%bash\n%R me|", None),
        ("pri|", None),
        ("x = 5 %R me|", None),
        ("x %R me|", None),
        ("%R|", None),
        ("%R x\nme|", None),
        ("print('%%R')\nme|", None),
    ],
)
def test_r_code_is_found_in_a_cell(cell: str, code: str | None) -> None:
    assert code_of(cell) == code


@pytest.mark.parametrize(
    ("cell", "option", "text"),
    [
        ("%%R -i d|", "input", "d"),
        ("%%R -i df,o|\nx", "input", "o"),
        ("%%R -i n=d|\nx", "input", "d"),
        ("%%R -i df -o |", "output", ""),
        ("%%R --device p|", "device", "p"),
        ("%%R -|\nx", "-", "-"),
        ("%%R -i df --w|\nx", "-", "--w"),
        ("%R -i d|", "input", "d"),
        ("%%R -|i df\nx", "-", "-"),
        ("%%R |  -n\nx", "other", ""),
    ],
)
def test_options_before_the_code_are_told_from_it(cell: str, option: str, text: str) -> None:
    region = find_region(*cut(cell))
    assert region is not None
    assert (region.option, region.text) == (option, text)


@pytest.mark.parametrize(
    ("code", "kind", "part"),
    [
        ("x <- me|", "code", "me"),
        ("1:n|", "code", "n"),
        ("-x.y_|", "code", "x.y_"),
        (".h|", "code", ".h"),
        ("`my na|", "code", "`my na"),
        ("äb|", "code", "äb"),
        ("# don't me|", "comment", ""),
        ("'# no comment'; me|", "code", "me"),
        ("# it's over\nme|", "code", "me"),
        ('"a \\" me|', "string", 'a \\" me'),
        ('r"(a " me|', "string", 'a " me'),
        ('r"(it\'s)"; me|', "code", "me"),
        ("paste('a\nb|", "string", "a\nb"),
        ("'it' |", "code", ""),
    ],
)
def test_what_is_written_is_told_from_text_and_comments(code: str, kind: str, part: str) -> None:
    place = find_place(*cut(code))
    assert (place.kind, place.part, place.operator) == (kind, part, "")


@pytest.mark.parametrize(
    ("code", "base", "operator", "part"),
    [
        ("df$a|", "df", "$", "a"),
        ("df$|", "df", "$", ""),
        ("x <- a$b$`c d`$e|", "a$b$`c d`", "$", "e"),
        ('l[["a"]]$b|', 'l[["a"]]', "$", "b"),
        ("l[[2]]@s|", "l[[2]]", "@", "s"),
        ("stats::l|", "stats", "::", "l"),
        ("stats:::|", "stats", ":::", ""),
        ("stats::lm$x|", "stats::lm", "$", "x"),
        ("df$`my c|", "df", "$", "`my c"),
    ],
)
def test_members_have_what_they_are_members_of(code: str, base: str, operator: str, part: str) -> None:
    place = find_place(*cut(code))
    assert (place.base, place.operator, place.part) == (path(base), operator, part)


@pytest.mark.parametrize("code", ["f(x)$a|", "x[1]$a|", "1e|", "12|", "f(x)$a$b|", "1.5e|", "x[[i]]$a|"])
def test_members_of_what_would_have_to_be_computed_have_no_path(code: str) -> None:
    place = find_place(*cut(code))
    assert place.base is None
    assert place.operator


def test_a_path_has_a_step_for_each_name() -> None:
    assert path("stats::lm") == Path(("stats", "lm"), ("", "::"))
    assert path('a$`b c`[["d"]][[2]]@e') == Path(("a", "b c", '"d"', "2", "e"), ("", "$", "[[", "[[", "@"))


def test_calls_have_their_function_and_arguments() -> None:
    code, cursor = cut("plot(x, lm(y ~ a, data = d, sub| , weights = w), main = ')')")
    outer, inner = find_place(code, cursor).calls
    assert (outer.function, inner.function) == (path("plot"), path("lm"))
    assert inner.arguments == ("y ~ a", " data = d", " sub")
    assert inner.after == (" weights = w",)
    assert inner.first == "y ~ a"
    assert {name: text.strip() for name, text in inner.given.items()} == {"data": "d", "weights": "w"}
    assert set(outer.given) == {"main"}


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        ("f(|", True),
        ("f(a, na.|", True),
        ("f(\n  # first\n  a,\n  b|", True),
        ("f(a = |", False),
        ("f(-a|", False),
        ("f(g(x), |", True),
        ("f(function(x) { |", False),
        ("(|", False),
        ("if (|", False),
        ("x[|", False),
        ("f(x)|", False),
        ("f('|", False),
    ],
)
def test_names_of_arguments_stand_where_an_argument_begins(code: str, begins: bool) -> None:
    assert find_place(*cut(code)).begins_argument is begins


@pytest.mark.parametrize(
    ("code", "subjects"),
    [
        ("me|an(x)", ["mean"]),
        ("mean(|x)", ["x", "mean"]),
        ("mean(x, |", ["mean"]),
        ("sum(stats::sd(|))", ["stats::sd", "sum"]),
        ("df$co|l", ["df$col"]),
        ("library('st|", ["library"]),
        ("# mean|", []),
        ("if (|", []),
        ("x[|", []),
        ("1 + |", []),
    ],
)
def test_help_is_about_the_name_and_then_the_calls_around_it(code: str, subjects: list[str]) -> None:
    assert find_subjects(*cut(code)) == [path(subject) for subject in subjects]
