from __future__ import annotations

import pytest
from traitlets import TraitError

from jupyterlite_rpy.config import RSettings
from jupyterlite_rpy.figure import Figure


def size(figure: Figure, **settings: object) -> tuple[object, ...]:
    device = figure.resolve(RSettings(**settings))
    return device["type"], device["width"], device["height"], device["res"]


def test_the_default_is_r_s_own_size_drawn_twice_as_dense() -> None:
    assert Figure().resolve(RSettings()) == {
        "type": "png", "width": 480, "height": 480, "pointsize": 12, "bg": "white", "res": 72, "scale": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (Figure(width=600, height=400), ("png", 600, 400, 72)),
        (Figure(width=5, height=4, units="in", res=100), ("png", 500, 400, 100)),
        (Figure(width=5, height=4, units="in"), ("png", 360, 288, 72)),
        (Figure(width=2.54, height=25.4, units="cm"), ("png", 72, 720, 72)),
        (Figure(width=150, units="mm"), ("png", 425, 480, 72)),
        (Figure(res=200), ("png", 480, 480, 200)),
        (Figure(device="svg"), ("svg", 480 / 72, 480 / 72, 72)),
        (Figure(device="svg", width=7, height=5), ("svg", 7, 5, 72)),
        (Figure(device="svg", width=720, units="px"), ("svg", 10, 480 / 72, 72)),
        (Figure(device="grDevices::png"), ("png", 480, 480, 72)),
        (Figure(device="svglite::svglite", width=6), ("svg", 6, 480 / 72, 72)),
    ],
)
def test_sizes_mean_what_they_mean_to_rpy2(figure: Figure, expected: tuple[object, ...]) -> None:
    assert size(figure) == pytest.approx(expected)


def test_settings_have_units_of_their_own() -> None:
    assert size(Figure(), width=6, height=4, units="in", res=100) == ("png", 600, 400, 100)
    assert size(Figure(width=3), width=6, height=4, units="in", res=100) == ("png", 300, 400, 100)
    assert size(Figure(width=300, units="px"), width=6, height=4, units="in") == ("png", 300, 288, 72)


@pytest.mark.parametrize(
    "options", [{"width": 0}, {"height": -1}, {"res": float("nan")}, {"units": "feet"}, {"device": "pdf"}]
)
def test_senseless_figures_are_errors(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        Figure(**options)  # type: ignore[arg-type]


def test_senseless_settings_are_errors() -> None:
    settings = RSettings()
    with pytest.raises((TraitError, ValueError)):
        settings.width = -1
    with pytest.raises(TraitError):
        settings.device = "pdf"
    assert settings.width == 480
