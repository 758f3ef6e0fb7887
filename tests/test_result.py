from __future__ import annotations

import pytest

from jupyterlite_rpy.result import Display, Result, Stream, print_output


def test_outputs_stay_in_order_and_an_update_takes_the_place_of_what_it_updates() -> None:
    result = Result()
    for output in (
        Stream("stdout", "a"),
        Display("1", "image/png", b"old"),
        Stream("stderr", "warning"),
        Display("2", "image/svg+xml", "<svg/>"),
        Display("1", "image/png", b"new", update=True),
        Stream("stdout", "b"),
    ):
        result.add(output)
    assert result.stdout == "ab"
    assert result.stderr == "warning"
    assert [(display.id, display.data) for display in result.displays] == [("1", b"new"), ("2", "<svg/>")]
    assert [type(output) for output in result.outputs] == [Stream, Display, Stream, Display, Stream]


def test_without_a_notebook_text_is_printed_and_plots_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    for output in (
        Stream("stdout", "out\n"),
        Stream("stderr", "err\n"),
        Display("1", "image/png", b"1234"),
        Display("1", "image/png", b"1234", update=True),
    ):
        print_output(output)
    captured = capsys.readouterr()
    assert captured.out == "out\n<image/png: 4 bytes>\n"
    assert captured.err == "err\n"
