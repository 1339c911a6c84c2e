"""Rules on events: the law of the fold, and who gets events at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.rules import changes, identity
from omnisession_conformance.rules.folding import Moment, difference, moments
from omnisession_conformance.rules.lines import lines
from omnisession_conformance.rules.sweep import Sweep, rule

if TYPE_CHECKING:
    from omnisession_conformance.rules.lines import Line
    from omnisession_conformance.trace import Trace

# Events are too much for one file: these register the rules on causes, and on names and order.
__all__ = ["changes", "identity"]


@rule("EVENT-001", "EVENT-002")
def states_are_folds(trace: Trace, sweep: Sweep) -> None:
    """Judges every state against the fold of the events over the state of that kind before it."""
    for line, told in moments(trace):
        if not line.has_events:
            continue
        for moment in told:
            if moment.before is None:
                continue
            if moment.step.is_state:
                _judge_state(moment, line, sweep)
            else:
                _judge_event(moment, sweep)


def _judge_state(moment: Moment, line: Line, sweep: Sweep) -> None:
    found = difference(moment, line)
    base = moment.base
    if found is None or base is None:
        sweep.ok("EVENT-001")
        sweep.ok("EVENT-002")
        return
    events = f"{moment.events} event{'' if moment.events == 1 else 's'}"
    # Whether an event is missing or the state is ahead or behind cannot be told from one state: it
    # breaks both sentences of the law.
    for requirement in ("EVENT-001", "EVENT-002"):
        sweep.broken(
            requirement,
            moment.step.record,
            expected=found.expected,
            seen=found.seen,
            pointer=found.pointer,
            why=f"the fold of {events} over the state of this kind at {base.head[0]}:{base.head[1]}",
            also=(base.record,),
        )


def _judge_event(moment: Moment, sweep: Sweep) -> None:
    """An update of the session's current article has to carry its content."""
    step = moment.step
    if step.record.type not in ("article.created", "article.updated") or moment.before is None:
        return
    article: Any = step.record.payload.get("article")
    current: Any = moment.before.get("current_article")
    if not isinstance(article, dict) or not isinstance(current, dict):
        return
    if article.get("id") == current.get("id"):  # pyright: ignore[reportUnknownMemberType]
        sweep.judge(
            "EVENT-001",
            article.get("content") is not None,  # pyright: ignore[reportUnknownMemberType]
            step.record,
            expected="the content of the session's current article",
            seen="content null",
            pointer="/data/article/content",
        )


@rule("EVENT-003")
def events_are_negotiated(trace: Trace, sweep: Sweep) -> None:
    """Judges that a session without the feature `events` gets none."""
    for line in lines(trace):
        if line.opened is None or line.has_events:
            continue
        for step in line.steps:
            sweep.judge(
                "EVENT-003",
                step.is_state,
                step.record,
                expected="no event in a session without the feature events",
                seen=step.record.type,
                also=(line.opened,),
            )


@rule("ART-006")
def revisions_grow(trace: Trace, sweep: Sweep) -> None:
    """Judges that a session is never told a lower revision of an article than before."""
    for line, told in moments(trace):
        if not line.has_events or "articles" not in line.kinds:
            continue
        for moment in told:
            if moment.step.record.type != "article.updated" or moment.before is None:
                continue
            article: Any = moment.step.record.payload.get("article")
            before = _listed(moment.before, article)
            if before is None:
                continue
            revision: Any = article.get("revision")
            last: Any = before.get("revision")
            if isinstance(revision, int) and isinstance(last, int):
                sweep.judge(
                    "ART-006",
                    revision >= last,
                    moment.step.record,
                    expected=f"a revision of {last} or more",
                    seen=f"revision {revision}",
                    pointer="/data/article/revision",
                )


def _listed(slice_: dict[str, Any], article: Any) -> dict[str, Any] | None:
    if not isinstance(article, dict):
        return None
    id_: Any = article.get("id")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return next((a for a in slice_["articles"] if a.get("id") == id_), None)
