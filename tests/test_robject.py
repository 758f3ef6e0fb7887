from __future__ import annotations

import copy
import gc
import inspect
import pickle
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from jupyterlite_rpy.convert import RVector
from jupyterlite_rpy.errors import StaleObjectError
from jupyterlite_rpy.robject import RFunction, RObject, from_handle


class FakeSession:
    """Answers the questions that objects ask, and notes all calls."""

    def __init__(self, **answers: Any) -> None:
        self.epoch = 1
        self.released: list[tuple[int, int]] = []
        self.calls: list[tuple[object, tuple[object, ...], dict[str, object]]] = []
        self.answers = answers

    def call_function(
        self,
        function: object,
        args: Iterable[object] = (),
        kwargs: Mapping[str, object] | None = None,
        keep: bool = False,
    ) -> Any:
        self.calls.append((function, tuple(args), dict(kwargs or {})))
        if keep:
            return "kept"
        answer = self.answers.get(str(next(iter(args)))) if args else None
        return answer(*tuple(args)[2:]) if callable(answer) else answer

    def queue_release(self, id: int, epoch: int) -> None:
        self.released.append((id, epoch))


def handle(typeof: str = "list", rclass: Iterable[str] = ("lm",)) -> dict[str, Any]:
    return {"type": "handle", "id": 7, "typeof": typeof, "class": list(rclass)}


def test_handles_become_objects_and_functions() -> None:
    session = FakeSession()
    made = from_handle(handle(), session)
    assert type(made) is RObject and made.rclass == ("lm",) and made.typeof == "list" and made.handle() == 7
    for typeof in ("closure", "builtin", "special"):
        assert type(from_handle(handle(typeof, ["function"]), session)) is RFunction


def test_dropping_one_only_queues_its_release() -> None:
    session = FakeSession()
    made = from_handle(handle(), session)
    del made
    gc.collect()
    assert session.released == [(7, 1)] and session.calls == []


def test_a_hundred_thousand_come_and_go() -> None:
    session = FakeSession()
    for _ in range(100_000):
        from_handle(handle(), session)
    assert len(session.released) == 100_000


def test_shows_what_r_prints() -> None:
    session = FakeSession(print=["Call:", "lm()"])
    assert repr(from_handle(handle(), session)) == "Call:\nlm()"


def test_the_questions_are_compiled_once_in_each_r() -> None:
    session = FakeSession(print=["x"])
    made = from_handle(handle(), session)
    repr(made)
    first = len(session.calls)
    repr(made)
    assert len(session.calls) == first + 1


def test_elements_by_name_and_by_position() -> None:
    session = FakeSession(has=lambda key: [key == "a"], element=lambda key: key, length=[3])
    made = from_handle(handle(), session)
    assert made["a"] == "a" and made[0] == 1 and made[-1] == 3
    assert "a" in made and "b" not in made and len(made) == 3
    with pytest.raises(KeyError):
        made["b"]
    with pytest.raises(IndexError):
        made[3]


def test_attributes_names_slots() -> None:
    session = FakeSession(
        attribute=lambda key: {"k": 1}.get(key),
        names=None,
        slots=["s"],
        slot=lambda key: key * 2,
        plain={"a": 1},
    )
    made = from_handle(handle(), session)
    assert made.attr("k") == 1 and made.attr("z") is None
    assert made.names == [] and made.slots == {"s": "ss"} and made.to_py() == {"a": 1}


def test_is_true_and_not_iterable() -> None:
    made = from_handle(handle(), FakeSession(length=[0]))
    assert made
    with pytest.raises(TypeError, match="to_py"):
        iter(made)


def test_is_void_after_a_restart() -> None:
    session = FakeSession(print=["x"])
    made = from_handle(handle(), session)
    session.epoch = 2
    for use in (made.handle, made.to_py, lambda: made["a"], lambda: made.names):
        with pytest.raises(StaleObjectError, match="restarted"):
            use()
    assert "gone" in repr(made) and made._repr_html_() is None
    function = RFunction(session, 8, "closure")
    session.epoch = 3
    with pytest.raises(StaleObjectError):
        function(1)


def test_cannot_leave_its_r() -> None:
    made = from_handle(handle(), FakeSession())
    with pytest.raises(TypeError, match="saveRDS"):
        pickle.dumps(made)
    assert copy.copy(made) is made and copy.deepcopy(made) is made


FORMALS = RVector(["NA", None, "FALSE", None], "character", {"names": ["x", "y_z", "na.rm", "..."]})
FORMALS[0] = None


def test_keywords_stand_for_names_with_dots_where_there_are_such() -> None:
    session = FakeSession(formals=FORMALS)
    function = from_handle(handle("closure", ["function"]), session)
    assert isinstance(function, RFunction)
    function(1, na_rm=True, y_z=2, other_name=3)
    assert session.calls[-1] == (function, (1,), {"na.rm": True, "y_z": 2, "other_name": 3})


def test_signature_shows_what_r_lists() -> None:
    session = FakeSession(formals=FORMALS)
    function = from_handle(handle("closure", ["function"]), session)
    assert str(inspect.signature(function)) == "(x=<required>, y_z=<required>, na_rm=FALSE, *args, **kwargs)"  # type: ignore[arg-type]


def test_calls_without_underscores_ask_r_nothing_first() -> None:
    session = FakeSession(formals=FORMALS)
    function = from_handle(handle("closure", ["function"]), session)
    function(1, x=2)  # type: ignore[operator]
    assert len(session.calls) == 1
