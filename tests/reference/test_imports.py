"""What the server imports: nothing that is broken until it is asked for, and nothing in a circle."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from tests.reference.bench import SECRET
from tests.reference.broker import PATIENCE_S

import omnisession_faults.faults
import omnisession_faults.variants
import omnisession_reference
from omnisession_reference import faults, variants

PACKAGES = (
    "omnisession_client",
    "omnisession_client_faults",
    "omnisession_reference",
    "omnisession_faults",
)

# Lines of `python -X importtime`: two times, and the name indented by who imports it.
IMPORTED = re.compile(r"^import time: .*\| *(\S+)$", re.MULTILINE)


def imported_by(*arguments: str) -> set[str]:
    """Name what a server imports that is put together and finds no broker."""
    with socket.socket() as taken:  # bound, so nobody else listens there; not listening itself
        taken.bind(("127.0.0.1", 0))
        address = f"nats://127.0.0.1:{taken.getsockname()[1]}"
        server = [sys.executable, "-X", "importtime", "-m", "omnisession_reference"]
        ran = subprocess.run(
            [*server, "--nats", address, "--secret", SECRET, *arguments],
            env={k: v for k, v in os.environ.items() if not k.startswith("OMNISESSION_")},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert ran.returncode == 3, ran.stderr
    return set(IMPORTED.findall(ran.stderr))


@pytest.mark.parametrize(
    ("arguments", "packages"),
    [
        ((), ()),
        pytest.param(("--fault", "null-list"), ("faults",), marks=pytest.mark.dear),
        pytest.param(("--variant", "echo-on"), ("variants",), marks=pytest.mark.dear),
    ],
)
def test_a_server_imports_what_it_is_asked_for(
    arguments: tuple[str, ...], packages: tuple[str, ...]
) -> None:
    imported = imported_by(*arguments)
    assert "omnisession_reference.control" in imported
    doors = {name for name in ("faults", "variants") if f"omnisession_reference.{name}" in imported}
    assert doors == set(packages)
    beside = {name for name in imported if name.startswith("omnisession_faults.")}
    lists = {"faults", "variants"} & {name.split(".")[1] for name in beside}
    assert lists == set(packages)
    # What stands beside the lists is there for them: without one, nothing of it is imported.
    assert bool(beside) == bool(packages)


def test_only_the_doors_know_the_package_beside_the_server() -> None:
    server = Path(omnisession_reference.__file__).parent
    knowing = [path for path in server.rglob("*.py") if "omnisession_faults" in path.read_text()]
    assert {path.relative_to(server).as_posix() for path in knowing} == {
        "faults.py",
        "variants.py",
    }


def test_the_doors_lead_to_the_lists_themselves() -> None:
    assert faults.FAULTS is omnisession_faults.faults.FAULTS
    assert variants.VARIANTS is omnisession_faults.variants.VARIANTS


def modules() -> dict[str, Path]:
    """The modules of server and client, and of what stands beside them, by name."""
    root = Path(omnisession_reference.__file__).parent.parent
    found = [path for folder in PACKAGES for path in (root / folder).rglob("*.py")]
    names = [path.relative_to(root).with_suffix("").parts for path in found]
    return {
        ".".join(name).removesuffix(".__init__"): path
        for name, path in zip(names, found, strict=True)
    }


def imports() -> dict[str, set[str]]:
    """What each module imports of the others, wherever it does, also for types alone."""
    known = modules()
    return {
        name: {
            whole if (whole := f"{node.module}.{alias.name}") in known else str(node.module)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(PACKAGES)
            for alias in node.names
        }
        for name, path in known.items()
    }


def test_no_module_knows_its_maker() -> None:
    graph = imports()
    assert "omnisession_reference.session" in graph["omnisession_reference.timers"]
    assert "omnisession_reference.faults" in graph["omnisession_reference.cli"]
    assert "omnisession_client.recovery" in graph["omnisession_client.stream"]
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError
    assert set(order) == set(graph)
