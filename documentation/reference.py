"""The code in; pages of reference in Markdown out: they cannot say anything else than the code does."""

from __future__ import annotations

import argparse
import inspect
import json
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from traitlets import Enum, HasTraits, TraitType, Undefined

import jupyterlite_rpy
from jupyterlite_rpy import errors, files
from jupyterlite_rpy.addon import WebRAddon
from jupyterlite_rpy.command import parser
from jupyterlite_rpy.config import RSettings
from jupyterlite_rpy.magics import RMagics
from jupyterlite_rpy.options import _OPTIONS
from jupyterlite_rpy.packages_addon import RPackagesAddon

__all__ = ["pages"]

SCHEMAS = Path(__file__).parent.parent / "kernels" / "lite" / "schema"
_MADE = "This page is made from the code.\n"


def pages() -> dict[str, str]:
    """Return the text of each page by its path below `docs/`."""
    return {
        "reference/magics.md": "\n".join(_magics()),
        "reference/settings.md": "\n".join(_settings()),
        "reference/commands.md": "\n".join(_commands()),
        "reference/api.md": "\n".join(_api()),
        "reference/errors.md": "\n".join(_errors()),
    }


def _magics() -> Iterator[str]:
    yield f"# Magics: their own words\n\n{_MADE}\n[Magics](../magics.md) explains them with examples.\n"
    kinds: dict[str, set[str]] = {}
    for kind, names in RMagics.magics.items():
        for name in names:
            kinds.setdefault(name, set()).add(kind)
    for name in sorted(kinds):
        signs = [f"`%%{name}`"] * ("cell" in kinds[name]) + [f"`%{name}`"] * ("line" in kinds[name])
        yield f"## {', '.join(signs)}\n"
        yield _text(inspect.getdoc(getattr(RMagics, name)) or "")
    yield "## All spellings of the options\n"
    spellings: dict[str | None, list[str]] = {}
    for option, field in _OPTIONS.items():
        spellings.setdefault(field, []).append(option)
    rows = [(_code(names), field or "accepted, without effect") for field, names in spellings.items()]
    yield from _table(("option", "what it sets"), rows)


def _settings() -> Iterator[str]:
    yield f"# Settings\n\n{_MADE}"
    yield "## Of a session\n"
    yield "By `%Roptions name=value`, `%config RSettings.name = value`, or in IPython's configuration.\n"
    yield from _traits(RSettings)
    for path in sorted(SCHEMAS.glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        plugin = f"jupyterlite-rpy:{path.stem}"
        yield f"## Of the page: {schema['title']}\n"
        yield f"{schema['description']}. In the Settings Editor; for a whole site in `overrides.json`, under "
        yield f"`{plugin}`.\n"
        rows = [
            (
                f"`{name}`",
                ", ".join(f"`{json.dumps(value)}`" for value in field.get("enum", [True, False])),
                f"`{json.dumps(field['default'])}`",
                field["description"],
            )
            for name, field in schema["properties"].items()
        ]
        yield from _table(("setting", "values", "default", "meaning"), rows)
        keys = [
            (f"`{key['command']}`", ", ".join(f"`{k}`" for k in key["keys"]))
            for key in schema.get("jupyter.lab.shortcuts", ())
        ]
        if keys:
            yield from _table(("command", "keys"), keys)


def _commands() -> Iterator[str]:
    yield f"# Commands\n\n{_MADE}"
    yield "## `jupyter lite build`\n"
    yield "What this package adds to it; in `jupyter_lite_config.json` under the name of the class.\n"
    for addon in (WebRAddon, RPackagesAddon):
        yield f"### `{addon.__name__}`\n"
        options = {target.split(".")[1]: f"`--{name}=`" for name, target in addon.aliases.items()}
        own = {name: trait for name, trait in addon.class_own_traits(config=True).items()}
        yield from _table(
            ("option", "setting", "meaning"),
            [(options.get(name, ""), f"`{name}`", _line(trait.help)) for name, trait in own.items()],
        )
    top = parser()
    yield "## `jupyter rpy`\n"
    yield f"{top.description}\n"
    for name, command in _subcommands(top).items():
        yield f"### `jupyter rpy {name}`\n"
        usage = command.format_usage().removeprefix("usage: ")
        yield f"```text\n{' '.join(usage.split())}\n```\n"
        rows = [
            (_code(action.option_strings or [action.dest]), _line(action.help or ""))
            for action in command._actions
        ]
        yield from _table(("argument", "meaning"), rows)


def _api() -> Iterator[str]:
    yield f"# Python API: every name\n\n{_MADE}\n[Python API](../python.md) explains it with examples.\n"
    hidden = set(errors.__all__) | {"__version__", "load_ipython_extension", "unload_ipython_extension"}
    hidden |= {"r", "RSettings"}
    for module, names in (
        ("jupyterlite_rpy", sorted(set(jupyterlite_rpy.__all__) - hidden)),
        ("jupyterlite_rpy.convert", ["RArray", "RFrame", "RList", "RMaskedArray", "RVector"]),
        ("jupyterlite_rpy.files", sorted(files.__all__)),
    ):
        yield f"## `{module}`\n"
        for name in names:
            yield f"::: {module}.{name}\n"


def _errors() -> Iterator[str]:
    yield f"# Exceptions and warnings\n\n{_MADE}\n[Troubleshooting](../troubleshooting.md) goes by message.\n"
    yield _text(inspect.getdoc(errors) or "")
    for name in errors.__all__:
        if isinstance(getattr(errors, name), type):
            yield f"::: jupyterlite_rpy.errors.{name}\n"


def _traits(cls: type[HasTraits]) -> Iterator[str]:
    rows = []
    for name, trait in sorted(cls.class_traits(config=True).items()):
        values = ", ".join(f"`{value}`" for value in trait.values or ()) if isinstance(trait, Enum) else ""
        rows.append((f"`{name}`", f"`{_default(trait)}`", values, _line(trait.help)))
    yield from _table(("setting", "default", "values", "meaning"), rows)


def _default(trait: TraitType[Any, Any]) -> str:
    value = trait.default()
    return "" if value is Undefined else repr(value)


def _subcommands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (action,) = (action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    return dict(action.choices)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _line(text: str) -> str:
    return " ".join(text.split())


def _text(doc: str) -> str:
    """A docstring as Markdown: its paragraphs, and as they stand those with columns or a tree."""
    parts = []
    for part in doc.split("\n\n"):
        if "::" in part:
            parts.append(part.replace("::", ":"))
        elif any(line.startswith((" ", "-")) or "  " in line for line in part.splitlines()):
            parts.append(f"```text\n{textwrap.dedent(part)}\n```")
        else:
            parts.append(part)
    return "\n\n".join(parts) + "\n"
