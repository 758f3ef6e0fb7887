from __future__ import annotations

import re
import struct
from types import SimpleNamespace
from typing import Any

import pytest
from fake_runtime import FakeRuntime, double, failed, ok

from jupyterlite_rpy import Converters
from jupyterlite_rpy.session import Session

TWO = struct.pack("<d", 2.0)


def run(shell: Any, cell: str) -> Any:
    """Run a cell; return its value, or raise its error."""
    result = shell.run_cell(cell)
    result.raise_error()
    return result.result


def value(**reply: Any) -> Any:
    return ok(value=double(2.0), visible=True, **reply), [TWO, TWO]


def names(shell: Any, *wanted: str) -> dict[str, Any]:
    return {name: shell.user_ns.get(name) for name in wanted}


# ---- %R


def test_a_line_has_the_value_of_its_last_expression(shell: Any, fake: FakeRuntime) -> None:
    fake.script = [value()]
    assert list(run(shell, "x = %R m <- 2\nx")) == [2.0]
    (request,) = fake.requests
    assert (request["code"], request["show"], request["value"]) == ("m <- 2", "none", True)


@pytest.mark.parametrize("line", ["%R m <- 2;", "%R -n m <- 2", "%R m <- 2 ;  "])
def test_a_line_has_no_value_when_it_says_so(shell: Any, fake: FakeRuntime, line: str) -> None:
    assert run(shell, line) is None
    assert fake.requests[0]["value"] is False


def test_null_is_none(shell: Any, fake: FakeRuntime) -> None:
    fake.script = [ok(value={"type": "NULL"}, visible=True)]
    assert run(shell, "x = %R NULL\nx") is None


@pytest.mark.parametrize("code", ["lm(y ~ x)$coef", "{z}; $x", "x %in% y", 'print("a;b")', "~x"])
def test_code_is_not_touched(shell: Any, fake: FakeRuntime, code: str) -> None:
    shell.user_ns.update(z=1, x=2, coef=3)
    run(shell, f"%R {code}")
    assert fake.requests[0]["code"] == code


# ---- %%R


def test_a_cell_prints_as_r_does_and_has_no_value(
    shell: Any, session: Session, fake: FakeRuntime, capsys: pytest.CaptureFixture[str]
) -> None:
    def step(request: Any, buffers: Any, on_event: Any) -> Any:
        on_event({"event": "stream", "name": "stdout", "text": "[1] 2\n"}, [])
        on_event({"event": "stream", "name": "stderr", "text": "careful\n"}, [])
        return value()

    fake.script = [step]
    session.start()
    capsys.readouterr()
    assert run(shell, "%%R\n1 + 1\n") is None
    assert (fake.requests[0]["show"], fake.requests[0]["value"]) == ("all", False)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("[1] 2\n", "careful\n")


def test_lines_are_counted_as_in_the_notebook(shell: Any, fake: FakeRuntime) -> None:
    run(shell, "%%R\na\r\nb\n")
    assert fake.requests[0]["code"] == "\na\nb"
    assert fake.requests[0]["name"].startswith("<cell ")


def test_code_in_the_first_line_is_a_line_of_its_own(shell: Any, fake: FakeRuntime) -> None:
    run(shell, "%%R -w 300 a <- 10\nb <- 1")
    assert fake.requests[0]["code"] == "a <- 10\nb <- 1"
    assert fake.requests[0]["device"]["width"] == 300


def test_an_empty_cell_may_just_hand_over(shell: Any, fake: FakeRuntime) -> None:
    fake.script = [(ok(outputs=[{"name": "y", "value": double(2.0)}]), [TWO])]
    shell.user_ns["x"] = 1.0
    run(shell, "%%R -i x -o y\n\n")
    assert fake.requests[0]["inputs"][0]["name"] == "x"
    assert list(shell.user_ns["y"]) == [2.0]


def test_capture_captures(shell: Any, fake: FakeRuntime) -> None:
    fake.script = [lambda r, b, on: (on({"event": "stream", "name": "stdout", "text": "hi"}, []), ok())[1]]
    run(shell, "%%capture out\n%R cat('hi')")
    assert shell.user_ns["out"].stdout == "hi"


# ---- values


def test_inputs_come_from_the_notebook_and_outputs_go_there(shell: Any, fake: FakeRuntime) -> None:
    outputs = [{"name": "m", "value": double(2.0)}, {"name": "r.name", "value": double(2.0, 1)}]
    fake.script = [(ok(outputs=outputs), [TWO, TWO])]
    shell.user_ns.update(a=[1.0, 2.0], ns=SimpleNamespace(b="text"))
    run(shell, "%%R -i a, ns.b -i n=len(a) -o m,py=r.name\nm <- 1")
    (request,) = fake.requests
    assert [item["name"] for item in request["inputs"]] == ["a", "ns.b", "n"]
    assert [item["value"]["type"] for item in request["inputs"]] == ["double", "character", "integer"]
    assert request["outputs"] == ["m", "r.name"]
    assert {name: list(got) for name, got in names(shell, "m", "py").items()} == {"m": [2.0], "py": [2.0]}


def test_none_is_an_input_like_any_other(shell: Any, fake: FakeRuntime) -> None:
    shell.user_ns["x"] = None
    run(shell, "%R -i x is.null(x)")
    assert fake.requests[0]["inputs"] == [{"name": "x", "value": {"type": "NULL"}}]


def test_a_function_s_own_variables_come_first(shell: Any, fake: FakeRuntime) -> None:
    shell.user_ns["x"] = "notebook"
    run(shell, "def f():\n    x = 1.5\n    k = [i for i in range(2)]\n    %R -i x,n=[x for _ in k] x\nf()")
    assert [item["value"]["type"] for item in fake.requests[0]["inputs"]] == ["double", "double"]
    run(shell, "def f():\n    y = 2\n    %Rpush x y\nf()")
    assert [item["value"]["type"] for item in fake.requests[1]["inputs"]] == ["character", "integer"]


@pytest.mark.parametrize(
    "cell", ["%%R -i nope\n1", "%R -i nope 1", "%Rpush nope", "%R -i max 1", "%R -w {nope} 1"]
)
def test_an_unknown_name_is_named(shell: Any, fake: FakeRuntime, cell: str) -> None:
    with pytest.raises(NameError, match=r"name '(nope|max)' is not defined"):
        run(shell, cell)
    assert fake.requests == []


def test_push_pull_and_get(shell: Any, fake: FakeRuntime) -> None:
    shell.user_ns.update(a=1, b=2)
    fake.script = [ok(), value(), value(), value()]
    run(shell, "%Rpush a b, c=a+b")
    assert [item["name"] for item in fake.requests[0]["inputs"]] == ["a", "b", "c"]
    run(shell, "%Rpull x py=y.z")
    assert [request["name"] for request in fake.requests[1:]] == ["x", "y.z"]
    assert {name: list(got) for name, got in names(shell, "x", "py").items()} == {"x": [2.0], "py": [2.0]}
    assert list(run(shell, "v = %Rget x\nv")) == [2.0]


def test_nothing_is_assigned_when_one_pulled_name_is_missing(shell: Any, fake: FakeRuntime) -> None:
    fake.script = [value(), failed("missing", "object 'b' not found", name="b")]
    with pytest.raises(KeyError, match="object 'b' not found"):
        run(shell, "%Rpull a b")
    assert "a" not in shell.user_ns


# ---- options


def test_figure_options_make_the_device(shell: Any, fake: FakeRuntime) -> None:
    shell.user_ns["size"] = 5
    run(shell, "%%R -w {size} -h 4 -u in -r 100 -p 10 -b transparent\nplot(1)")
    assert fake.requests[0]["device"] == {
        "type": "png",
        "width": 500,
        "height": 400,
        "pointsize": 10,
        "bg": "transparent",
        "res": 100,
        "scale": 2,
    }


def test_rdevice_chooses_the_format(shell: Any, fake: FakeRuntime) -> None:
    run(shell, "%Rdevice svg")
    run(shell, "%R plot(1)")
    run(shell, "%R --device png plot(1)")
    assert [request["device"]["type"] for request in fake.requests] == ["svg", "png"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("https://host/r", ["https://host/r"]),
        ('["site", "https://host/r"]', ["site", "https://host/r"]),
    ],
)
def test_roptions_takes_lists(shell: Any, session: Session, text: str, places: list[str]) -> None:
    run(shell, f"%Roptions repositories={text} width=600")
    assert (session.settings.repositories, session.settings.width) == (places, 600)


def test_roptions_sets_and_shows_defaults(
    shell: Any, fake: FakeRuntime, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "%Roptions width=600 print=last, background='light blue' scale=1")
    run(shell, "%%R\n1")
    (request,) = fake.requests
    assert (request["show"], request["device"]["width"], request["device"]["bg"]) == (
        "last",
        600,
        "light blue",
    )
    run(shell, "%Roptions")
    out = capsys.readouterr().out
    assert "print='last'" in out
    assert "scale=1" in out


def test_settings_are_ipython_configurables(shell: Any, session: Session) -> None:
    run(shell, "%config RSettings.width = 320")
    assert session.settings.width == 320


def test_a_converter_is_in_force_for_the_cell(shell: Any, fake: FakeRuntime) -> None:
    class Point:
        x = 1.5

    converters = Converters()
    converters.to_r(Point)(lambda point: point.x)
    shell.user_ns.update(ns=SimpleNamespace(mine=converters), p=Point())
    run(shell, "%R -c ns.mine -i p p")
    run(shell, "%R -i p p")
    assert [request["inputs"][0]["value"]["type"] for request in fake.requests] == ["double", "python"]


def test_a_display_function_gets_the_last_value_instead_of_the_notebook(
    shell: Any, fake: FakeRuntime
) -> None:
    seen: list[Any] = []
    shell.user_ns["show"] = lambda value, options: seen.append((list(value), options.width))
    fake.script = [value(), (ok(value=double(2.0), visible=False), [TWO])]
    run(shell, "%%R -d show -w 300\n1 + 1")
    run(shell, "%%R -d show\nx <- 1")
    assert seen == [([2.0], 300.0)]
    assert fake.requests[0]["show"] == "none"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%%R -w wide\n1", "-w needs a number"),
        ("%%R -w 0\n1", "width must be a number greater than 0"),
        ("%%R --device pdf\n1", "device must be one of"),
        ("%R -c 5 1", "-c needs Converters"),
        ("%R -d 5 1", "-d needs a function"),
        ("%Rpush", "which variables"),
        ("%Rget a b", "takes one name"),
        ("%Rdevice pdf", "takes one of png, svg"),
        ("%Rinstall -z R6", "the only option here is -a"),
        ("%Roptions widht=3", "there is no option 'widht'"),
        ("%Roptions width=wide", "width=wide"),
        ("%Roptions width=-1", "greater than 0"),
        ("%Roptions print=some", "print=some"),
    ],
)
def test_a_usage_error_is_two_lines(
    shell: Any, fake: FakeRuntime, capsys: pytest.CaptureFixture[str], cell: str, message: str
) -> None:
    shell.run_cell(cell)
    captured = capsys.readouterr()
    shown = (captured.out + captured.err).strip().splitlines()
    assert shown[0].startswith("UsageError: ")
    assert message in shown[0]
    assert shown[1].startswith("Example: ")
    assert len(shown) == 2
    assert fake.requests == []


# ---- errors as the notebook shows them


def shown_error(shell: Any, cell: str, capsys: pytest.CaptureFixture[str]) -> str:
    shell.magics_manager.registry["RMagics"].session.start()
    capsys.readouterr()
    shell.run_cell(cell)
    return re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)


def test_an_error_in_a_cell_shows_r_only(
    shell: Any, fake: FakeRuntime, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.script = [failed("error", "inner", call="f()", traceback=["f()", 'stop("inner")'])]
    assert shown_error(shell, "%%R\nf()", capsys).strip() == (
        'RError: Error in f() : inner\nR traceback (most recent call last):\n  1: f()\n  2: stop("inner")'
    )


def test_an_error_in_a_line_shows_the_user_s_frames(
    shell: Any, fake: FakeRuntime, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.script = [failed("error", "inner", call="f()")]
    shown = shown_error(shell, "def g():\n    x = 1\n    y = %R f()\ng()", capsys)
    assert "RError: Error in f() : inner" in shown
    assert "in g()" in shown
    assert "magics.py" not in shown
    assert "interactiveshell.py" not in shown


def test_a_syntax_error_shows_r_s_lines(
    shell: Any, fake: FakeRuntime, capsys: pytest.CaptureFixture[str]
) -> None:
    source = "2: x <- (\n   ^"
    fake.script = [
        failed("parse", "unexpected end of input", line=3, column=0, source=source, name="<cell 1>")
    ]
    shown = shown_error(shell, "%%R\nx <- (", capsys).strip()
    assert shown == f"RParseError: Error: unexpected end of input (<cell 1>:3:0)\n{source}"


def test_a_python_cause_is_shown_without_our_frames(
    shell: Any, fake: FakeRuntime, capsys: pytest.CaptureFixture[str]
) -> None:
    def step(request: Any, buffers: Any, on_event: Any) -> Any:
        function = request["inputs"][0]["value"]["id"]
        answer, _ = on_event({"event": "python", "op": "call", "id": function, "args": []}, [])
        return failed("error", answer["error"]["message"], python=answer["error"]["python"])

    shell.run_cell("def broken():\n    return 1 / 0")
    for cell in ("%R -i broken broken()", "%%R -i broken\nbroken()"):
        fake.script = [step]
        shown = shown_error(shell, cell, capsys)
        assert "ZeroDivisionError" in shown
        assert "return 1 / 0" in shown
        assert "RError: Error: division by zero" in shown
        assert "events.py" not in shown
        assert "magics.py" not in shown


def test_a_bug_of_ours_shows_all(shell: Any, fake: FakeRuntime, capsys: pytest.CaptureFixture[str]) -> None:
    fake.script = [{"status": "ok", "outputs": [{}]}]
    shown = shown_error(shell, "%R 1", capsys)
    assert "KeyError" in shown
    assert "session.py" in shown


# ---- loading


def test_loading_again_keeps_the_session(shell: Any, session: Session) -> None:
    run(shell, "%reload_ext jupyterlite_rpy")
    assert shell.magics_manager.registry["RMagics"].session is session


def test_unloading_takes_the_magics_away(shell: Any) -> None:
    run(shell, "%unload_ext jupyterlite_rpy")
    assert shell.find_line_magic("R") is None
    assert shell.find_cell_magic("R") is None
    assert shell.custom_exceptions == ()
    run(shell, "%load_ext jupyterlite_rpy")


def test_r_may_start_when_the_extension_is_loaded(shell: Any, session: Session, fake: FakeRuntime) -> None:
    assert fake.epoch == 0
    session.settings.start = "load"
    run(shell, "%unload_ext jupyterlite_rpy\n%load_ext jupyterlite_rpy")
    assert fake.epoch == 1


def test_html_is_wanted_by_cells_unless_switched_off(shell: Any, fake: FakeRuntime) -> None:
    run(shell, "%%R\nmtcars")
    run(shell, "%R mtcars")
    run(shell, "%Roptions html=off")
    run(shell, "%%R\nmtcars")
    run(shell, "%Roptions html=on")
    assert [request.get("html", False) for request in fake.requests] == [True, False, False]


def test_pushing_and_getting_take_a_converter(shell: Any, fake: FakeRuntime) -> None:
    class Point:
        pass

    converters = Converters()
    converters.to_r(Point)(lambda value: "a point")
    shell.user_ns.update(p=Point(), c=converters)
    run(shell, "%Rpush -c c p")
    run(shell, "%Rpush p -c c")
    assert [r["inputs"][0]["value"]["type"] for r in fake.requests] == ["character", "character"]
    fake.script = [value()]
    assert list(run(shell, "x = %Rget -c c a\nx")) == [2.0]
