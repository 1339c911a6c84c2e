"""The suite is whole: every module with cases is listed, every requirement has a check."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import omnisession_conformance.suite as suite_package
from omnisession_conformance.suite import catalogue
from omnisession_conformance.suite.server import AREAS

FOLDER = Path(suite_package.__file__).parent
STEPS = FOLDER.parent / "roles" / "server" / "steps"
FORBIDDEN = {"time"}


@cache
def modules() -> dict[str, ast.Module]:
    return {
        f.relative_to(FOLDER).as_posix(): ast.parse(f.read_text(encoding="utf-8"))
        for f in FOLDER.rglob("*.py")
    }


def registers(module: ast.Module) -> set[str]:
    functions = (n for n in module.body if isinstance(n, ast.AsyncFunctionDef | ast.FunctionDef))
    return {
        d.func.id
        for function in functions
        for d in function.decorator_list
        if isinstance(d, ast.Call) and isinstance(d.func, ast.Name)
    }


def test_every_folder_is_an_area() -> None:
    folders = {path.parent.name for path in FOLDER.glob("server/*/*.py")}
    assert folders == set(AREAS)


def test_cases_and_rules_stand_in_modules_that_are_loaded() -> None:
    for path, module in modules().items():
        name = path.rpartition("/")[2]
        found = registers(module)
        assert bool(found & {"case", "every_kind"}) == name.startswith("cases_"), path
        assert ("rule" in found) == name.startswith("rules"), path


def test_every_requirement_has_a_check_or_a_reason() -> None:
    judged = {check.requirement for check in catalogue().checks()}
    for requirement in catalogue().registry:
        assert (requirement.id in judged) != (requirement.excluded is not None), requirement.id


def test_every_case_says_what_it_shows() -> None:
    for case in catalogue().cases:
        assert case.title, case.name
        assert case.requirements, case.name
        assert all(requirement in catalogue().registry for requirement in case.requirements)


def test_cases_reach_the_run_through_their_context() -> None:
    steps = {f.name: ast.parse(f.read_text(encoding="utf-8")) for f in STEPS.glob("*.py")}
    assert steps
    for name, module in (modules() | steps).items():
        reached = [
            node.lineno
            for node in ast.walk(module)
            if isinstance(node, ast.Attribute) and node.attr == "run"
        ]
        assert not reached, f"{name}, lines {reached}"


def test_no_module_of_cases_imports_another() -> None:
    for name, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").rpartition(".")[2].startswith("cases_"), name


def test_cases_neither_sleep_nor_look_at_the_clock() -> None:
    for name, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                assert not {a.name for a in node.names} & FORBIDDEN, name
            elif isinstance(node, ast.ImportFrom):
                assert node.module not in FORBIDDEN, name
            elif isinstance(node, ast.Attribute):
                assert node.attr != "sleep", f"{name}: line {node.lineno}"
