"""MkDocs' events in; a site with a reference made from the code, and examples that run in the page, out.

They run in this repository's own JupyterLite site, which is put beside the pages (`lite/`): `make site`.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pygments.formatters import HtmlFormatter

sys.path.insert(0, str(Path(__file__).parent))  # MkDocs loads this file alone, not as part of a package

from page_examples import examples, mark_live
from reference import pages

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "lite" / "_output"
ASSETS = ("live.mjs", "live.css")
LOG = logging.getLogger("mkdocs.hooks.links")

_elsewhere: dict[str, set[str]] = {}
"""Links to other sites -> the pages that have them."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Begin anew."""
    _elsewhere.clear()
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from the code, and what live examples need."""
    for name, text in pages().items():
        files.append(File.generated(config, name, content=text))
    for name in ASSETS:
        text = (Path(__file__).parent / name).read_text("utf-8")
        if name == "live.css":
            text += HtmlFormatter(style="friendly").get_style_defs(".highlight")
        files.append(File.generated(config, f"live/{name}", content=text))
    return files


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Mark the examples that can be run."""
    for link in re.findall(r'href="(https?://[^"]+)"', html):
        _elsewhere.setdefault(link, set()).add(page.file.src_uri)
    markdown = page.markdown or ""
    return mark_live(html, markdown) if examples(markdown) else html


def on_post_build(config: MkDocsConfig) -> None:
    """List links to other sites, and put the JupyterLite site beside the pages."""
    listed = Path(config.site_dir) / "links.txt"
    lines = [f"{link}  {', '.join(sorted(pages))}\n" for link, pages in sorted(_elsewhere.items())]
    listed.write_text("".join(lines), "utf-8")
    LOG.info("Links to other sites: %d, listed in %s (not looked at)", len(lines), listed)
    if not (DEMO / "jupyter-lite.json").is_file():
        raise PluginError(f"{DEMO} is not built, in which the examples run. Hint: make docs")
    shutil.copytree(DEMO, Path(config.site_dir) / "lite", copy_function=_link)  # 90 MB, not copied


def _link(source: str, target: str) -> Any:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)
    return target
