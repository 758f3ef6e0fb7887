"""What a test needs besides Python, as marks: without it the test is skipped, or fails in CI."""

from __future__ import annotations

import os
import shutil

import pytest

CI = os.environ.get("CI") == "true"


def chromium() -> str | None:
    """Return the program to drive, by the rule of `.ci/browser`; None: Playwright's own, if there is one."""
    names = [
        os.environ.get("RPY_CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
    ]
    return next((path for name in names if name and (path := shutil.which(name))), None)


def has_browser() -> bool:
    """Tell whether there is a Chromium, without starting it."""
    if chromium():
        return True
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return False
    with sync_playwright() as playwright:
        return os.path.exists(playwright.chromium.executable_path)


needs_node = pytest.mark.skipif(
    not CI and shutil.which("node") is None, reason="needs Node.js: no `node` on the PATH"
)
needs_browser = pytest.mark.skipif(
    not CI and not has_browser(), reason="needs Chromium: `make setup` finds or gets it"
)
