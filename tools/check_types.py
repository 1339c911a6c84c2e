"""Checks the types of what has changed since they were right last, and of all that imports it.

`python tools/check_types.py` calls pyright, strict as ever, with the files that it has not yet found
right as they are now. A file is as it was if it, every file of the project that it imports, directly
or by others, the settings and the versions of all libraries are as they were. What was right is noted
in `.venv`; without that note, as on a fresh checkout, every file is checked. It exits as pyright does.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
CHECKED = ("conformance", "reference", "tools", "tests", "hatch_build.py")
"""What `include` of pyright names."""
ROOTS = ("", "conformance/", "reference/", "tools/")
"""Where pyright looks for what is imported: here, and `extraPaths`."""
ENDINGS = (".py", ".pyi")
SETTINGS = ("pyproject.toml", "uv.lock")
NOTE = Path(".venv/.types.json")
MORE_ROOM = "--max-semi-space-size=64"
"""For what is young, in MB: with the 16 of Node.js an eighth of the time goes to collecting it."""
FOUND_ERRORS = 1
"""What pyright exits with where it checked all and something is wrong; above that it could not check."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file: what it holds, as a digest, and every name that it may import, dots and all."""

    digest: str
    names: tuple[str, ...]


def imported(text: str, path: str) -> Iterator[str]:
    """Every module that a source may import, also for type checkers alone, and those above it."""
    package = path.split("/")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_parents(alias.name)
        elif isinstance(node, ast.ImportFrom):
            # A relative one is named by its folder, as a path of the project.
            above = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            yield from _with_parents(module)
            for alias in node.names:
                # What is taken from a package may be a module of it.
                yield f"{module}.{alias.name}"


def _with_parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length])


def read(root: Path, known: Mapping[str, Source]) -> dict[str, Source]:
    """All sources by path; one that is noted as it is now is not parsed again. Raises SyntaxError."""
    found: dict[str, Source] = {}
    for name in CHECKED:
        top = root / name
        files = (file for ending in ENDINGS for file in top.rglob(f"*{ending}"))
        for file in sorted(files) if top.is_dir() else [top]:
            path = file.relative_to(root).as_posix()
            if any(part.startswith(".") or part == "node_modules" for part in path.split("/")):
                continue
            content = file.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            before = known.get(path)
            if before is None or before.digest != digest:
                names = sorted({*imported(content.decode("utf-8"), path)})
                before = Source(digest, tuple(names))
            found[path] = before
    return found


def states(sources: Mapping[str, Source], settings: str) -> dict[str, str]:
    """What the verdict on each file depends on, as one digest: itself, its imports, the settings."""
    direct = {path: [*_files(path, source, sources)] for path, source in sources.items()}
    return {path: _state(_reached(path, direct), sources, settings) for path in sources}


def _files(path: str, source: Source, sources: Mapping[str, Source]) -> Iterator[str]:
    """The files of the project behind the names of one, wherever pyright may look for them."""
    beside = path.rpartition("/")[0] + "/"
    for name in source.names:
        for root in (*ROOTS, beside):
            stem = root + name.replace(".", "/")
            for file in (
                place + ending for place in (stem, f"{stem}/__init__") for ending in ENDINGS
            ):
                if file in sources:
                    yield file


def _reached(path: str, direct: Mapping[str, Sequence[str]]) -> set[str]:
    reached = {path}
    ahead = [path]
    while ahead:
        new = set(direct[ahead.pop()]) - reached
        reached |= new
        ahead += new
    return reached


def _state(reached: Iterable[str], sources: Mapping[str, Source], settings: str) -> str:
    lines = [f"{path} {sources[path].digest}" for path in sorted(reached)]
    return hashlib.sha256("\n".join([settings, *lines]).encode()).hexdigest()


def pyright(root: Path, paths: Sequence[str]) -> tuple[int, str]:
    """Its exit code and what it says, for these files; for all of them where there are no others."""
    command = [str(Path(sys.executable).with_name("pyright")), *paths]
    options = f"{os.environ.get('NODE_OPTIONS', '')} {MORE_ROOM}".strip()
    env = {**os.environ, "NODE_OPTIONS": options}
    done = subprocess.run(
        command, cwd=root, env=env, stdout=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stdout


def check(root: Path, ask: Callable[[Path, Sequence[str]], tuple[int, str]] = pyright) -> int:
    """Check what is not noted as right, note what is now, and exit as pyright does."""
    known, right = _noted(root / NOTE)
    sources = read(root, known)
    settings = "".join((root / name).read_text("utf-8") for name in SETTINGS) + sys.version
    now = states(sources, settings)
    doubtful = [path for path, state in now.items() if right.get(path) != state]
    if not doubtful:
        print(f"types: {len(now)} files are as they were when they were right")
        return 0
    code, said = ask(root, doubtful if len(doubtful) < len(now) else ())
    print(f"types: {len(doubtful)} of {len(now)} files checked\n{said}", end="")
    # Warnings are no errors, and are told again all the same.
    named = {path for path in doubtful if f"/{path}" in said}
    wrong = set(doubtful) if code > FOUND_ERRORS or (code and not named) else named
    kept = {path: state for path, state in now.items() if path not in wrong}
    noted = {path: [source.digest, *source.names] for path, source in sources.items()}
    (root / NOTE).write_text(json.dumps({"sources": noted, "right": kept}), "utf-8")
    return code


def _noted(file: Path) -> tuple[dict[str, Source], dict[str, str]]:
    """What an earlier call noted; nothing where there is none, or one that cannot be read."""
    try:
        note = cast("dict[str, dict[str, list[str]]]", json.loads(file.read_text("utf-8")))
        known = {path: Source(one[0], tuple(one[1:])) for path, one in note["sources"].items()}
        return known, cast("dict[str, str]", note["right"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}, {}


if __name__ == "__main__":
    sys.exit(check(ROOT))
