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
    rows: list[report.Row] = []
    machine = _machine()
    if arguments.only != "chromium":
        import kept
        import native

        rows += [*native.measure(arguments.starts), *kept.tree()]
    if arguments.only != "node":
        import browser
        import kept

        found, version = browser.measure(arguments.site, arguments.starts)
        rows = [*found, *kept.measure(arguments.site), *rows]
        machine["browser"] = f"Chromium {version}, headless"
    date = datetime.date.today().isoformat()
    result = {"date": date, "machine": machine, "rows": [asdict(row) for row in rows]}
    file = HERE / f"results-{date}.json" if arguments.save else HERE / "results" / "latest.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(_rounded(result), indent=1) + "\n", "utf-8")
    print(report.text(rows))
    print(f"\n{file.relative_to(ROOT)}: medians above, all samples there")
    if arguments.save:
        _write_page(result)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=["chromium", "node"])
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
