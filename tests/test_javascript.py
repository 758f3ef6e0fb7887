"""JavaScript modules as one text, which is what a browser's kernel imports."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from needs import needs_node

import jupyterlite_rpy
from jupyterlite_rpy.runtime.javascript import BUNDLED, bundle

JS = Path(jupyterlite_rpy.__file__).parent / "js"
EXPORTS = 'const names = async (url) => Object.keys(await import(url)).sort().join(" ");\n'


@pytest.mark.parametrize("path", sorted(JS.glob("*.mjs")), ids=lambda path: path.name)
def test_modules_have_no_forms_of_import_and_export_that_a_bundle_does_not_know(path: Path) -> None:
    lines = re.findall(r"(?m)^(?:import|export)\b.*$", path.read_text("utf-8"))
    known = (
        r'import \{ [\w, ]+ \} from "\./[a-z0-9_]+\.mjs";'
        r'|import (?:\w+|\{ [\w, ]+ \}) from "node:[a-z_/]+";'
        r"|export (?:async )?(?:const|class|function) \w+.*"
    )
    assert [line for line in lines if not re.fullmatch(known, line)] == []


def test_a_sites_wheel_has_the_text_of_each_module_that_is_imported() -> None:
    texts = [path.read_text("utf-8") for path in JS.parent.rglob("*.py")]
    imported = {name for text in texts for name in re.findall(r'import_javascript\("(.*?)"\)', text)}
    assert imported == set(BUNDLED)


@needs_node
@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundle_is_the_module_and_needs_no_other(name: str, tmp_path: Path) -> None:
    text = bundle(name)
    assert not re.search(r'(?m)^(?:import|\} from) .*"\./', text)
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "main.mjs").write_text(
        EXPORTS + f"console.log(await names({(JS / name).as_uri()!r}));"
        f"console.log(await names({(tmp_path / name).as_uri()!r}));",
        "utf-8",
    )
    run = subprocess.run(
        ["node", str(tmp_path / "main.mjs")], capture_output=True, text=True, timeout=60, check=True
    )
    ours, bundled = run.stdout.splitlines()
    assert ours == bundled != ""
