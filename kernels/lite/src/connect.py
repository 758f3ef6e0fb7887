"""Runs in each kernel of ours before the page has it."""

import json
import sys

# Each import would ask the page for the notebook's folder, wherever that is on the path.
path = sys.path[:]
sys.path[:] = [folder for folder in path if folder]
try:
    from jupyterlite_rpy import page

    await page.connect(**json.loads(ARGUMENTS))  # noqa: F704, F821
finally:
    sys.path[:] = path
    del json, path, sys
del page
