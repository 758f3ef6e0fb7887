"""Text of few distinct objects is encoded by address; nobody must be able to tell from the outcome."""

from __future__ import annotations

from typing import Any

import pytest

from convert.trip import send, sent
from jupyterlite_rpy.convert import Conversion

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
frames = pytest.importorskip("jupyterlite_rpy.convert.frames")
ndarrays = pytest.importorskip("jupyterlite_rpy.convert.ndarrays")

PANDAS = Conversion(timezone="Europe/Zurich")
LONG = 3000


def repeated(*items: Any) -> Any:
    """An object array of `LONG` elements that holds few objects."""
    pool = np.empty(len(items), object)
    pool[:] = items
    return np.resize(pool, LONG)


TEXTS = {
    "text": repeated("a", "b", "è", "😀", ""),
    "missing": repeated("a", None, "NA"),
    "equal texts that are two objects": repeated("".join(["a", "b"]), "".join(["a", "b"]), "c"),
    "reversed": repeated("a", "b", None)[::-1],
    "every other": repeated("a", "b", "c", None)[::2],
    "one text": repeated("a"),
}


def without_pool(value: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    with monkeypatch.context() as patch:
        for module in (ndarrays, frames.series):
            patch.setattr(module, "encode_pooled", lambda *_: None)
        return sent(value, PANDAS)


@pytest.mark.parametrize("values", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("make", [np.asarray, pd.Series, lambda a: pd.Series(a, dtype="string[python]")])
def test_text_by_address_is_what_text_by_content_is(
    values: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = make(values)
    assert sent(value, PANDAS) == without_pool(value, monkeypatch)


@pytest.mark.parametrize("odd", [np.nan, pd.NA, pd.NaT, None, 1, 1.5, b"x", ["y"], np.str_("z")], ids=repr)
@pytest.mark.parametrize("make", [np.asarray, lambda a: pd.Series(a, dtype=object)])
def test_what_is_no_text_among_it_keeps_its_rule(
    odd: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = make(repeated("a", odd, "b"))
    assert sent(value, PANDAS) == without_pool(value, monkeypatch)


def test_only_missing_values_keep_their_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (repeated(None), pd.Series(repeated(None, np.nan), dtype=object)):
        assert sent(value, PANDAS) == without_pool(value, monkeypatch)


def test_each_distinct_text_is_sent_once() -> None:
    node, buffers = send(repeated("ab", "cd", None, "ab"), PANDAS)
    assert node["type"] == "character"
    assert bytes(buffers[node["data"]]) == b"abcd"
