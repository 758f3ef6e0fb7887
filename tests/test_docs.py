"""The documentation against the code: links lead somewhere; options and settings are told, and exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify, unique
from page_examples import STILL, examples, mark_live
from reference import pages

from jupyterlite_rpy.config import RSettings
from jupyterlite_rpy.options import _OPTIONS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
MAGICS = (DOCS / "magics.md").read_text("utf-8")

FENCED = re.compile(r"(?ms)^```.*?^```$")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
# Exist on the built site only, where MkDocs looks whether links to them lead somewhere.
MADE = pages()


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as the built site has them; GitHub names these the same way."""
    found: set[str] = set()
    for heading in re.findall(r"(?m)^#+ (.*)$", prose(page)):
        unique(slugify(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", ""), "-"), found)
    return found


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
def test_links_lead_somewhere(page: Path) -> None:
    """Pages, images and headings; links to other sites are listed by `make docs`."""
    wrong = []
    made = {DOCS / name for name in MADE}
    for link, anchor in LINK.findall(prose(page)):
        target = page.parent / link if link else page
        if link.startswith(("http://", "https://")) or target in made:
            continue
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            wrong.append(f"{link}#{anchor}")
    assert wrong == []


def test_every_page_is_in_the_navigation() -> None:
    listed = re.findall(r"(?m)^ +- .*: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"))
    assert sorted(listed) == sorted([*(page.name for page in PAGES[1:]), *MADE])


def test_the_reference_has_every_magic_setting_option_and_exception() -> None:
    from jupyterlite_rpy import errors
    from jupyterlite_rpy.magics import RMagics

    for name in {name for kind in RMagics.magics.values() for name in kind}:
        assert f"`%{name}`" in MADE["reference/magics.md"]
    assert all(f"`{option}`" in MADE["reference/magics.md"] for option in _OPTIONS)
    assert all(
        f"| `{name}` |" in MADE["reference/settings.md"] for name in RSettings().trait_names(config=True)
    )
    assert '| `start` | `"at once"`, `"first use"`, `"off"` | `"at once"` |' in MADE["reference/settings.md"]
    for word in ("`--webr=`", "`--r-packages=`", "`--r-repos=`", "`jupyter rpy new`", "`jupyter rpy doctor`"):
        assert word in MADE["reference/commands.md"]
    assert "::: jupyterlite_rpy.errors.RCrashError\n" in MADE["reference/errors.md"]
    assert "::: jupyterlite_rpy.Session\n" in MADE["reference/api.md"]
    assert all(
        f"errors.{name}" in MADE["reference/errors.md"] for name in errors.__all__ if name != "from_reply"
    )


def test_examples_are_the_blocks_of_python_and_of_cells_of_r_that_are_not_still() -> None:
    page = f"""# A page

```python
x = 1
```

    1
    2

text

```r
%%R
x
```

{STILL}
```python
y
```

```r
f <- function() 1
```

```sh
ls
```
"""
    assert examples(page) == [("x = 1", 4, "1\n2"), ("%%R\nx", 13, "")]
    block = '<div class="language-{} highlight"><pre>'
    html = f"{block}\n{block}\n{STILL}\n{block}\n{block}".format("python", "r", "python", "r")
    assert [("live" in line) for line in mark_live(html, page).splitlines()] == [True, True, False, False]


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
