"""Sockets, a help server, editors, programs: asking for them is an R error here, and never R's end."""

from __future__ import annotations

from pathlib import Path

import pytest
from needs import needs_node

from jupyterlite_rpy import RCrashError, RError, Session

pytestmark = needs_node


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("serverSocket(50505)", "port 50505 cannot be opened"),
        ("socketConnection('127.0.0.1', 80)", "cannot open the connection"),
        ("socketConnection(server = TRUE, port = 50506)", "cannot open the connection"),
        ("make.socket('127.0.0.1', 80)", "socket not established"),
        ("tools::startDynamicHelp()", "no help server in a notebook"),
        ("edit(1)", "cannot open an editor from a notebook"),
        ("edit(data.frame(a = 1))", "cannot open an editor from a notebook"),
        ("f <- function(x) x; fix(f)", "cannot open an editor from a notebook"),
        ("file.edit('x.R')", "cannot open an editor from a notebook"),
        ("vi(1)", "problem with running editor vi"),
        ("data.entry(a = 1)", "X11 is not available"),
    ],
)
def test_what_needs_more_than_a_notebook_is_an_r_error(r: Session, code: str, words: str) -> None:
    r.set({"before": 1})
    epoch = r.epoch
    with pytest.raises(RError, match=words) as caught:
        r.run(code)
    assert not isinstance(caught.value, RCrashError)
    assert r.epoch == epoch and r.run("before").stdout == "[1] 1\n"


def test_no_program_of_this_machine_is_started(r: Session, tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises(RError, match="problem with running editor"):
        r.run(f"edit(1, editor = 'touch {made} #')")
    assert not made.exists()


@pytest.mark.parametrize("html", [True, False])
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("help(lm, help_type = 'html')", "Fitting Linear Models"),
        ("op <- options(help_type = 'html'); v <- ?median; options(op); v", "Median Value"),
        ("news(Version == '4.5.1')", "Changes in version 4.5.1"),
        ("news()", "older ones"),
        ("help.start()", "The R Base Package"),
    ],
)
def test_pages_of_a_help_server_are_shown_in_the_notebook(
    r: Session, code: str, words: str, html: bool
) -> None:
    result = r.run(code, html=html)
    if html:
        (display,) = result.displays
        assert words in display.data and "<script" not in display.data
        assert "127.0.0.1" not in display.data and len(display.data) < 300_000
        assert result.stderr == ""
    else:
        assert words in result.stdout and len(result.stdout) < 300_000


def test_no_vignettes_is_said(r: Session) -> None:
    assert "No vignettes found" in r.run("browseVignettes()").stderr
