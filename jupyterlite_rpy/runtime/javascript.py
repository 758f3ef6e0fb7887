"""The name of one of our JavaScript modules in; the module, imported into Pyodide's thread, out.

The modules are package data. They are imported through Blob addresses, since a wheel's files have no address.
"""

from __future__ import annotations

import re
from importlib import import_module
from importlib.resources import files
from typing import Any

_PACKAGE = __package__.rpartition(".")[0]
# Whole lines: comments name modules, too, for the type checker.
_IMPORT = re.compile(r'(?m)^(import .* from )"\./([a-z_]+\.mjs)"')


async def import_javascript(name: str) -> Any:
    """Import one of our JavaScript modules, and the modules that it imports, from their texts."""
    js: Any = import_module("js")
    ffi: Any = import_module("pyodide.ffi")
    folder = files(_PACKAGE) / "js"
    addresses: dict[str, str] = {}

    def address(module: str) -> str:
        if module not in addresses:
            text = (folder / module).read_text("utf-8")
            text = _IMPORT.sub(lambda match: f'{match[1]}"{address(match[2])}"', text)
            options = ffi.to_js({"type": "text/javascript"}, dict_converter=js.Object.fromEntries)
            addresses[module] = str(js.URL.createObjectURL(js.Blob.new(ffi.to_js([text]), options)))
        return addresses[module]

    try:
        # An expression of JavaScript: `import` is not a function that Python could be given.
        return await js.Function.new("url", "return import(url)")(address(name))
    finally:
        for url in addresses.values():
            js.URL.revokeObjectURL(url)
