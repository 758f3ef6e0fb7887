from __future__ import annotations

import pytest

from jupyterlite_rpy.options import OptionError, parse, parse_input, parse_output, split_list


def nothing(expression: str) -> object:
    raise AssertionError(f"{expression!r} must not be evaluated")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x <- 1", "x <- 1"),
        ("x -1", "x -1"),
        ("-1 + 2", "-1 + 2"),
        ("-x", "-x"),
        ("-pi", "-pi"),
        ("-nrow(df)", "-nrow(df)"),
        ("lm(y ~ x)$coef; {z}", "lm(y ~ x)$coef; {z}"),
        ("x # -i y", "x # -i y"),
        ("print('a  b')", "print('a  b')"),
        ("--type cairo x", "x"),
        ("--noisolation x", "x"),
        ("", ""),
    ],
)
def test_code_is_left_as_it_is(line: str, code: str) -> None:
    options, rest = parse(line, nothing)
    assert rest == code
    assert options.input == options.output == []


@pytest.mark.parametrize(
    ("line", "names", "code"),
    [
        ("-i a", ["a"], ""),
        ("-i a,b", ["a", "b"], ""),
        ("-i a, b", ["a", "b"], ""),
        ("-i a ,b x", ["a", "b"], "x"),
        ("-i a , b x", ["a", "b"], "x"),
        ("-i a -i b x", ["a", "b"], "x"),
        ("--input a --input=b x", ["a", "b"], "x"),
        ("-i=a,b x", ["a", "b"], "x"),
        ("-i a, -n x", ["a"], "x"),
        ('-i "a, b" x', ["a", "b"], "x"),
        ("-i ns.df x", ["ns.df"], "x"),
    ],
)
def test_inputs_are_listed(line: str, names: list[str], code: str) -> None:
    options, rest = parse(line, nothing)
    assert options.input == [(name, name) for name in names]
    assert rest == code


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("n=len(df)", ("n", "len(df)")),
        ("my.df=df", ("my.df", "df")),
        ("`my df`=df", ("my df", "df")),
        ("x=df['a, b'][0]", ("x", "df['a, b'][0]")),
        ("x=f(a=1)", ("x", "f(a=1)")),
        ("größe=x", ("größe", "x")),
    ],
)
def test_an_input_may_be_an_expression_with_a_name(item: str, expected: tuple[str, str]) -> None:
    assert parse_input(item) == expected


def test_expressions_keep_blanks_and_commas_in_brackets_and_quotes() -> None:
    options, rest = parse('-i x=[1, 2],y={"a": (3, 4)}, z="a, b" -o w code <- 1', nothing)
    assert options.input == [("x", "[1, 2]"), ("y", '{"a": (3, 4)}'), ("z", '"a, b"')]
    assert options.output == [("w", "w")]
    assert rest == "code <- 1"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("fit", ("fit", "fit")),
        ("py=r", ("r", "py")),
        ("py=r.name", ("r.name", "py")),
        ("my.var", ("my.var", "my_var")),
        ("py=`an R name`", ("an R name", "py")),
    ],
)
def test_an_output_may_get_another_name(item: str, expected: tuple[str, str]) -> None:
    assert parse_output(item) == expected


def test_figure_options() -> None:
    line = "-w400 -h 300.5 --units in -r 100 -p 10 -b 'light blue' --bg=white plot(1)"
    options, rest = parse(line, nothing)
    assert (options.width, options.height, options.units) == (400, 300.5, "in")
    assert (options.res, options.pointsize, options.background) == (100, 10, "white")
    assert rest == "plot(1)"


def test_a_number_may_come_from_python() -> None:
    names = {"w": 5, "h": 4, "u": "cm"}
    options, _ = parse("-w {2 * w} -h $h -u {u}", lambda expression: eval(expression, names))
    assert (options.width, options.height, options.units) == (10, 4, "cm")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-i", "-i needs a value"),
        ("-w wide", "-w needs a number, not 'wide'"),
        ("-u feet", "-u must be one of px, in, cm, mm, not 'feet'"),
        ("-i df['a']", "give its value a name in R"),
        ("-i a==b", "give its value a name in R"),
        ("-o 1x", "cannot be the name of a Python variable"),
    ],
)
def test_a_mistake_is_named_with_an_example(line: str, message: str) -> None:
    with pytest.raises(OptionError, match="Example: %%R") as caught:
        parse(line, nothing)
    assert message in str(caught.value)


def test_lists_are_split_outside_of_quotes_and_brackets() -> None:
    assert split_list("a, f(b, c), 'd,e',") == ["a", "f(b, c)", "'d,e'"]
    assert split_list("a  b,c\td", ", \t") == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("line", "code", "inputs", "outputs"),
    [
        ("y <- x * 2 -i x -o y", "y <- x * 2", ["x"], ["y"]),
        ("-i x y <- x -o y, z", "y <- x", ["x"], ["y", "z"]),
        ("lm(y ~ x)$coef; b -o b", "lm(y ~ x)$coef; b", [], ["b"]),
        ("f(x) --output y", "f(x)", [], ["y"]),
        ("x -n", "x -n", [], []),
        ("x -1", "x -1", [], []),
        ("x - o", "x - o", [], []),
        ("x <- -o y", "x <- -o y", [], []),
        ("f(-i x)", "f(-i x)", [], []),
        ("'a -o b'", "'a -o b'", [], []),
        ("x # -i y", "x # -i y", [], []),
        ("x -o y + 2", "x -o y + 2", [], []),
    ],
)
def test_options_may_follow_code_where_they_cannot_be_code(
    line: str, code: str, inputs: list[str], outputs: list[str]
) -> None:
    options, rest = parse(line, nothing)
    assert rest == code
    assert [name for name, _ in options.input] == inputs
    assert [name for name, _ in options.output] == outputs
