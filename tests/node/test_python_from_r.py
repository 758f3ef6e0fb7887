from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import needs_node

from jupyterlite_rpy import RError, Session
from jupyterlite_rpy.convert.na import NA, NA_character_, NA_integer_

pytestmark = needs_node


@pytest.fixture
def names(r: Session) -> Iterator[dict[str, Any]]:
    """The notebook's variables, for one test."""
    namespace: dict[str, Any] = {"__name__": "notebook"}
    r.python.namespace = namespace
    yield namespace
    r.python.namespace = None


def text(session: Session, code: str, **inputs: Any) -> str:
    return session.run(code, inputs).stdout


def true(session: Session, code: str, **inputs: Any) -> bool:
    return bool(next(iter(session.run(code, inputs, value=True).value)))


# ---- py, modules, code


def test_the_notebook_s_variables(r: Session, names: dict[str, Any]) -> None:
    names["n"] = 42
    assert text(r, "py$n; py[['n']] + 1L") == "[1] 42\n[1] 43\n"
    r.run("py$xs <- c(1, 2); py$name <- 'R'; py$f <- function(x) x + 1")
    assert list(names["xs"]) == [1, 2]
    assert names["name"] == "R"
    assert list(names["f"](1)) == [2]
    assert true(r, "identical(names(py), c('f', 'n', 'name', 'xs'))")
    with pytest.raises(RError, match=r"^Error in py\$nothing : name 'nothing' is not defined in Python$"):
        r.run("py$nothing")


def test_a_module_is_imported(r: Session) -> None:
    assert text(r, 'import("math")$sqrt(2)') == "[1] 1.414214\n"
    assert text(r, 'os <- import("os"); os$path$join("a", "b")') == '[1] "a/b"\n'
    assert text(r, 'import("xml")$dom$Node$TEXT_NODE') == "[1] 3\n"
    assert true(r, '!py_module_available("nothing_here") && py_module_available("json")')
    with pytest.raises(RError, match="No module named 'nothing_here'") as caught:
        r.run('import("nothing_here")')
    assert caught.value.traceback == ['import("nothing_here")']
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_code_is_run(r: Session, names: dict[str, Any], tmp_path: Path) -> None:
    assert (
        text(r, 'py_run_string("def f(a, b=2):\\n    return a * b"); py$f(3); py$f(3, b = 10)')
        == "[1] 6\n[1] 30\n"
    )
    assert (
        text(r, 'py_eval("[1, 2]"); class(py_eval("1", convert = FALSE))[1]') == '[1] 1 2\n[1] "python.int"\n'
    )
    file = tmp_path / "made.py"
    file.write_text("def twice(x):\n    return 2 * x\nlimit = 3\n")
    assert text(r, "source_python(p); twice(limit)", p=str(file)) == "[1] 6\n"
    with pytest.raises(RError, match="invalid syntax"):
        r.run('py_eval("1 +")')


def test_the_names_are_those_of_the_package_reticulate(r: Session) -> None:
    r.run("library(reticulate); stopifnot(require(reticulate), requireNamespace('reticulate'))")
    assert text(r, "reticulate::py_eval('1 + 1'); reticulate::import('math')$pi > 3") == "[1] 2\n[1] TRUE\n"
    assert true(
        r,
        "exists <- function(name) !is.null(getExportedValue('reticulate', name))\n"
        "all(vapply(getNamespaceExports('reticulate'), exists, NA))",
    )
    assert true(r, "length(ls('package:reticulate')) > 60")


def test_a_user_s_name_hides_ours(r: Session) -> None:
    assert text(r, "local({ import <- function(x) 'mine'; import('math') })") == '[1] "mine"\n'


# ---- values: scalars one way, objects the other


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1.5", 1.5), ("2L", 2), ("TRUE", True), ("'a'", "a"), ("1i", 1j), ("NULL", None),
        ("NA", NA), ("NA_integer_", NA_integer_), ("NA_character_", NA_character_),
        ("-2147483648", -2147483648.0),
        ("list(1, 'a')", [1.0, "a"]), ("list(a = 1L, b = list(c = TRUE))", {"a": 1, "b": {"c": True}}),
        ("as.raw(1)", b"\x01"), ("list()", []),
    ],
)  # fmt: skip
def test_a_python_function_gets_scalars(r: Session, code: str, expected: Any) -> None:
    seen: list[Any] = []
    r.run(f"see({code})", {"see": seen.append})
    assert seen == [expected]
    assert type(seen[0]) is type(expected)


def test_vectors_stay_vectors_and_na_stays_na(r: Session) -> None:
    seen: list[Any] = []
    r.run("see(c(1, 2)); see(array(1)); see(c(a = 1)); see(numeric())", {"see": seen.append})
    r.set({"same": lambda x: x})
    for na in ("NA", "NA_integer_", "NA_real_", "NaN", "NA_character_"):
        assert true(r, f"identical(same({na}), {na})"), na
    assert [len(value) for value in seen] == [2, 1, 1, 0]


def test_attributes_items_and_length(r: Session, names: dict[str, Any]) -> None:
    class Thing:
        size = 3

        def __repr__(self) -> str:
            return "Thing!"

    names["t"] = Thing()
    assert (
        text(r, "t <- py$t; t; t$size; t$size <- 4L; t$size; t[['size']]") == "Thing!\n[1] 3\n[1] 4\n[1] 4\n"
    )
    assert names["t"].size == 4
    assert true(
        r, "py_has_attr(t, 'size') && !py_has_attr(t, 'no') && 'size' %in% names(t) && length(t) == 1"
    )
    assert true(r, "py_set_attr(t, 'colour', 'red'); t$colour == 'red'")
    assert true(r, "py_del_attr(t, 'colour'); !py_has_attr(t, 'colour')")
    code = "l <- r_to_py(list(1L, 'a')); l$append(TRUE); l[0] <- 7L; stopifnot(py_len(l) == 3L); py_to_r(l)"
    assert r.run(code, value=True).value[1].tolist() == ["a"]
    assert text(r, "d <- dict(a = 1, b = 'x'); d; d$c <- TRUE; names(d); py_del_item(d, 'a'); d") == (
        "{'a': 1.0, 'b': 'x'}\n[1] \"a\" \"b\" \"c\"\n{'b': 'x', 'c': True}\n"
    )
    assert text(r, "tuple(1, 'a'); str(py_eval('{}', convert = FALSE))") == "(1.0, 'a')\n <Python dict> {}\n"


def test_operators_and_comparisons(r: Session) -> None:
    assert true(r, "x <- r_to_py(5L); x + 2L == 7L && x > 4L && -x == -5L && !(x < 5L)")
    assert text(r, "x * 2L; format(x); as.integer(x); as.character(x)") == '10\n[1] "5"\n[1] 5\n[1] "5"\n'


def test_without_conversion_everything_stays_in_python(r: Session) -> None:
    assert true(r, 'sys <- import("sys", convert = FALSE); v <- sys$version_info; is_py_object(v$major)')
    assert true(r, "py_to_r(v$major) >= 3L && is_py_object(sys$getrecursionlimit())")


def test_iteration(r: Session, names: dict[str, Any]) -> None:
    assert true(r, "identical(iterate(py_eval('(i * i for i in range(4))')), c(0L, 1L, 4L, 9L))")
    assert true(r, "identical(iterate(py_eval('[\"a\", 1]'), simplify = FALSE), list('a', 1L))")
    assert true(
        r,
        "it <- as_iterator(py_eval('range(2)', FALSE)); step <- function() iter_next(it, -1L)\n"
        "identical(c(step(), step(), step()), c(0L, 1L, -1L))",
    )
    r.run("n <- 0; py$numbers <- py_iterator(function() { n <<- n + 1; if (n < 4) n })")
    assert [float(value[0]) for value in names["numbers"]] == [1, 2, 3]


def test_contexts(r: Session, tmp_path: Path) -> None:
    file = tmp_path / "written"
    r.run(
        'open <- import_builtins()$open; with(open(p, "w") %as% f, { f$write("from R") }); made <- 1',
        {"p": str(file)},
    )
    assert file.read_text() == "from R"
    code = 'with(import("contextlib")$suppress(import_builtins()$RuntimeError) %as% s, stop("called off"))'
    assert text(r, f"{code}; cat('on')") == "on"
    with pytest.raises(RError, match="not called off"):
        r.run('with(import("contextlib")$suppress(import_builtins()$KeyError), stop("not called off"))')


def test_classes_and_signatures(r: Session, names: dict[str, Any]) -> None:
    r.run(
        "A <- PyClass('A', list(`__init__` = function(self, n) { self$n <- n; NULL },"
        "                       twice = function(self) self$n * 2))"
        "\npy$A <- A"
    )
    assert float(names["A"](4).twice()[0]) == 8
    import inspect

    r.run("py$f <- py_func(function(x, na.rm = TRUE) x)")
    assert list(inspect.signature(names["f"]).parameters) == ["x", "na_rm"]


def test_captured_output_and_what_python_this_is(r: Session, names: dict[str, Any]) -> None:
    import sys

    assert text(r, "x <- py_capture_output(py_run_string('print(1 + 1)')); cat(x)") == "2\n"
    assert text(r, "cat(format(py_version(patch = TRUE)))") == ".".join(map(str, sys.version_info[:3]))
    with pytest.raises(RError, match="%pip install nothing"):
        r.run("py_install('nothing')")


@pytest.mark.parametrize("unload", ["FALSE", "TRUE"])
def test_reticulate_is_detached_and_attached_again(r: Session, unload: str) -> None:
    first, second = ("library(reticulate)", "stopifnot(require(reticulate))")
    for attach in (first, second):
        r.run(f"detach('package:reticulate', unload = {unload})")
        with pytest.raises(RError, match="could not find function"):
            r.run("py_eval('1')")
        assert r.run(f"{attach}; py_eval('1 + 1')").stdout == "[1] 2\n"


def test_reticulate_is_a_package_that_is_installed(r: Session) -> None:
    assert true(r, "'reticulate' %in% rownames(installed.packages())")
    assert true(r, "packageVersion('reticulate') == '1.0' && nzchar(system.file(package = 'reticulate'))")
    assert "reticulate_1.0" in text(r, "sessionInfo()")
    assert r.run("??reticulate").stderr == ""


def test_each_name_of_reticulate_is_there(r: Session) -> None:
    assert true(
        r,
        "all(vapply(getNamespaceExports('reticulate'), base::exists, NA, envir = asNamespace('reticulate')))",
    )


@pytest.mark.parametrize(
    "code",
    [
        "virtualenv_create('env')",
        "conda_create('env')",
        "install_miniconda()",
        "install_python()",
        "virtualenv_root()",
    ],
)
def test_other_pythons_are_refused(r: Session, code: str) -> None:
    with pytest.raises(RError, match=r"one Python here.*%pip install"):
        r.run(code)


def test_environments_and_packages_are_listed(r: Session) -> None:
    assert true(r, "length(virtualenv_list()) == 0L && nrow(conda_list()) == 0L && !virtualenv_exists('a')")
    assert true(
        r,
        "found <- py_list_packages(); 'pytest' %in% found$package && nchar(found$version[1])",
    )
    with pytest.raises(RError, match="%pip install nothing"):
        r.run("virtualenv_install('env', 'nothing')")


def test_python_s_prompt(r: Session, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    prompts: list[str] = []
    typed = ["x = 1", "for i in range(2):", "    x += i", "", "x", "1 / 0", "exit"]

    def answer(prompt: str = "") -> str:
        prompts.append(prompt)
        return typed.pop(0)

    monkeypatch.setattr("builtins.input", answer)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        r.run("repl_python()")
    assert prompts == [">>> ", ">>> ", "... ", "... ", ">>> ", ">>> ", ">>> "]
    assert out.getvalue() == "2\n" and "ZeroDivisionError" in err.getvalue()
    assert names["x"] == 2
    r.run("repl_python(input = 'y = 5')")
    assert names["y"] == 5


def test_completion(r: Session, names: dict[str, Any]) -> None:
    names["alpha"] = {"beta": 1}
    assert true(r, "all(c('sqrt', 'sin') %in% utils::.DollarNames(import('math'), '^s'))")
    assert true(r, "identical(utils::.DollarNames(py, '^al'), 'alpha')")


def test_what_was_saved_and_loaded_is_only_a_name(r: Session) -> None:
    assert true(
        r, "x <- unserialize(serialize(r_to_py(1), NULL)); py_is_null_xptr(x) && !py_is_null_xptr(r_to_py(1))"
    )
    with pytest.raises(RError, match="saved and loaded again"):
        r.run("unserialize(serialize(f, NULL))()", {"f": len})


# ---- functions of either language as callbacks of the other


def test_r_s_functions_take_python_s(r: Session) -> None:
    def distance(p: Any) -> float:
        return float((p[0] - 3) ** 2 + (p[1] + 1) ** 2)

    assert text(r, "sapply(1:3, f)", f=lambda x: x * x) == "[1] 1 4 9\n"
    assert true(r, "isTRUE(all.equal(optim(c(1, 1), f)$par, c(3, -1), tolerance = 1e-2))", f=distance)
    assert true(r, "isTRUE(all.equal(integrate(f, 0, 1)$value, 1/3))", f=lambda x: x**2)
    assert (
        text(r, "Reduce(f, 1:5); Filter(g, 1:5)", f=lambda a, b: a * b, g=lambda x: x > 3)
        == "[1] 120\n[1] 4 5\n"
    )
    assert text(r, "uniroot(f, c(0, 2))$root > 1.41", f=lambda x: x**2 - 2) == "[1] TRUE\n"


def test_python_s_functions_take_r_s(r: Session) -> None:
    key = r.eval("function(x) -x")
    assert sorted([1, 3, 2], key=key) == [3, 2, 1]
    assert [value[0] for value in map(r.eval("function(x, y = 2) x * y"), [1.0, 2.0])] == [2, 4]


def nested(session: Session, depth: int) -> list[int]:
    """R calls Python calls R ... `depth` times; return the levels that were reached."""
    reached: list[int] = []

    def down(n: float) -> Any:
        reached.append(int(n))
        return n if n >= depth else session.call_function("again", (n + 1,))

    session.run("again <- function(n) down(n)", {"down": down})
    session.run("again(1)")
    return reached


def test_they_nest_forty_levels_deep(r: Session) -> None:
    assert nested(r, 40)[-1] == 40


def test_deeper_is_an_error_in_both_languages_and_never_more(r: Session) -> None:
    with pytest.raises(RError, match="levels deep|too close to the limit|too deeply"):
        nested(r, 1000)
    assert true(r, "inherits(tryCatch(again(1), error = identity), 'python.RError')")
    assert true(r, "1 + 1 == 2")


# ---- errors


def test_an_exception_is_a_condition_of_its_classes(r: Session) -> None:
    def fail() -> None:
        raise KeyError("lost")

    code = "e <- tryCatch(fail(), python.LookupError = identity)\nclass(e)[1]; conditionMessage(e)"
    assert text(r, code, fail=fail) == '[1] "python.KeyError"\n[1] "\'lost\'"\n'
    assert true(r, "inherits(e, 'python.builtin.Exception') && inherits(e, 'error')")
    assert "KeyError: 'lost'" in text(r, "py_last_error()")


def test_errors_keep_the_whole_story(r: Session) -> None:
    def middle() -> Any:
        return r.call_function("inner")

    r.run("inner <- function() stop('at the bottom'); outer_one <- function() middle()", {"middle": middle})
    with pytest.raises(RError) as caught:
        r.run("outer_one()")
    assert caught.value.traceback == ["outer_one()", "middle()"]
    cause = caught.value.__cause__
    assert isinstance(cause, RError)
    assert str(cause) == "Error in inner() : at the bottom"
    assert "middle" in text(r, "py_last_error()")


def test_an_r_error_ends_python_code_that_r_called(r: Session) -> None:
    def careful() -> str:
        try:
            r.call_function("inner")
        except RError as error:
            return error.message
        return ""

    assert text(r, "inner <- function() stop('caught in Python'); cat(f())", f=careful) == "caught in Python"
