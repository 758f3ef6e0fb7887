from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from fake_runtime import FakeRuntime, ok

from jupyterlite_rpy import variables as variables_module
from jupyterlite_rpy.session import Session
from jupyterlite_rpy.variables import TARGET, Variables


class Odd:
    def __repr__(self) -> str:
        raise AssertionError("it was asked")

    __str__ = __len__ = __sizeof__ = __repr__  # type: ignore[assignment]


def listed(session: Session, **namespace: Any) -> dict[str, tuple[str, str, str, bool]]:
    answer = Variables(session, namespace).answer({"op": "list"})
    return {v["name"]: (v["type"], v["size"], v["value"], v["table"]) for v in answer["variables"]}


def test_values_are_told_in_short(session: Session) -> None:
    assert listed(
        session,
        number=5,
        text="it's",
        things=[1, "a", [2], Odd()],
        long=list(range(1000)),
        function=lambda x, y=2: x,
        frame=pd.DataFrame({"a": [1.5, 2.0], "b": ["x", "y"]}),
        series=pd.Series([1, 2]),
        matrix=np.eye(2),
        cube=np.zeros((2, 3, 4)),
        odd=Odd(),
        Odd=Odd,
    ) == {
        "number": ("int", "", "5", False),
        "text": ("str", "4", '"it\'s"', False),
        "things": ("list", "4", "1, 'a', <list>, <Odd>", False),
        "long": ("list", "1,000", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …", False),
        "function": ("function", "", "(x, y=2)", False),
        "frame": ("DataFrame", "2 × 2", "a, b", True),
        "series": ("Series", "2", "1 2", True),
        "matrix": ("ndarray", "2 × 2", "1 0", True),
        "cube": ("ndarray", "2 × 3 × 4", "0 0 0 0", False),
        "odd": ("Odd", "", "", False),
        "Odd": ("class", "", "", False),
    }


def test_what_the_user_did_not_make_is_left_out(session: Session, fake: FakeRuntime) -> None:
    mine = object()
    variables = Variables(session, {"_x": 1, "np": np, "Out": mine, "In": 2}, {"Out": mine, "In": 1})
    answer = variables.answer({"op": "list"})
    assert [variable["name"] for variable in answer["variables"]] == ["In"]
    assert answer["r"] is False
    assert not fake.ready


def test_r_s_variables_follow(session: Session, fake: FakeRuntime) -> None:
    session.start()
    parts = [
        ["df", "act"],
        ["data.frame", "active binding"],
        ["3 × 2", ""],
        ["100", "NA"],
        ["a", ""],
        ["yes", ""],
    ]
    fake.script = [ok(parts=parts)]
    answer = Variables(session, {"x": 1}).answer({"op": "list"})
    assert answer["r"] is True
    assert [(v["language"], v["name"], v["bytes"], v["table"]) for v in answer["variables"][1:]] == [
        ("R", "df", 100, True),
        ("R", "act", None, False),
    ]


def test_a_table_comes_in_parts(session: Session, fake: FakeRuntime) -> None:
    frame = pd.DataFrame({"a": np.arange(250) / 4, "b": ["x"] * 250}, index=[f"r{i}" for i in range(250)])
    variables = Variables(session, {"frame": frame, "gone": 1, "matrix": np.eye(2)})
    table = variables.answer({"op": "table", "language": "Python", "name": "frame", "start": 200})
    assert (table["heads"], table["types"][0], table["total"]) == (["a", "b"], "float64", 250)
    assert len(table["rows"]) == len(table["labels"]) == 50
    assert (table["labels"][0], table["rows"][0]) == ("r200", ["50", "x"])
    assert variables.answer({"op": "table", "language": "Python", "name": "matrix"})["rows"] == [
        ["1", "0"],
        ["0", "1"],
    ]
    assert "error" in variables.answer({"op": "table", "language": "Python", "name": "gone"})
    wide = Variables(session, {"wide": np.zeros((3, 1000))})
    part = wide.answer({"op": "table", "language": "Python", "name": "wide"})
    assert (len(part["heads"]), len(part["rows"][0]), part["columns"]) == (100, 100, 1000)
    session.start()
    fake.script = [
        ok(parts=[["a", "b"], ["int", "chr"], ["1", "2"], ["1", "2", "x", "y"], ["2", "2"]]),
        ok(parts=[]),
    ]
    assert variables.answer({"op": "table", "language": "R", "name": "df"})["rows"] == [
        ["1", "x"],
        ["2", "y"],
    ]
    assert "error" in variables.answer({"op": "table", "language": "R", "name": "df"})


class Manager:
    def __init__(self) -> None:
        self.targets: dict[str, Any] = {}

    def register_target(self, name: str, opened: Any) -> None:
        self.targets[name] = opened

    def unregister_target(self, name: str, opened: Any) -> None:
        assert self.targets.pop(name) is opened


def test_a_front_end_asks_by_a_comm(session: Session) -> None:
    manager, sent, listeners = Manager(), [], []
    comm = SimpleNamespace(on_msg=listeners.append, send=sent.append)
    shell = SimpleNamespace(kernel=SimpleNamespace(comm_manager=manager))
    variables_module.install(shell, Variables(session, {"x": 1}))
    manager.targets[TARGET](comm, {"content": {"data": {"op": "list"}}})
    listeners[0]({"content": {"data": {"op": "table", "language": "Python", "name": "x"}}})
    assert [answer["op"] for answer in sent] == ["list", "table"]
    variables_module.remove(shell)
    assert manager.targets == {}
    variables_module.remove(SimpleNamespace())
    variables_module.install(SimpleNamespace(), Variables(session, {}))
