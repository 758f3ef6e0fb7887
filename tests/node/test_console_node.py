"""What R says of itself, as at its own console."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from needs import needs_node

from jupyterlite_rpy import Session
from jupyterlite_rpy.runtime import StartOptions
from jupyterlite_rpy.runtime.node import NodeRuntime

pytestmark = needs_node


def test_session_info_is_printed_whole(r: Session) -> None:
    result = r.run("sessionInfo()")
    assert "loaded via a namespace" in result.stdout
    assert "reticulate_" in result.stdout
    assert result.stderr == ""


def test_the_stand_in_for_reticulate_describes_itself(r: Session) -> None:
    result = r.run(
        "cat(class(packageVersion('reticulate')))\ninvisible(toLatex(sessionInfo()))\nlibrary(reticulate)"
    )
    assert result.stdout == "package_version numeric_version"
    assert result.stderr == ""


def test_help_comes_without_warnings(r: Session) -> None:
    result = r.run("?mean\nhelp('lm')")
    assert "Arithmetic Mean" in result.stdout
    assert "Fitting Linear Models" in result.stdout
    assert result.stderr == ""


# ---- the time zone


@pytest.fixture
def zurich(fresh: Session) -> Iterator[Session]:
    fresh.settings.timezone = "Europe/Zurich"
    yield fresh


def test_a_zone_set_in_r_holds_for_the_values_that_cross(zurich: Session) -> None:
    zurich.run("Sys.setenv(TZ = 'America/New_York')")
    result = zurich.run("cat(format(noon, '%H:%M %Z'))", {"noon": datetime(2024, 7, 1, 12)}, ["noon"])
    assert result.stdout == "12:00 EDT"
    assert str(result.values["noon"][0].tz) == "America/New_York"


def test_a_zone_set_by_option_holds_in_a_running_r(zurich: Session) -> None:
    midnight = "format(as.POSIXct(0), '%H:%M %Z')"
    assert zurich.eval(midnight)[0] == "01:00 CET"
    zurich.settings.timezone = "Asia/Tokyo"
    assert zurich.eval(midnight)[0] == "09:00 JST"
    assert zurich.run("", {"x": datetime(1970, 1, 1, 9)}).visible is False
    assert zurich.eval("as.numeric(x)")[0] == 0


def test_a_zone_that_r_does_not_know_is_utc_for_both(zurich: Session) -> None:
    zurich.run("Sys.setenv(TZ = 'Nowhere/Place')")
    zurich.set({"x": datetime(1970, 1, 1)})
    assert zurich.eval("as.numeric(x)")[0] == 0


def test_a_runtime_that_is_given_keeps_its_options() -> None:
    session = Session(NodeRuntime(StartOptions(environment={"TZ": "Asia/Tokyo", "WHO": "me"})))
    assert list(session.eval("Sys.getenv(c('TZ', 'WHO'))")) == ["Asia/Tokyo", "me"]
    session.close()
