"""The laws of the code base: who may import whom, what is public, one version number, a small wheel."""

from __future__ import annotations

import ast
import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

import jupyterlite_rpy

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "jupyterlite_rpy"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

# Each module, or folder of modules, and what it may import besides itself and errors.py: only what stands
# below it. A module that is not listed fails the test, so that each new one finds its place on purpose.
LAYERS: dict[str, set[str]] = {
    "__init__.py": {"*"},
    "magics.py": {"session.py", "display.py", "figure.py", "options.py", "config.py"},
    "hook.py": {"session.py", "runtime/"},
    "completion.py": {"session.py", "place.py", "python_names.py", "options.py", "figure.py"},
    "python_names.py": set(),
    "variables.py": {"session.py"},
    "place.py": {"options.py"},
    "page.py": {"session.py", "runtime/", "assets.py", "files.py"},
    "api.py": {"session.py", "package.py", "convert/", "robject.py"},
    "package.py": {"session.py", "robject.py"},
    "session.py": {
        "library.py",
        "rpackages/",
        "exchange.py",
        "convert/",
        "runtime/",
        "python.py",
        "result.py",
        "figure.py",
        "robject.py",
        "config.py",
        "start.py",
    },
    "start.py": {"config.py", "convert/", "runtime/"},
    "library.py": {
        "assets.py",
        "config.py",
        "exchange.py",
        "kept_folders.py",
        "result.py",
        "rpackages/",
        "runtime/",
    },
    "exchange.py": {"convert/", "runtime/", "events.py", "python.py", "result.py", "robject.py"},
    "events.py": {"convert/", "runtime/", "python.py", "replies.py", "result.py"},
    "replies.py": set(),
    "python.py": {"operations.py"},
    "operations.py": set(),
    "files.py": {"runtime/", "kept_folders.py"},
    "kept_folders.py": set(),
    "display.py": {"result.py"},
    # The façade named rpy2; what is below knows nothing of it.
    "rpy2_facade/": {"__init__.py", "session.py", "convert/", "robject.py", "result.py", "display.py"},
    "startup.py": {"rpy2_facade/"},
    "convert/": {"robject.py"},
    "robject.py": set(),
    "result.py": set(),
    "options.py": {"figure.py"},
    "config.py": {"figure.py", "rpackages/"},
    "rpackages/": set(),
    "figure.py": set(),
    "runtime/": {"assets.py"},
    "errors.py": set(),
    "_version.py": set(),
    # For the machine that builds a site: nothing above imports these.
    "addon.py": {
        "webr_source.py",
        "webr_files.py",
        "own_wheel.py",
        "site_settings.py",
        "kernel_lock.py",
        "bytecode.py",
        "assets.py",
    },
    "kernel_lock.py": set(),
    "bytecode.py": {"kernel_lock.py", "runtime/"},
    "compile_modules.py": set(),
    "sitecustomize.py": set(),
    "packages_addon.py": {
        "addon.py",
        "package_builder.py",
        "rpackages/",
        "runtime/",
        "site_settings.py",
        "webr_files.py",
        "assets.py",
    },
    "offline_addon.py": {"offline.py", "precompressed.py"},
    "offline.py": {"precompressed.py", "site_settings.py"},
    "precompressed.py": set(),
    "command.py": {"precompressed.py", "skeleton.py", "site_doctor.py", "site_place.py"},
    "skeleton.py": set(),
    "site_doctor.py": {
        "kernel_lock.py",
        "offline.py",
        "precompressed.py",
        "site_place.py",
        "site_settings.py",
        "rpackages/",
        "webr_files.py",
        "assets.py",
    },
    "site_place.py": set(),
    "package_builder.py": {"session.py", "runtime/"},
    "webr_source.py": {"webr_files.py", "assets.py"},
    "webr_files.py": {"assets.py"},
    "site_settings.py": {"kernel_lock.py", "assets.py"},
    "own_wheel.py": {"runtime/"},
    # Only inside the function that a native runtime calls.
    "assets.py": {"webr_files.py"},
}

# What comes from outside and may be imported in few places only.
FOREIGN: dict[str, set[str]] = {
    "js": {"runtime/pyodide.py", "runtime/javascript.py", "page.py", "files.py"},
    "pyodide": {"runtime/pyodide.py", "runtime/javascript.py", "page.py", "files.py"},
    "pyodide_js": {"runtime/pyodide.py", "page.py", "files.py"},
    "subprocess": {"bytecode.py", "runtime/child.py", "runtime/node.py", "webr_files.py"},
    "IPython": {"__init__.py", "magics.py", "display.py", "page.py", "files.py"},
    "jupyterlite_core": {"addon.py", "offline_addon.py", "packages_addon.py"},
    "doit": {"addon.py", "offline_addon.py", "packages_addon.py"},
    # These are there only if the user has them; the modules below are imported only then (see the test with
    # a fresh process). Others are read through the Arrow interface, without any import.
    "numpy": {"convert/"},
    "pandas": {"convert/frames.py"},
    "polars": set(),
    "pyarrow": set(),
}


class Import:
    def __init__(self, name: str, deferred: bool, typing_only: bool) -> None:
        self.name, self.deferred, self.typing_only = name, deferred, typing_only


def imports(module: str) -> Iterator[Import]:
    """All imports of a module, ours as paths below the package, others by their first name."""
    tree = ast.parse((PACKAGE / module).read_text("utf-8"))

    def visit(node: ast.AST, deferred: bool, typing_only: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inside = deferred or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            checked = typing_only or (
                isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            )
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name.partition(".")[0], deferred, typing_only)
            elif isinstance(child, ast.ImportFrom) and child.level == 0:
                yield Import(str(child.module).partition(".")[0], deferred, typing_only)
            elif isinstance(child, ast.Call) and ast.unparse(child.func) in ("import_module", "__import__"):
                yield Import(ast.unparse(child.args[0]).strip("'").partition(".")[0], deferred, typing_only)
            elif isinstance(child, ast.ImportFrom):
                for path in own_paths(module, child):
                    yield Import(path, deferred, typing_only)
            yield from visit(child, inside, checked)

    yield from visit(tree, False, False)


def own_paths(module: str, statement: ast.ImportFrom) -> Iterator[str]:
    folder = (PACKAGE / module).parent
    for _ in range(statement.level - 1):
        folder = folder.parent
    target = folder.joinpath(*(statement.module or "").split(".")) if statement.module else folder
    if target.with_suffix(".py").is_file():
        yield target.with_suffix(".py").relative_to(PACKAGE).as_posix()
        return
    for alias in statement.names:
        found = target / f"{alias.name}.py"
        found = found if found.is_file() else target / alias.name / "__init__.py"
        found = found if found.is_file() else target / "__init__.py"
        yield found.relative_to(PACKAGE).as_posix()


def group(module: str) -> str:
    folder, slash, _ = module.partition("/")
    return folder + slash if slash else module


@pytest.mark.parametrize("module", MODULES)
def test_modules_import_only_from_layers_below(module: str) -> None:
    allowed = LAYERS[group(module)] | {group(module), "errors.py", "_version.py"}
    ours = {found.name for found in imports(module) if found.name.endswith(".py") and not found.typing_only}
    assert "*" in allowed or {group(name) for name in ours} <= allowed


@pytest.mark.parametrize("module", MODULES)
def test_foreign_packages_are_imported_only_where_they_belong(module: str) -> None:
    wrong = set()
    for found in imports(module):
        places = FOREIGN.get(found.name, {module})
        if not found.typing_only and not {module, group(module)} & places:
            wrong.add(found.name)
    assert wrong == set()


def test_nothing_imports_the_magics_but_the_extension() -> None:
    assert [m for m in MODULES if any(f.name == "magics.py" for f in imports(m))] == ["__init__.py"]


def test_ipython_is_imported_by_the_package_only_when_the_extension_is_loaded() -> None:
    assert all(found.deferred for found in imports("__init__.py") if found.name == "IPython")


def test_importing_the_package_imports_no_data_frame_library_and_no_shell() -> None:
    heavy = "numpy pandas polars pyarrow IPython jupyterlite_core subprocess"
    code = f"import sys, jupyterlite_rpy; print([name for name in {heavy.split()} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def public_names(path: Path) -> tuple[list[str] | None, set[str]]:
    """`__all__` of a module as written, and the public names that it defines."""
    declared: list[str] | None = None
    defined: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            defined.add(node.name)
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        for target in targets:
            if isinstance(target, ast.Name):
                if target.id == "__all__":
                    declared = ast.literal_eval(node.value)  # type: ignore[attr-defined]
                else:
                    defined.add(target.id)
    return declared, {name for name in defined if not name.startswith("_")}


@pytest.mark.parametrize("module", MODULES)
def test_all_names_that_a_module_declares_public_exist_and_are_sorted(module: str) -> None:
    declared, _ = public_names(PACKAGE / module)
    if declared is not None:
        assert len(set(declared)) == len(declared)
        assert not [name for name in declared if name.startswith("_") and name != "__version__"]


def test_the_package_declares_all_its_public_names() -> None:
    modules = {path.stem for path in PACKAGE.iterdir()} - {"r"}  # a folder of R code, and a Python object
    names = (
        {name for name in vars(jupyterlite_rpy) if not name.startswith("_")}
        - modules
        - {"Any", "annotations"}
    )
    assert sorted(jupyterlite_rpy.__all__) == sorted(names | {"__version__"})


def test_there_is_one_version_number() -> None:
    assert jupyterlite_rpy.__version__ == version("jupyterlite-rpy")
    assert 'path = "jupyterlite_rpy/_version.py"' in (ROOT / "pyproject.toml").read_text()
    assert (
        json.loads((ROOT / "kernels/lite/package.json").read_text())["version"] == jupyterlite_rpy.__version__
    )


def test_the_wheel_is_small_and_complete(tmp_path: Path) -> None:
    from zipfile import ZipFile

    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 500_000
    shipped = set(ZipFile(wheel).namelist())
    sources = {p for kind in ("*.py", "*.mjs", "*.R") for p in PACKAGE.rglob(kind)} | {PACKAGE / "py.typed"}
    assert {path.relative_to(ROOT).as_posix() for path in sources} <= shipped
    built = ROOT / "kernels" / "lite" / "labextension"
    extension = {p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()}
    data = (
        f"jupyterlite_rpy-{jupyterlite_rpy.__version__}.data/data/share/jupyter/labextensions/jupyterlite-rpy"
    )
    assert {f"{data}/{name}" for name in extension} <= shipped


def test_the_labextension_is_small() -> None:
    built = ROOT / "kernels" / "lite" / "labextension" / "static"
    assert sum(len(gzip.compress(path.read_bytes())) for path in built.glob("*.js")) < 150_000


# What a user reads in the page, given as a text of its own.
LABEL = re.compile(r"""\b(?:label|caption|title|textContent|aria-label)["']?\s*[:=,]\s*["'`](?!["'`])""")
# Names of the user's and of languages only.
NO_WORDS = {"place.title.label = `${table.name} (${table.language})`;"}


@pytest.mark.parametrize("path", sorted((ROOT / "kernels/lite/src").glob("*.ts")), ids=lambda path: path.name)
def test_each_text_of_the_page_is_given_to_the_translator(path: Path) -> None:
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    assert [line for line in lines if LABEL.search(line) and line not in NO_WORDS] == []
