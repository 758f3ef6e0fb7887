"""The documentation against the code: links lead somewhere; options and settings are told, and exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyterlite_rpy.config import RSettings
from jupyterlite_rpy.options import _OPTIONS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
MAGICS = (DOCS / "magics.md").read_text("utf-8")

FENCED = re.compile(r"(?ms)^```.*?^```$")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def table(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its two lines of head."""
    lines = MAGICS.split(heading, 1)[1].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def code(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = LINK.findall(FENCED.sub("", page.read_text("utf-8")))
    local = [link for link in links if not link.startswith(("http://", "https://"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    listed = re.findall(r"(?m)^  - .*: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"))
    assert sorted(listed) == sorted(page.name for page in PAGES[1:])


def test_options_of_the_magics_are_documented_and_exist() -> None:
    rows = table("## Options of `%%R` and `%R`")
    assert {option for row in rows for option in code(row[0]) | code(row[1])} == set(_OPTIONS)


def test_settings_are_documented_with_their_defaults_and_exist() -> None:
    settings = RSettings()
    documented: dict[str, str] = {}
    for names, default, _ in table("## `%Roptions`"):
        values = default.strip("`").split(", ")
        documented |= dict(zip(re.findall(r"`([^`]+)`", names), values, strict=True))
    actual = {name: settings.traits()[name].default_value for name in settings.trait_names(config=True)}
    actual["folders"] = ""  # a list's default is made anew for each
    actual["repositories"] = "site and webR's"
    shown = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in actual.items()}
    assert documented == shown


def test_magics_are_documented_and_exist() -> None:
    from jupyterlite_rpy.magics import RMagics

    registered = {name for kind in RMagics.magics.values() for name in kind}
    assert {name.split()[0].lstrip("%") for row in table("# Magics") for name in code(row[0])} == registered


def test_public_exceptions_are_documented() -> None:
    from jupyterlite_rpy import errors

    text = (DOCS / "python.md").read_text("utf-8")
    assert [name for name in errors.__all__ if name != "from_reply" and name not in text] == []
