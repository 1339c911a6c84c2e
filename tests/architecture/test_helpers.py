"""Helpers stand in modules of their own: a test that imports another test runs when that one is changed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
_NAMED = re.compile(r"(?<!def )\btest_")


def imported_tests(source: str) -> list[str]:
    """Every test module that a text imports, be it for its types only."""
    found: list[str] = []
    if not _NAMED.search(source):
        # Most texts name no test but those that they define, and need not be parsed.
        return found
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module or ''}.{alias.name}" for alias in node.names]
    return [name for name in found if any(part.startswith("test_") for part in name.split("."))]


@pytest.mark.parametrize(
    "line",
    [
        "import tests.kit.core.test_tap",
        "from tests.kit.core import test_tap",
        "from tests.kit.core.test_tap import new_tap",
        "def late():\n    from .test_tap import new_tap",
    ],
)
def test_an_import_of_a_test_is_seen(line: str) -> None:
    assert imported_tests(line)


def test_no_test_imports_another() -> None:
    files = sorted(TESTS.rglob("*.py"))
    assert len(files) > 100
    assert not {str(f): found for f in files if (found := imported_tests(f.read_text("utf-8")))}
