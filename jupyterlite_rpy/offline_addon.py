"""`jupyter lite build` in; a site that works without a network after the first visit, if it is to, out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doit.exceptions import TaskFailed
from jupyterlite_core.addons.base import BaseAddon
from jupyterlite_core.manager import LiteManager

from .offline import SCRIPT, SERVICE_WORKER, is_prepared, is_wanted, write_offline
from .precompressed import forget_copies

__all__ = ["OfflineAddon"]

Task = dict[str, Any]


class OfflineAddon(BaseAddon):  # type: ignore[misc]  # jupyterlite_core has no types
    """Let a JupyterLite site work without a network after the first visit."""

    __all__ = ["check", "post_build", "pre_build"]  # noqa: RUF012  # the hooks that it has

    def pre_build(self, manager: LiteManager) -> Iterator[Task]:
        """Remove compressed copies: they would be sent in place of what is built now."""
        yield self.task(name="copies", actions=[(forget_copies, [Path(manager.output_dir)])])

    def post_build(self, manager: LiteManager) -> Iterator[Task]:
        """Put our part before JupyterLite's service worker, or take it away."""
        # Looked at each time: it depends on all files of the site.
        yield self.task(name="service-worker", actions=[(write_offline, [Path(manager.output_dir)])])

    def check(self, manager: LiteManager) -> Iterator[Task]:
        """Verify that the service worker finds its part."""
        yield self.task(name="service-worker", actions=[(_check, [Path(manager.output_dir)])])


def _check(site: Path) -> TaskFailed | None:
    worker = site / SERVICE_WORKER
    if not is_wanted(site) or not worker.is_file():
        return None
    if is_prepared(worker.read_text("utf-8")) and (site / SCRIPT).is_file():
        return None
    return TaskFailed(
        f"{worker}: the site shall work without a network (enableServiceWorkerCache), and nothing is "
        "prepared for that. Hint: run `jupyter lite build` again."
    )
