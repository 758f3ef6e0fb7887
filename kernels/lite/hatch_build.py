"""The built labextension in; the same in the wheel, where JupyterLab and JupyterLite look for such, out.

Not in `shared-data`, which must be there: a clone is installed without Node.js, and works without what the
page does for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "kernels/lite/labextension"


class LabextensionHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the labextension, if `make labextension` has built it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add it; an editable install leaves it where it is (lite/jupyter_lite_config.json names it)."""
        if version != "editable" and (Path(self.root) / FOLDER / "package.json").is_file():
            build_data["shared_data"][FOLDER] = "share/jupyter/labextensions/jupyterlite-rpy"
