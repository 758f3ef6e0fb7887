"""The list of R's variables and tables of its frames, by a real R."""

from __future__ import annotations

from typing import Any

from needs import needs_node

from jupyterlite_rpy import Session
from jupyterlite_rpy.variables import Variables

pytestmark = needs_node

DEFINED = """
rm(list = ls(all.names = TRUE))
frame <- data.frame(a = 1:250, b = letters[(0:249) %% 26 + 1], d = as.Date("2026-01-01") + 0:249)
m <- matrix(c(1.5, NA, 3, 4), 2)
f <- function(x, y = 2) x
fit <- lm(mpg ~ wt, mtcars)
big <- 1:1e9
when <- as.POSIXct("2026-11-25 12:00:00", tz = "UTC")
fac <- factor(c("u", "v"))
text <- "it's"
form <- y ~ x
nothing <- NULL
print.ours <- format.ours <- length.ours <- names.ours <- function(x, ...) stop("called")
ours <- structure(list(1), class = "ours")
makeActiveBinding("active", function() stop("called"), globalenv())
delayedAssign("promised", stop("called"))
.hidden <- 1
"""


def listed(r: Session) -> dict[str, tuple[str, str, str]]:
    answer = Variables(r, {}).answer({"op": "list"})
    return {v["name"]: (v["type"], v["size"], v["value"]) for v in answer["variables"]}


def table(r: Session, name: str, start: int = 0) -> dict[str, Any]:
    return Variables(r, {}).answer({"op": "table", "language": "R", "name": name, "start": start})


def test_variables_are_told_without_being_touched(r: Session) -> None:
    r.run(DEFINED)
    found = listed(r)
    assert {
        "frame": ("data.frame", "250 × 3", "a, b, d"),
        "m": ("matrix", "2 × 2", "1.5 NA 3.0 4.0"),
        "f": ("function", "", "function(x, y = 2)"),
        "big": ("integer", "1,000,000,000", "1 2 3 4 5 6 7 8 9 10 …"),
        "when": ("POSIXct", "1", "2026-11-25 12:00:00"),
        "fac": ("factor", "2", "levels: u, v"),
        "text": ("character", "1", '"it\'s"'),
        "form": ("formula", "3", "y ~ x"),
        "nothing": ("NULL", "0", "NULL"),
        "ours": ("ours", "1", "numeric"),
        "active": ("active binding", "", ""),
        "promised": ("promise", "", ""),
    }.items() <= found.items()
    assert found["fit"][0] == "lm"
    assert ".hidden" not in found
    tables = [v["name"] for v in Variables(r, {}).answer({"op": "list"})["variables"] if v["table"]]
    assert tables == ["frame", "m"]


def test_a_frame_is_a_table_in_parts(r: Session) -> None:
    r.run(DEFINED)
    part = table(r, "frame", 200)
    assert (part["heads"], part["types"]) == (["a", "b", "d"], ["int", "chr", "date"])
    assert (part["total"], part["start"], len(part["rows"])) == (250, 200, 50)
    assert (part["labels"][0], part["rows"][0]) == ("201", ["201", "s", "2026-07-20"])
    assert table(r, "m")["rows"] == [["1.5", "3"], ["NA", "4"]]
    assert table(r, "m")["labels"] == ["[1,]", "[2,]"]
    assert "error" in table(r, "text")
    assert "error" in table(r, "active")
    assert "error" in table(r, "no such name")


def test_what_is_nested_deep_or_has_many_parts_does_no_harm(r: Session) -> None:
    r.run(
        "rm(list = ls()); deep <- 1; for (i in 1:20000) deep <- list(deep)\n"
        "sum <- 1; for (i in 1:20000) sum <- call('+', sum, 1)\n"
        "many <- as.list(1:1e6); wide <- as.data.frame(matrix(0, 2, 1000)); kept <- 7"
    )
    found = Variables(r, {}).answer({"op": "list"})["variables"]
    assert [(v["name"], v["size"], v["bytes"]) for v in found if v["name"] in ("deep", "many", "sum")] == [
        ("deep", "1", None),
        ("many", "1,000,000", None),
        ("sum", "3", None),
    ]
    part = table(r, "wide")
    assert (len(part["heads"]), len(part["rows"]), part["columns"]) == (100, 2, 1000)
    assert r.run("kept").stdout == "[1] 7\n"


def test_r_is_not_started_for_a_list(fresh: Session) -> None:
    assert Variables(fresh, {}).answer({"op": "list"}) == {"op": "list", "r": False, "variables": []}
    assert not fresh.runtime.ready
