"""Every fault is one, and leaves a server that runs."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import cache
from typing import TYPE_CHECKING

from tests.reference.bench import Bench, action

from omnisession_reference.core import Settings
from omnisession_reference.faults import FAULTS
from omnisession_reference.parts import Parts
from omnisession_reference.protocol import LIMITS
from omnisession_reference.validate import schemas_folder

if TYPE_CHECKING:
    import pytest

    from omnisession_reference.faults import Fault


@cache
def lines_of_classes(module: str) -> dict[str, int]:
    """How many lines the classes of a module have, decorators included; read once for all of them."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
        if isinstance(node, ast.ClassDef):
            first = min(part.lineno for part in (node, *node.decorator_list))
            lines = (node.end_lineno or first) - first + 1
            # Functions may make classes of one name.
            found[node.name] = max(lines, found.get(node.name, 0))
    return found


def test_a_fault_is_small_and_stands_in_for_what_it_is_made_from() -> None:
    for name, fault in FAULTS.items():
        for part in fault.parts:
            assert Parts(fault.parts).of(part.__bases__[0]) is part, name
            assert lines_of_classes(part.__module__)[part.__qualname__.rpartition(".")[2]] <= 30, (
                name
            )


SERVING = sorted(FAULTS.keys() - {"dies-of-any-action"})


def test_a_faulty_server_still_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    # One test for all: hundreds of them cost more to keep apart than to do.
    for name in SERVING:
        try:
            with monkeypatch.context() as limits:
                assert serves(FAULTS[name], limits), name
        except Exception as error:
            error.add_note(f"by the server with the fault {name}")
            raise


def serves(fault: Fault, limits: pytest.MonkeyPatch) -> bool:
    """Whether an action that is in order is applied, and told of."""
    for limit, value in fault.limits.items():
        limits.setitem(LIMITS, limit, value)
    settings = Settings(rate=fault.rate)
    bench = Bench(fault.parts, settings=settings, judged=False)
    for user, session in (("ann", "a"), ("bob", "b")):
        bench.open(user, session, ["events", "digests"], claims={"name": user}, heartbeat_ms=200)
    bench.deliver("user.actions.ann", action("ann", "a", 1, "session.noop"), "_INBOX.ann.a")
    for number in (1, 2):
        # One of the two has the number that is next, also where the other type is what is broken.
        typing = action("ann", "a", number, "chat.typing", active=True)
        bench.deliver("user.actions.ann", typing, "_INBOX.ann.a")
    bench.clock.move(700)
    return any(p["data"].get("status") == "applied" for p in bench.pushes("ann", "a"))


def test_faults_name_requirements_of_the_registry() -> None:
    text = (schemas_folder() / "requirements" / "1.0.yaml").read_text("utf-8")
    known = set(re.findall(r"^ *- id: (\S+)", text, re.MULTILINE))
    assert {fault.requirement for fault in FAULTS.values()} <= known
