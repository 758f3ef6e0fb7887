"""Real webR in a Node process, one R for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyterlite_rpy.runtime import StartOptions
from jupyterlite_rpy.runtime.node import NodeRuntime
from jupyterlite_rpy.session import Session


@pytest.fixture(scope="module")
def r() -> Iterator[Session]:
    """A session that tests share: each uses names of its own."""
    session = Session(NodeRuntime(StartOptions()))
    yield session
    session.close()


@pytest.fixture
def fresh() -> Iterator[Session]:
    """A session of the test's own, for what R does not survive."""
    session = Session(NodeRuntime(StartOptions()))
    yield session
    session.close()
