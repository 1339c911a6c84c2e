"""Every fault is one, and leaves a server that runs."""

from __future__ import annotations

import inspect
import re

import pytest
from tests.reference.bench import Bench, action

from omnisession_reference.faults import FAULTS
from omnisession_reference.parts import Parts
from omnisession_reference.validate import schemas_folder


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_overrides_what_its_part_has(name: str) -> None:
    part = FAULTS[name].part
    [base] = part.__bases__
    overridden = [n for n, m in vars(part).items() if callable(m) or isinstance(m, property)]
    own = [n for n in vars(part) if not n.startswith("__")]
    assert own, name
    for method in own:
        assert hasattr(base, method), f"{name} overrides nothing by {method}"
    assert Parts([part]).of(base) is part
    assert len(inspect.getsource(part).splitlines()) <= 30, overridden


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_server_still_serves(name: str) -> None:
    bench = Bench([FAULTS[name].part], judged=False)
    for user, session in (("ann", "a"), ("bob", "b")):
        bench.open(user, session, ["events", "digests"], heartbeat_ms=200)
    bench.deliver("user.actions.ann", action("ann", "a", 1, "session.noop"), "_INBOX.a")
    bench.clock.move(700)
    assert [p for p in bench.pushes("ann", "a") if p["data"].get("status") == "applied"]


def test_faults_name_requirements_of_the_registry() -> None:
    text = (schemas_folder() / "requirements" / "1.0.yaml").read_text("utf-8")
    known = set(re.findall(r"^ *- id: (\S+)", text, re.MULTILINE))
    assert {fault.requirement for fault in FAULTS.values()} <= known
