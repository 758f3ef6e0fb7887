from __future__ import annotations

import asyncio
import struct
import threading
import timeit
from collections.abc import Sequence
from typing import Any

import pytest
from fake_runtime import FakeRuntime, double, failed, ok

from jupyterlite_rpy.errors import (
    ConversionError,
    ObjectNotFoundError,
    RCrashError,
    RError,
    RInterrupt,
    RParseError,
    RuntimeStartError,
    StaleObjectError,
)
from jupyterlite_rpy.result import Display, Stream
from jupyterlite_rpy.runtime import Buffer, EventHandler, Message
from jupyterlite_rpy.session import Session

TWO = struct.pack("<d", 2.0)
HANDLE = {"type": "handle", "id": 7, "typeof": "list", "class": ["lm"]}


def events(*happening: Any, reply: Message | None = None) -> Any:
    """A step of the script: these events happen, then the reply comes. Answers are kept in `.answers`."""

    def step(request: Message, buffers: Sequence[Buffer], on_event: EventHandler) -> Any:
        for event in happening:
            message, data = event if isinstance(event, tuple) else (event, [])
            step.answers.append(on_event(message, data))  # type: ignore[attr-defined]
        return reply if reply is not None else ok()

    step.answers = []  # type: ignore[attr-defined]
    return step


def stream(text: str, name: str = "stdout") -> Message:
    return {"event": "stream", "name": name, "text": text}


# ---- requests and replies


def test_run_sends_code_inputs_and_device_and_returns_what_it_asked_for(
    session: Session, fake: FakeRuntime
) -> None:
    fake.script = [
        (ok(value=double(2.0), visible=True, outputs=[{"name": "m", "value": double(2.0, 1)}]), [TWO, TWO])
    ]
    result = session.run("m <- mean(xs)", {"xs": [1.0, 3.0]}, ["m"], value=True, show="last", name="<cell 3>")
    (request,) = fake.requests
    assert request["op"] == "run"
    assert (request["code"], request["name"], request["show"]) == ("m <- mean(xs)", "<cell 3>", "last")
    assert request["outputs"] == ["m"]
    assert request["inputs"] == [{"name": "xs", "value": {"type": "double", "length": 2, "buffer": 0}}]
    assert fake.buffers == [[struct.pack("<2d", 1, 3)]]
    assert request["device"]["type"] == "png"
    assert list(result.value) == [2.0] == list(result.values["m"])
    assert result.visible


def test_eval_get_set_and_call_are_one_request_each(session: Session, fake: FakeRuntime) -> None:
    fake.script = [(ok(value=double(2.0)), [TWO]) for _ in range(2)] + [ok(), (ok(value=double(2.0)), [TWO])]
    assert list(session.eval("1 + 1")) == [2.0]
    assert list(session.get("x")) == [2.0]
    session.set({"a": 2.0, "b": None})
    assert list(session.call("stats::median", 2.0, na_rm=True)) == [2.0]
    evaluated, got, assigned, called = fake.requests
    assert (evaluated["op"], evaluated["show"], evaluated["value"]) == ("run", "none", True)
    assert (got["op"], got["name"], got["keep"]) == ("get", "x", False)
    assert [item["name"] for item in assigned["inputs"]] == ["a", "b"]
    assert called["function"] == {"name": "stats::median"}
    assert [argument["name"] for argument in called["args"]] == [None, "na_rm"]


def test_nothing_is_sent_when_one_value_cannot_be_converted(session: Session, fake: FakeRuntime) -> None:
    kept = object()
    with pytest.raises(ConversionError, match="bad"):
        session.set({"good": kept, "bad": 2**70})
    assert fake.requests == []
    assert len(session._exchange.conversion.objects) == 0


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("error", RError),
        ("parse", RParseError),
        ("missing", ObjectNotFoundError),
        ("value", ConversionError),
        ("interrupt", RInterrupt),
        ("trap", RCrashError),
    ],
)
def test_an_error_reply_is_raised(
    session: Session, fake: FakeRuntime, kind: str, error: type[BaseException]
) -> None:
    fake.script = [failed(kind, "no")]
    with pytest.raises(error, match="no"):
        session.run("f()")
    assert session.run("1").outputs == []


# ---- outputs


def test_outputs_are_in_the_result_in_order(session: Session, fake: FakeRuntime) -> None:
    page = {
        "event": "display", "id": "p", "update": False, "mime": "image/svg+xml", "buffer": 0,
        "width": 300, "height": 200,
    }  # fmt: skip
    fake.script = [events(stream("a"), (page, [b"<svg/>"]), stream("w", "stderr"))]
    assert session.run("plot(1)").outputs == [
        Stream("stdout", "a"),
        Display("p", "image/svg+xml", "<svg/>", width=300, height=200),
        Stream("stderr", "w"),
    ]


def test_outputs_go_to_on_output_as_they_happen(session: Session, fake: FakeRuntime) -> None:
    seen: list[Any] = []
    fake.script = [events(stream("a"), stream("b"))]
    assert session.run("x", on_output=seen.append).outputs == []
    assert seen == [Stream("stdout", "a"), Stream("stdout", "b")]


def test_calls_print_where_python_prints(
    session: Session, fake: FakeRuntime, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.script = [events(stream("hello\n"), reply=ok(value={"type": "NULL"}))]
    assert session.call("cat", "hello\n") is None
    assert capsys.readouterr().out == "hello\n"


def test_what_a_nested_call_prints_goes_where_the_outer_one_prints(
    session: Session, fake: FakeRuntime
) -> None:
    def outer(request: Message, buffers: Sequence[Buffer], on_event: EventHandler) -> Message:
        on_event(stream("before "), [])
        on_event({"event": "python", "op": "call", "id": request["inputs"][0]["value"]["id"], "args": []}, [])
        on_event(stream("after"), [])
        return ok()

    fake.script = [outer, events(stream("inner "), reply=ok(value={"type": "NULL"}))]
    result = session.run("f()", {"f": lambda: session.eval("print(1)")})
    assert result.stdout == "before inner after"


# ---- R asks Python


def test_input_answers_a_prompt(session: Session, fake: FakeRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: prompt.upper())
    step = events({"event": "input", "prompt": "name? "})
    fake.script = [step]
    session.run("readline()")
    assert step.answers == [({"text": "NAME? "}, ())]


def test_nobody_there_to_answer_is_an_error_for_r(
    session: Session, fake: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(prompt: str) -> str:
        raise EOFError("no stdin here")

    monkeypatch.setattr("builtins.input", refuse)
    step = events({"event": "input", "prompt": "name? "})
    fake.script = [step]
    session.run("readline()")
    ((answer, _),) = step.answers
    assert answer["error"]["message"] == "no stdin here"
    assert answer["error"]["class"][0] == "EOFError"


def calling(*args: Message, data: Sequence[bytes] = (), reply: Any = None) -> Any:
    """R calls the function that was its first input, then replies."""

    def step(request: Message, buffers: Sequence[Buffer], on_event: EventHandler) -> Any:
        event = {
            "event": "python", "op": "call", "id": request["inputs"][0]["value"]["id"], "args": list(args)
        }  # fmt: skip
        step.answer = on_event(event, data)  # type: ignore[attr-defined]
        return reply(step.answer) if callable(reply) else ok()  # type: ignore[attr-defined]

    return step


def test_r_calls_a_python_function_with_values(session: Session, fake: FakeRuntime) -> None:
    seen: list[Any] = []

    def function(*args: Any, **kwargs: Any) -> float:
        seen.append((args, kwargs))
        return 2.0

    step = calling({"name": None, "value": double(2.0)}, {"name": "scale", "value": double(2.0)}, data=[TWO])
    fake.script = [step]
    session.run("f(2, scale = 2)", {"f": function})
    assert seen == [((2.0,), {"scale": 2.0})]
    reply, buffers = step.answer
    assert reply == {"value": {"type": "double", "length": 1, "buffer": 0}}
    assert [bytes(buffer) for buffer in buffers] == [TWO]


def as_r_would(answer: Any) -> Message:
    """R's error for the exception that the callback answered with."""
    error = answer[0]["error"]
    return failed("error", error["message"], call="f()", python=error["python"])


def test_a_python_exception_is_the_cause_of_the_r_error(session: Session, fake: FakeRuntime) -> None:
    fake.script = [calling(reply=as_r_would)]
    with pytest.raises(RError, match="division by zero") as caught:
        session.run("f()", {"f": lambda: 1 / 0})
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert (
        len(session._exchange.conversion.objects) == 1
    )  # the function: R still has it; the exception is let go


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_in_a_callback_gets_past_handlers_in_r(
    session: Session, fake: FakeRuntime, interrupt: type[BaseException]
) -> None:
    def stop() -> None:
        raise interrupt

    fake.script = [calling(reply=lambda answer: ok())]  # R's tryCatch has caught it
    with pytest.raises(interrupt):
        session.run("tryCatch(f(), error = identity)", {"f": stop})


def test_python_objects_are_let_go_when_r_says_so(session: Session, fake: FakeRuntime) -> None:
    fake.script = [lambda request, *_: ok(freed=[request["inputs"][0]["value"]["id"]])]
    session.set({"f": lambda: None})
    assert len(session._exchange.conversion.objects) == 0


# ---- objects that stay in R


def test_dropped_objects_are_released_with_the_next_request(session: Session, fake: FakeRuntime) -> None:
    fake.script = [ok(value=HANDLE)]
    model = session.eval("lm(mpg ~ wt, mtcars)")
    assert model.rclass == ("lm",)
    del model
    session.run("1")
    session.run("2")
    assert [request.get("release") for request in fake.requests] == [None, [7], None]


def test_an_object_that_only_the_request_needs_lives_until_it_was_sent(
    session: Session, fake: FakeRuntime
) -> None:
    fake.script = [ok(value=HANDLE)]
    values = {"model": session.eval("lm(mpg ~ wt, mtcars)")}

    class Emptied(dict[str, Any]):
        def items(self) -> Any:
            while values:
                yield values.popitem()

    session.set(Emptied())
    session.run("1")
    assert [bool(request.get("release")) for request in fake.requests] == [False, False, True]


def test_an_object_goes_back_as_itself(session: Session, fake: FakeRuntime) -> None:
    fake.script = [ok(value=HANDLE)]
    model = session.eval("lm(mpg ~ wt, mtcars)")
    session.call("summary", model)
    assert fake.requests[1]["args"][0]["value"]["type"] == "handle"
    assert fake.requests[1]["args"][0]["value"]["id"] == 7


def test_after_a_crash_the_next_call_starts_a_fresh_r(session: Session, fake: FakeRuntime) -> None:
    fake.script = [ok(value=HANDLE), failed("trap", "memory access out of bounds", kept=["x"], lost=["f"])]
    model = session.eval("lm(mpg ~ wt, mtcars)")
    with pytest.raises(RCrashError, match="Variables kept: x\nVariables lost: f"):
        session.run("f()", {"g": print})
    assert session.epoch == 1
    with pytest.raises(StaleObjectError):
        session.call("summary", model)
    assert session.epoch == 2
    del model
    session.run("1")
    assert not fake.requests[-1].get("release")  # its number means something else now
    assert len(session._exchange.conversion.objects) == 0


# ---- starting


def test_r_starts_with_the_first_call_and_once(session: Session, fake: FakeRuntime) -> None:
    assert fake.epoch == 0
    session.run("1")
    session.run("2")
    assert fake.epoch == 1


def test_a_failed_start_is_raised_and_tried_again() -> None:
    fake = FakeRuntime(failures=1)
    session = Session(fake)
    with pytest.raises(RuntimeStartError, match=r"no R\.wasm"):
        session.run("1")
    session.run("1")
    assert fake.epoch == 1


def test_a_failure_before_the_cell_is_raised_in_the_cell_and_the_next_one_tries_again() -> None:
    fake = FakeRuntime(failures=1)
    session = Session(fake)
    asyncio.run(session.prepare("%R 1"))
    with pytest.raises(RuntimeStartError, match=r"no R\.wasm"):
        session.run("1")
    asyncio.run(session.prepare("%R 1"))
    session.run("1")
    assert fake.epoch == 1


def test_a_failure_before_the_cell_is_raised_though_r_runs(session: Session, fake: FakeRuntime) -> None:
    session.run("1")

    async def fail(cell: str, progress: object) -> None:
        raise RuntimeStartError("no NumPy")

    fake.prepare = fail  # type: ignore[method-assign, assignment]
    asyncio.run(session.prepare("%Rpush x"))
    with pytest.raises(RuntimeStartError, match="no NumPy"):
        session.set({"x": 1})
    session.set({"x": 1})


def test_where_a_cell_cannot_wait_the_next_one_is_told_to() -> None:
    fake = FakeRuntime(can_wait=False)
    session = Session(fake)
    with pytest.raises(RuntimeStartError, match="run this cell again"):
        session.run("1")
    assert session.wanted
    asyncio.run(session.prepare())
    assert not session.wanted
    session.run("1")


def test_a_closed_session_starts_anew(session: Session, fake: FakeRuntime) -> None:
    session.run("1")
    session.close()
    session.run("1")
    assert fake.epoch == 2


def test_settings_count_when_r_starts(session: Session, fake: FakeRuntime) -> None:
    session.settings.timezone = "Europe/Vienna"
    session.settings.webr_url = "/somewhere"
    session.run("1")
    assert fake.options.environment == {"TZ": "Europe/Vienna"}
    assert fake.options.webr_url == "/somewhere"
    assert "data.frame" in fake.options.structural


def test_other_threads_wait_their_turn(session: Session, fake: FakeRuntime) -> None:
    inside: list[int] = []

    def slow(request: Message, buffers: Sequence[Buffer], on_event: EventHandler) -> Message:
        inside.append(1)
        assert inside == [1]
        on_event(stream("."), [])
        inside.pop()
        return ok()

    fake.script = [slow] * 40
    threads = [threading.Thread(target=lambda: [session.run("1") for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.requests) == 40


def test_a_value_takes_less_than_a_tenth_of_a_millisecond_of_python(
    session: Session, fake: FakeRuntime
) -> None:
    times = 2000
    fake.script = [(ok(value=double(2.0)), [TWO])] * (5 * times + 1)
    session.eval("1 + 1")
    best = min(timeit.repeat(lambda: session.eval("1 + 1"), number=times, repeat=5)) / times
    assert best < 100e-6
