"""The two servers, each as a copy that has one mutant and is what runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mutants.go_source import GeneratorError, mutants_of_go
from mutants.python_source import mutants_of
from mutants.reached import go_unreached, python_unreached, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = Path("reference/omnisession_reference")
GO = Path("implementations/go")
GO_MODULE = "github.com/omnisession/omnisession/implementations/go"

# What is left out of the reference, since no message of the protocol shows it: the command line and
# what it lists and how it is put together with faults, the log, ways to a broker, a limit that is off,
# and tables of types alone.
LEFT_OUT = (
    "access",
    "cli",
    "faults",
    "keys",
    "log",
    "parts",
    "rate",
    "services",
    "transport",
    "variants",
    "__main__",
    "__init__",
)
SERVED = ("kinds/__init__.py",)
GO_LEFT_OUT = ("_test.go", "cmd/", "internal/vectors/", "internal/reducers/", "doc.go")


@dataclass(frozen=True, slots=True)
class Control:
    """A change by hand whose verdict is known: without it, no verdict means anything."""

    name: str
    file: str
    before: str
    after: str
    verdict: str


class Target(Protocol):
    """A server whose mutants are made."""

    name: str
    controls: Sequence[Control]

    def mutants(self) -> Sequence[Mutant]:
        """Return all mutants."""
        ...

    def made(self, folder: Path, file: str, data: bytes) -> Sequence[str] | None:
        """Make a copy of the server in a folder, one file with other data; its command.

        None where it does not compile.
        """
        ...

    def watched(self, folder: Path) -> Sequence[str]:
        """Give the command of the server as it is, which writes into a folder where it comes."""
        ...

    def unreached(self, folder: Path, mutants: Iterable[Mutant]) -> frozenset[str]:
        """Give the ids of mutants where the watched server never came."""
        ...


class Reference:
    """The reference server, as a copy of its package that Python finds first."""

    name = "reference"
    controls: Sequence[Control] = (
        Control("pristine", str(REFERENCE / "control.py"), "", "", "survived"),
        Control("kill", str(REFERENCE / "control.py"), '"session.pong"', '"session.pongx"', "fail"),
        Control(
            "no start",
            str(REFERENCE / "core.py"),
            "import",
            "raise SystemExit(1)\nimport",
            "no start",
        ),
    )

    def mutants(self) -> Sequence[Mutant]:
        """Return all mutants of the modules that are judged."""
        home = ROOT / REFERENCE
        files = (
            path for path in sorted(home.rglob("*.py")) if self._is_judged(path.relative_to(home))
        )
        return [
            m for path in files for m in mutants_of(str(path.relative_to(ROOT)), path.read_bytes())
        ]

    def _is_judged(self, path: Path) -> bool:
        return str(path) in SERVED or path.stem not in LEFT_OUT

    def made(self, folder: Path, file: str, data: bytes) -> Sequence[str] | None:
        """Copy the package with its byte code; the schemas are found beside it."""
        package = folder / REFERENCE.name
        shutil.copytree(ROOT / REFERENCE, package)
        (folder / "schemas").symlink_to(ROOT / "schemas")
        (package / Path(file).relative_to(REFERENCE)).write_bytes(data)
        return ("env", f"PYTHONPATH={folder}", sys.executable, "-P", "-m", REFERENCE.name)

    def watched(self, folder: Path) -> Sequence[str]:
        """Run the package of this tree with its lines written down."""
        paths = f"PYTHONPATH={ROOT / REFERENCE.parent}:{ROOT / 'tools'}"
        traced = (sys.executable, "-P", "-m", "mutants.traced", str(folder / "lines"))
        return ("env", paths, *traced, REFERENCE.name)

    def unreached(self, folder: Path, mutants: Iterable[Mutant]) -> frozenset[str]:
        """Read the lines that were written down."""
        reached = read_lines((folder / "lines").read_text("utf-8"), ROOT)
        return frozenset(
            python_unreached(mutants, reached, lambda file: (ROOT / file).read_bytes())
        )


class Go:
    """The server in Go, built with one file in place of another."""

    name = "go"
    controls: Sequence[Control] = (
        Control("pristine", str(GO / "internal/wire/messages.go"), "", "", "survived"),
        Control(
            "kill",
            str(GO / "internal/session/session_requests.go"),
            '"session.pong"',
            '"session.pongx"',
            "fail",
        ),
        Control(
            "no start",
            str(GO / "cmd/omnisession-server/main.go"),
            "func main() {",
            "func main() {\n\tos.Exit(1)",
            "no start",
        ),
    )

    def mutants(self) -> Sequence[Mutant]:
        """Return all mutants of the packages that are judged."""
        home = ROOT / GO
        paths = (str(path.relative_to(home)) for path in sorted(home.rglob("*.go")))
        judged = [str(GO / path) for path in paths if not any(part in path for part in GO_LEFT_OUT)]
        return mutants_of_go(ROOT, judged)

    def made(self, folder: Path, file: str, data: bytes) -> Sequence[str] | None:
        """Build the server; Go reads the changed file where the other one would be."""
        program = folder / "server"
        changed = folder / "changed.go"
        changed.write_bytes(data)
        overlay = folder / "overlay.json"
        overlay.write_text(json.dumps({"Replace": {str(ROOT / file): str(changed)}}), "utf-8")
        return (str(program),) if self._built(program, "-overlay", str(overlay)) else None

    def watched(self, folder: Path) -> Sequence[str]:
        """Build the server with counters, which it writes as it ends."""
        program = folder / "server"
        (folder / "counts").mkdir()
        if not self._built(program, "-cover", "-coverpkg=./..."):
            raise GeneratorError("The server in Go is not built.")
        return ("env", f"GOCOVERDIR={folder / 'counts'}", str(program))

    def unreached(self, folder: Path, mutants: Iterable[Mutant]) -> frozenset[str]:
        """Read the counters."""
        profile = folder / "profile"
        command = ("go", "tool", "covdata", "textfmt", f"-i={folder / 'counts'}", f"-o={profile}")
        done = subprocess.run(command, cwd=ROOT / GO, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise GeneratorError(f"The counters of Go cannot be read:\n{done.stderr.strip()}")
        return frozenset(go_unreached(mutants, profile.read_text("utf-8"), GO_MODULE, str(GO)))

    def _built(self, program: Path, *options: str) -> bool:
        command = ("go", "build", *options, "-o", str(program), "./cmd/omnisession-server")
        environment = {**os.environ, "GOFLAGS": "-mod=readonly"}
        done = subprocess.run(
            command, cwd=ROOT / GO, env=environment, capture_output=True, check=False
        )
        return done.returncode == 0


TARGETS: dict[str, Target] = {target.name: target for target in (Reference(), Go())}
