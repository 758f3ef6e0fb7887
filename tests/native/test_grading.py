"""The assignment of the examples, graded as nbgrader does: by points of the test cells without an error."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from needs import needs_node

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("pandas")

pytestmark = needs_node

ASSIGNMENT = Path(__file__).parent.parent.parent / "examples" / "grading.ipynb"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.MULTILINE | re.DOTALL)


def graded(answers: dict[str, str] | None, kernels: Path) -> dict[str, float]:
    """Points by question: with the solutions (None), or with answers for some and a stub for the rest."""
    notebook = nbformat.read(ASSIGNMENT, as_version=4)
    for cell in notebook.cells:
        part: dict[str, Any] = cell.metadata.get("nbgrader", {})
        if answers is not None and part.get("solution"):
            answer = answers.get(part["grade_id"], "# YOUR CODE HERE")
            cell.source = SOLUTION.sub(lambda match, text=answer: match[1] + text, cell.source)
    nbclient.NotebookClient(notebook, kernel_name="python-r", timeout=900, allow_errors=True).execute()
    return {
        cell.metadata.nbgrader.grade_id: 0.0
        if any(output.output_type == "error" for output in cell.outputs)
        else cell.metadata.nbgrader.points
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def test_the_solutions_have_all_points(kernels: Path) -> None:
    assert graded(None, kernels) == {"q1_tests": 2, "q2_tests": 1, "q3_tests": 2}


def test_right_and_wrong_answers_of_both_languages_are_told_apart(kernels: Path) -> None:
    answers = {
        "q1": "means <- tapply(ToothGrowth$len, ToothGrowth$supp, mean)",
        "q2": "p_value <- t.test(len ~ supp, ToothGrowth)[['p.value']]",
        "q3_data": "teeth <- ToothGrowth",
        "q3": "return ('VC', 2.0)",
    }
    assert graded(answers, kernels) == {"q1_tests": 0, "q2_tests": 1, "q3_tests": 0}


def test_an_empty_submission_runs_to_its_end(kernels: Path) -> None:
    assert set(graded({}, kernels).values()) == {0}
