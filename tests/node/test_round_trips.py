"""Thousands of values to real R and back: R must find each identical to what was sent first."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from convert.strategies import arrays, frames, nested
from hypothesis import HealthCheck, given, settings
from needs import needs_node

from jupyterlite_rpy.config import RSettings
from jupyterlite_rpy.errors import ConversionWarning
from jupyterlite_rpy.session import Session

pytest.importorskip("numpy")
pytest.importorskip("pandas")
pytestmark = needs_node

thousand = settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def r() -> Iterator[Session]:
    session = Session(settings=RSettings(timezone="Europe/Zurich"))
    assert session.eval("Sys.timezone()")[0] == "Europe/Zurich"
    yield session
    session.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[Session]:
    session = Session(settings=RSettings(timezone="Europe/Zurich"))
    assert session.eval("Sys.timezone()")[0] == "Europe/Zurich"
    session.runtime.libraries = frozenset  # type: ignore[method-assign, assignment]
    yield session
    session.close()


def comes_back_identical(session: Session, value: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConversionWarning)
        session.set({"first": value})
        back = session.get("first")
        session.set({"second": back})
    assert session.eval("identical(first, second)")[0]


@given(nested)
@thousand
def test_nested_values(r: Session, value: Any) -> None:
    comes_back_identical(r, value)


@given(nested)
@thousand
def test_nested_values_without_numpy(plain: Session, value: Any) -> None:
    comes_back_identical(plain, value)


@given(arrays())
@thousand
def test_arrays(r: Session, value: Any) -> None:
    comes_back_identical(r, value)


@given(frames())
@thousand
def test_frames(r: Session, value: Any) -> None:
    comes_back_identical(r, value)
