from __future__ import annotations

import gc
import struct
from collections.abc import Callable
from typing import Any

import pytest
from needs import needs_node

from jupyterlite_rpy import ObjectNotFoundError, RCrashError, RError, RParseError, Session, StaleObjectError
from jupyterlite_rpy.figure import Figure
from jupyterlite_rpy.result import Stream

pytestmark = needs_node


def text(session: Session, code: str, **options: Any) -> str:
    return session.run(code, **options).stdout


def first(value: Any) -> Any:
    return next(iter(value))


# ---- R's console


def test_every_visible_value_is_printed_as_at_r_s_console(r: Session) -> None:
    assert text(r, "x <- 3\nx\n'a'\ninvisible(5)\n(y <- 2)") == '[1] 3\n[1] "a"\n[1] 2\n'
    assert text(r, "1\n2", show="last") == "[1] 2\n"
    assert text(r, "1\n2", show="none") == ""


def test_messages_and_warnings_stand_where_they_happen(r: Session) -> None:
    result = r.run(
        "cat('a\\n'); message('b'); cat('c\\n')\nf <- function() warning('careful')\nf()\ncat('d\\n')"
    )
    assert result.stdout == "a\nc\nd\n"
    streams = [output for output in result.outputs if isinstance(output, Stream)]
    assert "".join(stream.text for stream in streams).startswith("a\nb\nc\n")
    assert "In f() : careful" in result.stderr


def test_an_error_has_message_call_and_traceback_and_keeps_what_was_done(r: Session) -> None:
    seen: list[Any] = []
    with pytest.raises(RError) as caught:
        r.run("kept <- 1\ncat('done\\n')\ng <- function(x) stop('no ', x)\ng('way')", on_output=seen.append)
    assert (caught.value.message, caught.value.call) == ("no way", 'g("way")')
    assert caught.value.traceback[0] == 'g("way")'
    assert "simpleError" in caught.value.rclass
    assert Stream("stdout", "done\n") in seen
    assert first(r.get("kept")) == 1


def test_a_syntax_error_says_where_before_anything_runs(r: Session) -> None:
    with pytest.raises(RParseError, match="unexpected symbol") as caught:
        r.run("cat('never')\nx <- 1 y", on_output=lambda output: pytest.fail("it ran"))
    assert (caught.value.line, caught.value.column) == (2, 8)


@pytest.mark.parametrize("code", ["q()", "quit(save = 'no')"])
def test_r_does_not_quit(r: Session, code: str) -> None:
    with pytest.raises(RError):
        r.run(code)
    assert first(r.eval("1 + 1")) == 2


# ---- values


def test_values_go_and_come_back(r: Session) -> None:
    result = r.run("m <- mean(xs)\nn <- nchar(s)", {"xs": [1.0, 2.0, 6.0], "s": "äöü"}, ["m", "n"])
    assert first(result.values["m"]) == 3
    assert first(result.values["n"]) == 3


def test_large_values_cross_unchanged(r: Session) -> None:
    data = bytes(range(256)) * 40_000
    r.set({"big": data})
    assert bytes(r.get("big")) == data
    assert first(r.eval("length(big)")) == len(data)


def test_a_missing_name_is_named(r: Session) -> None:
    with pytest.raises(ObjectNotFoundError, match="object 'not_there' not found"):
        r.get("not_there")
    with pytest.raises(KeyError):
        r.run("1", outputs=["not_there"])


def test_functions_are_called_by_name_and_by_handle(r: Session) -> None:
    assert first(r.call("stats::median", [3, 1, 2])) == 2
    paste = r.get("paste")
    assert first(paste("a", "b", sep="-")) == "a-b"


def test_a_locked_variable_stops_all_values(r: Session) -> None:
    r.run("open1 <- 1; locked1 <- 2; lockBinding('locked1', globalenv())")
    with pytest.raises(RError, match="cannot change value of locked binding for 'locked1'"):
        r.set({"open1": 100, "locked1": 200})
    assert list(r.eval("c(open1, locked1)")) == [1, 2]
    r.run("unlockBinding('locked1', globalenv())")


def test_objects_stay_in_r_and_go_back_as_themselves(r: Session) -> None:
    model = r.eval("lm(mpg ~ wt, mtcars)")
    assert model.rclass == ("lm",)
    assert first(r.call("class", model)) == "lm"
    r.set({"again": model})
    assert first(r.eval("identical(again$call, quote(lm(formula = mpg ~ wt, data = mtcars)))"))


def test_r_forgets_what_python_dropped(r: Session) -> None:
    def handles() -> int:
        reply, _ = r._exchange.send({"op": "state"})
        return int(reply["handles"])

    gc.collect()  # what other tests left goes now, not while this one counts
    before = handles()
    objects = [r.eval("new.env()") for _ in range(50)]
    assert handles() == before + 50
    objects.clear()
    assert handles() == before


# ---- R calls Python


def test_r_calls_python_calls_r(r: Session) -> None:
    def twice(x: Any) -> Any:
        return first(r.call("sum", x, x))

    assert first(r.run("f(21)", {"f": twice}, value=True).value) == 42


def test_many_python_objects_come_back_as_they_went(r: Session) -> None:
    objects = [object() for _ in range(300)]
    r.set({"held": [*objects, print]})
    assert list(
        r.eval("c(length(held), inherits(held[[7]], 'python.object'), is.function(held[[301]]))")
    ) == [301, 1, 1]
    back = r.get("held")
    assert all(one is other for one, other in zip(back, [*objects, print], strict=True))


def test_python_s_exception_is_an_r_condition_and_the_cause(r: Session) -> None:
    def fail() -> None:
        raise LookupError("nothing here")

    r.set({"fail": fail})
    assert text(r, "cat(tryCatch(fail(), error = function(e) conditionMessage(e)))") == "nothing here"
    with pytest.raises(RError, match="nothing here") as caught:
        r.run("fail()")
    assert isinstance(caught.value.__cause__, LookupError)


def test_python_prints_in_between(r: Session, capsys: pytest.CaptureFixture[str]) -> None:
    r.set({"say": lambda: print("python")})
    r.call("eval", r.eval("quote({ cat('before\\n'); say(); cat('after\\n') })"))
    assert capsys.readouterr().out == "before\npython\nafter\n"


def test_readline_asks_input(r: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: f"<{prompt}>")
    assert "<name? >" in text(r, "cat(readline('name? '))")


# ---- plots


def png_size(data: bytes | str) -> tuple[int, int]:
    assert isinstance(data, bytes)
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_a_plot_is_drawn_twice_as_dense_as_it_is_shown(r: Session) -> None:
    (page,) = r.run("plot(1:10)", figure=Figure(width=300, height=200)).displays
    assert (page.width, page.height) == (300, 200)
    assert png_size(page.data) == (600, 400)


def test_every_page_is_shown_and_a_later_line_updates_it(r: Session) -> None:
    assert len(r.run("plot(1); plot(2)").displays) == 2
    seen: list[Any] = []
    r.run("plot(1:3)\ncat('between\\n')\nabline(h = 2)", on_output=seen.append)
    pages = [output for output in seen if not isinstance(output, Stream)]
    assert len({page.id for page in pages}) == 1
    assert len(r.run("plot(1:3)\ncat('between\\n')\nabline(h = 2)").displays) == 1


def test_svg(r: Session) -> None:
    (page,) = r.run("plot(1)", figure=Figure(device="svg", width=5, height=4)).displays
    assert page.mime == "image/svg+xml"
    assert "<svg" in page.data  # type: ignore[operator]


def test_no_device_is_open_unless_something_draws(r: Session) -> None:
    assert text(r, "cat(length(dev.list()))") == "0"


# ---- ends and beginnings


CRASH = """
deep <- list()
for (i in 1:100000) deep <- list(deep)
unlist(deep)
"""


def test_a_fresh_r_follows_a_crash_with_the_variables_that_could_be_saved(fresh: Session) -> None:
    model = fresh.run("kept <- 42\nlm(mpg ~ wt, mtcars)", value=True).value
    with pytest.raises(RCrashError) as caught:
        fresh.run(CRASH)
    assert "kept" in caught.value.kept
    assert first(fresh.get("kept")) == 42
    assert fresh.epoch == 2
    with pytest.raises(StaleObjectError):
        fresh.call("summary", model)


def killed(session: Session) -> None:
    session.runtime._child.process.kill()  # type: ignore[attr-defined]


@pytest.mark.parametrize("end", [killed, Session.close])
def test_a_fresh_process_follows_one_that_ended(fresh: Session, end: Callable[[Session], None]) -> None:
    fresh.run("x <- 1")
    end(fresh)
    if end is killed:
        with pytest.raises(RCrashError, match="SIGKILL"):
            fresh.run("1")
    with pytest.raises(KeyError):
        fresh.get("x")
    assert fresh.epoch == 2


def test_the_time_zone_is_the_one_that_was_set(fresh: Session) -> None:
    fresh.settings.timezone = "Asia/Tokyo"
    assert first(fresh.eval("Sys.timezone()")) == "Asia/Tokyo"
    assert fresh.runtime.timezone == "Asia/Tokyo"


def test_byte_code_runs_where_it_was_set(fresh: Session) -> None:
    """Byte code calls byte code without a frame on R's stack; what is evaluated as syntax trees does not."""
    deep = "f <- compiler::cmpfun(function(n) if (n == 0) 0 else 1 + f(n - 1)); f(5000)"
    with pytest.raises(RError, match="too close to the limit"):
        fresh.run(deep)
    fresh.settings.bytecode = True
    fresh.close()
    assert fresh.run(deep).stdout == "[1] 5000\n"


def test_a_missing_folder_is_named(fresh: Session) -> None:
    fresh.settings.webr_url = "/not/there"
    with pytest.raises(RuntimeError, match="/not/there"):
        fresh.run("1")


def test_a_missing_node_is_named(fresh: Session) -> None:
    fresh.settings.node = "/not/there/node"
    with pytest.raises(RuntimeError, match="/not/there/node"):
        fresh.run("1")


def test_a_time_limit_ends_r_code_and_only_that(r: Session) -> None:
    r.settings.timeout = 0.3
    try:
        with pytest.raises(RError, match="reached elapsed time limit"):
            r.run("repeat {}")
        # Each cell has its own time, and one that fails leaves none.
        r.settings.timeout = 0
        r.run("Sys.sleep(0.5)")
    finally:
        r.settings.timeout = 0


def test_a_time_limit_ends_python_code_that_r_called(r: Session) -> None:
    def work() -> None:
        while True:
            pass

    r.settings.timeout = 0.3
    try:
        with pytest.raises(RError, match="reached elapsed time limit"):
            r.run("tryCatch(work(), error = identity)\nlate <- TRUE", {"work": work})
        assert next(iter(r.eval("exists('late')"))) == False  # noqa: E712  # NumPy's, if it is there
    finally:
        r.settings.timeout = 0


def test_a_locale_that_is_not_there_is_warned_of(r: Session) -> None:
    assert "no locale data here: 'de_DE.UTF-8'" in r.run("x <- Sys.setlocale('LC_ALL', 'de_DE.UTF-8')").stderr
    r.run("invisible(Sys.setlocale('LC_ALL', 'en_US.UTF-8'))")
    assert r.run("old <- Sys.getlocale(); x <- Sys.setlocale('LC_COLLATE', 'C')").stderr == ""
    assert r.run("x <- Sys.setlocale('LC_ALL', old); x <- Sys.setlocale()").stderr == ""
