"""The suite is whole: every module with cases is listed, every requirement has a check."""

from __future__ import annotations

import ast
from pathlib import Path

import omnisession_conformance.suite as suite_package
from omnisession_conformance.suite import AREAS, catalogue

FOLDER = Path(suite_package.__file__).parent
FORBIDDEN = {"time"}


def modules() -> dict[str, ast.Module]:
    return {f.stem: ast.parse(f.read_text(encoding="utf-8")) for f in FOLDER.glob("*.py")}


def has_cases(module: ast.Module) -> bool:
    decorated = (n for n in module.body if isinstance(n, ast.AsyncFunctionDef))
    return any(
        isinstance(d, ast.Call) and isinstance(d.func, ast.Name) and d.func.id == "case"
        for function in decorated
        for d in function.decorator_list
    )


def test_every_module_with_cases_is_listed() -> None:
    assert {name for name, module in modules().items() if has_cases(module)} == set(AREAS)


def test_every_requirement_has_a_check_or_a_reason() -> None:
    judged = {check.requirement for check in catalogue().checks()}
    for requirement in catalogue().registry:
        assert (requirement.id in judged) != (requirement.excluded is not None), requirement.id


def test_every_case_says_what_it_shows() -> None:
    for case in catalogue().cases:
        assert case.title, case.name
        assert case.requirements, case.name
        assert all(requirement in catalogue().registry for requirement in case.requirements)


def test_cases_neither_sleep_nor_look_at_the_clock() -> None:
    for name, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                assert not {a.name for a in node.names} & FORBIDDEN, name
            elif isinstance(node, ast.ImportFrom):
                assert node.module not in FORBIDDEN, name
            elif isinstance(node, ast.Attribute):
                assert node.attr != "sleep", f"{name}: line {node.lineno}"
