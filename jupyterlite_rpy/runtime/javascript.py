"""The name of one of our JavaScript modules in; the module, imported into Pyodide's thread, out.

The modules are package data, and a wheel's files have no address: the text is imported through a Blob's. A
module with all that it imports is one text, as each Blob takes two or three milliseconds.
"""

from __future__ import annotations

import re
from importlib import import_module
from importlib.resources import files
from typing import Any

BUNDLES = "js/bundles"
"""Folder of the texts that a site's wheel has ready, below the package: to make one takes a kernel 20 ms."""
BUNDLED = ("download.mjs", "fetch.mjs", "kept_files.mjs", "page.mjs", "pyodide.mjs")
"""All that are imported."""
_PACKAGE = __package__.rpartition(".")[0]
# Our own modules have no other forms of these; a test looks.
_IMPORT = re.compile(r'(?m)^import \{ ([^}]*) \} from "\./([a-z0-9_]+)\.mjs";$')
_EXPORT = re.compile(r"(?m)^export (?=(?:async )?(?:const|class|function) (\w+))")


async def import_javascript(name: str) -> Any:
    """Import one of our JavaScript modules, and the modules that it imports, from their texts."""
    js: Any = import_module("js")
    ffi: Any = import_module("pyodide.ffi")
    options = ffi.to_js({"type": "text/javascript"}, dict_converter=js.Object.fromEntries)
    ready = files(_PACKAGE) / BUNDLES / name
    text = ready.read_text("utf-8") if ready.is_file() else bundle(name)
    url = js.URL.createObjectURL(js.Blob.new(ffi.to_js([text]), options))
    try:
        # An expression of JavaScript: `import` is not a function that Python could be given.
        return await js.Function.new("url", "return import(url)")(url)
    finally:
        js.URL.revokeObjectURL(url)


def bundle(name: str) -> str:
    """Return the text of a module that needs no other.

    Parameters
    ----------
    name
        File name of a module in the package's folder js, whose imports are no circle. What it imports is in
        the text as functions that are called once, in order.
    """
    folder = files(_PACKAGE) / "js"
    parts: list[str] = []
    exports: dict[str, str] = {}

    def add(module: str) -> None:
        if module in exports:
            return
        exports[module] = ""
        text = (folder / f"{module}.mjs").read_text("utf-8")
        for _, other in _IMPORT.findall(text):
            add(other)
        exports[module] = ", ".join(_EXPORT.findall(text))
        text = _IMPORT.sub(lambda m: f"const {{ {m[1].replace(' as ', ': ')} }} = ${m[2]};", text)
        parts.append(
            f"const ${module} = (() => {{\n{_EXPORT.sub('', text)}\nreturn {{ {exports[module]} }};\n}})();\n"
        )

    module = name.removesuffix(".mjs")
    add(module)
    return "".join([*parts, f"export const {{ {exports[module]} }} = ${module};\n"])
