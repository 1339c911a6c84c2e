"""Types are checked of what changed and of what imports it, and of everything where nothing is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import check_types

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILES = {
    "hatch_build.py": "",
    "pyproject.toml": "",
    "uv.lock": "",
    "tools/check_types.py": "",
    "reference/stub.pyi": "",
    "tools/page.py": "import alone\n",
    "tools/alone.py": "",
    "conformance/kit/__init__.py": "",
    "conformance/kit/low.py": "from typing import Any\n",
    "conformance/kit/middle.py": "from . import low\n",
    "conformance/kit/high.py": "def late() -> None:\n    from kit.middle import it\n",
    "tests/test_high.py": "TYPE_CHECKING = 1\nif TYPE_CHECKING:\n    import kit.high\n",
}
HIGH = {"conformance/kit/high.py", "tests/test_high.py"}


class Checker:
    """Stands in for pyright: notes what it is asked for, and finds fault with the files it is told."""

    def __init__(self) -> None:
        self.asked: set[str] | None = None
        self.wrong: Sequence[str] = ()
        self.code = 1

    def __call__(self, root: Path, paths: Sequence[str]) -> tuple[int, str]:
        self.asked = set(paths)
        return self.code if self.wrong else 0, "".join(f"{root}/{path}\n" for path in self.wrong)

    def of(self, root: Path) -> set[str] | None:
        """What is asked for now; None where nobody is asked."""
        self.asked = None
        assert check_types.check(root, self) == (self.code if self.wrong and self.asked else 0)
        return self.asked


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small project, of which nothing is noted."""
    (tmp_path / ".venv").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def checker(root: Path) -> Checker:
    """One that has found everything right, asked for all by no name."""
    checker = Checker()
    assert checker.of(root) == set()
    assert checker.of(root) is None
    return checker


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("conformance/kit/low.py", {"conformance/kit/low.py", "conformance/kit/middle.py", *HIGH}),
        ("conformance/kit/high.py", HIGH),
        ("tests/test_high.py", {"tests/test_high.py"}),
        ("tools/alone.py", {"tools/alone.py", "tools/page.py"}),
    ],
)
def test_what_changed_is_checked_with_all_that_imports_it(
    path: str, asked: set[str], root: Path, checker: Checker
) -> None:
    (root / path).write_text(FILES[path] + "new: int = 1\n")
    assert checker.of(root) == asked
    assert checker.of(root) is None


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_other_settings_and_other_libraries_are_another_question(
    name: str, root: Path, checker: Checker
) -> None:
    (root / name).write_text("new")
    assert checker.of(root) == set()


def test_a_file_that_comes_or_goes_is_a_change_for_who_imports_it(
    root: Path, checker: Checker
) -> None:
    (root / "conformance/kit/low.py").unlink()
    assert checker.of(root) == {"conformance/kit/middle.py", *HIGH}
    (root / "tests/alone.py").write_text("")
    assert checker.of(root) == {"tests/alone.py"}
    (root / "tools/alone").mkdir()
    (root / "tools/alone/__init__.py").write_text("")
    assert checker.of(root) == {"tools/alone/__init__.py", "tools/page.py"}


def test_what_was_wrong_is_checked_again_and_what_was_right_is_not(
    root: Path, checker: Checker
) -> None:
    (root / "conformance/kit/high.py").write_text("import nothing\n")
    checker.wrong = ["tests/test_high.py"]
    for asked in (HIGH, {"tests/test_high.py"}, {"tests/test_high.py"}):
        assert check_types.check(root, checker) == 1
        assert checker.asked == asked
    checker.wrong = ()
    assert checker.of(root) == {"tests/test_high.py"}


@pytest.mark.parametrize("said", ["", "tests/test_high.py"])
def test_a_checker_that_could_not_check_has_found_nothing_right(
    said: str, root: Path, checker: Checker
) -> None:
    (root / "conformance/kit/high.py").write_text("import nothing\n")
    checker.wrong, checker.code = [said], 3
    for _ in range(2):
        assert check_types.check(root, checker) == 3
        assert checker.asked == HIGH


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"sources": [], "right": {}}'])
def test_a_note_that_cannot_be_read_is_none(note: str, root: Path, checker: Checker) -> None:
    (root / check_types.NOTE).write_text(note)
    assert checker.of(root) == set()


def test_a_file_that_pyright_looks_at_is_looked_at(root: Path) -> None:
    assert {*check_types.read(root, {})} == {name for name in FILES if ".py" in name}


@pytest.mark.dear
def test_files_that_are_named_are_checked_as_strictly_as_all(root: Path) -> None:
    settings = '[tool.pyright]\ninclude = ["tools"]\nstrict = ["tools"]\n'
    (root / "pyproject.toml").write_text(settings)
    (root / "tools/page.py").write_text("def lax(x):\n    return x\n")
    for names in ((), ("tools/page.py",)):
        code, said = check_types.pyright(root, names)
        assert code == 1
        assert "reportMissingParameterType" in said
