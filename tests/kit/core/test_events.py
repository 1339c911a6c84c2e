"""What a run tells: everything, in order, once; and a subscriber that fails ends it without a verdict."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import FrozenInstanceError, fields
from typing import TYPE_CHECKING

import pytest
from tests.kit.core.running import REQUIREMENT, broken, case, good, verdict_of

from omnisession_conformance.engine import events, plan
from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.plan import Catalogue, Selection, choose
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.roles.server.role import ServerRole

if TYPE_CHECKING:
    from omnisession_conformance.engine.events import Event, RunOutcome, Subscriber

ORDER = (
    events.RunStarted,
    events.TargetChosen,
    events.TargetFound,
    events.Planned,
    events.CaseStarted,
    events.CaseEnded,
    events.RunEnded,
)


class Listening:
    """Notes every event, and fails at those of a kind."""

    name = "what listens"

    def __init__(self, fails_at: type[Event] | None = None) -> None:
        self.told: list[Event] = []
        self.fails_at = fails_at

    def on(self, event: Event) -> None:
        self.told.append(event)
        if self.fails_at is not None and isinstance(event, self.fails_at):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @property
    def kinds(self) -> list[type[Event]]:
        return [type(event) for event in self.told]


CATALOGUE = Catalogue(load_registry(), (ServerRole((case(good), case(broken)), ()),))


def run(*subscribers: Subscriber, settings: Settings | None = None) -> RunOutcome:
    chosen = choose(CATALOGUE, Selection())
    return asyncio.run(conduct(settings or Settings(), chosen, subscribers, Stopper()))


def test_everything_is_told_once_and_in_order() -> None:
    listening = Listening()
    outcome = run(listening)
    told = [kind for kind in listening.kinds if kind is not events.Heard]
    assert tuple(dict.fromkeys(told)) == ORDER
    assert told.count(events.CaseStarted) == told.count(events.CaseEnded) == 2
    assert len(told) == len(ORDER) + 2
    heard = [r for e in listening.told if isinstance(e, events.Heard) for r in e.records]
    assert heard == list(outcome.records)
    assert heard
    last = listening.told[-1]
    assert isinstance(last, events.RunEnded)
    assert last.outcome is outcome


def test_the_end_is_told_however_early_it_comes() -> None:
    listening = Listening()
    outcome = run(listening, settings=Settings(command=("false",)))
    assert listening.kinds == [events.RunStarted, events.TargetChosen, events.RunEnded]
    assert outcome.lost is not None
    assert outcome.chosen is not None
    assert outcome.found is None
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=pytest.mark.dear if n else ())
        for n, kind in enumerate((*ORDER, events.Heard))
    ],
    ids=lambda kind: kind.__name__,
)
def test_a_subscriber_that_fails_ends_the_run_without_a_verdict(kind: type[Event]) -> None:
    before, after = Listening(), Listening()
    outcome = run(before, Listening(kind), after)
    assert outcome.lost == "what listens failed: No space left on device"
    assert verdict_of(outcome, "good")[0] is Status.NOT_RUN
    assert not {v.status for v in outcome.verdicts} & {Status.PASS, Status.WARN}
    # The others hear of it, the ones after it even where it fails at the end.
    for listening in (before, after) if kind is not events.RunEnded else (after,):
        last = listening.told[-1]
        assert isinstance(last, events.RunEnded)
        assert last.outcome.lost == outcome.lost
    assert after.kinds.count(events.RunEnded) == 1


@pytest.mark.dear
def test_what_was_seen_broken_stays_broken_when_the_end_cannot_be_told() -> None:
    outcome = run(Listening(events.RunEnded))
    assert verdict_of(outcome, "broken")[0] is Status.FAIL
    assert verdict_of(outcome, "good") == (
        Status.NOT_RUN,
        "run cut short: what listens failed: No space left on device",
    )


@pytest.mark.dear
def test_the_selection_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Selection] = []
    real = plan.select

    def select(catalogue: Catalogue, selection: Selection) -> object:
        calls.append(selection)
        return real(catalogue, selection)

    monkeypatch.setattr(plan, "select", select)
    run(Listening())
    assert calls == [Selection()]


@pytest.mark.dear
def test_nobody_can_change_what_was_told() -> None:
    listening = Listening()
    outcome = run(listening)
    for event in (*listening.told, outcome):
        name = fields(event)[0].name
        with pytest.raises(FrozenInstanceError):
            setattr(event, name, None)
    assert REQUIREMENT in {v.check.requirement for v in outcome.verdicts}
