"""`make bench`: measure in Chromium and in Node, print the tables, write benchmarks/results/.

`--save` keeps the result as benchmarks/results-<date>.json, to be committed, and writes docs/performance.md.
`--page FILE` only writes docs/performance.md from a kept result.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

CHROMIUM = ["bridge", "work", "stop", "questions", "opening", "kept"]
HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [
    str(HERE / "inside"),
    str(ROOT / "lite"),
    str(ROOT / "tests" / "browser"),
    str(ROOT / "tests"),
]

import report  # noqa: E402 - found by the line above, as all modules of the other folders


def main() -> None:
    arguments = _arguments()
    if arguments.page:
        _write_page(json.loads(arguments.page.read_text("utf-8")))
        return
    machine = _machine()
    rows = _measured(arguments, machine)
    date = datetime.date.today().isoformat()
    result = {"date": date, "machine": machine, "rows": [asdict(row) for row in rows]}
    file = HERE / f"results-{date}.json" if arguments.save else HERE / "results" / "latest.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(_rounded(result), indent=1) + "\n", "utf-8")
    print(report.text(rows))
    print(f"\n{file.relative_to(ROOT)}: medians above, all samples there")
    if arguments.save:
        _write_page(result)


def _measured(arguments: Any, machine: dict[str, str]) -> list[report.Row]:
    """Rows in the order of the page; what is measured in a browser last, when Node's processes are gone."""
    import browser
    import kept
    import native
    import notebook
    import opening

    def wanted(part: str, host: str) -> bool:
        return arguments.only in (None, part, host)

    site, starts = arguments.site, arguments.starts
    node: list[report.Row] = []
    if wanted("node", "node"):
        node += [*native.measure(starts), *kept.tree()]
    rows: list[report.Row] = []
    if wanted("bridge", "chromium"):
        rows, version = browser.measure(site, starts)
        machine["browser"] = f"Chromium {version}, headless"
    if wanted("work", "chromium"):
        rows += notebook.work(site)
    if wanted("stop", "chromium"):
        rows += notebook.stop(site)
    if wanted("questions", "chromium"):
        rows += notebook.questions(site, starts)
    if wanted("opening", "chromium"):
        rows += opening.measure(site, starts)
    if wanted("kept", "chromium"):
        rows += kept.measure(site)
    return rows + node


def _arguments() -> Any:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", choices=["node", "chromium", *CHROMIUM], help="a host, or a part of Chromium's"
    )
    parser.add_argument(
        "--site", type=Path, default=ROOT / "lite" / "_output", help="folder of the built site"
    )
    parser.add_argument(
        "--starts", type=int, default=5, help="fresh kernels for the start and the first plot"
    )
    parser.add_argument("--save", action="store_true", help="keep the result and write the page of it")
    parser.add_argument("--page", type=Path, metavar="FILE", help="a kept result: only write the page of it")
    return parser.parse_args()


def _machine() -> dict[str, str]:
    from jupyterlite_rpy.assets import WEBR_VERSION

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        cpu = names[0] if names else cpu
    load = f", load average {os.getloadavg()[0]:.1f} at the beginning" if hasattr(os, "getloadavg") else ""
    return {
        "processor": f"{cpu}, {os.cpu_count()} cores{load}",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "webR": WEBR_VERSION,
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def _write_page(result: dict[str, Any]) -> None:
    page = ROOT / "docs" / "performance.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(report.page(result), "utf-8")
    print(f"{page.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
