"""Rules on events: the law of the fold, and who gets events at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, is_object, maybe_int, maybe_text, member
from omnisession_conformance.roles.server.reading.folding import Held, Walk, difference
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

# Events are too much for one file: these register the rules on causes, and on names and order.


@rule("EVENT-001", "EVENT-002")
def states_are_folds(trace: Trace, sweep: Sweep) -> None:
    """Judges every state against the fold of the events over the state of that kind before it."""
    for lifetime in lifetimes(trace):
        if lifetime.opened is None or not lifetime.has_events:
            continue
        walk = Walk(lifetime)
        for step in lifetime.steps:
            before = walk.take(step)
            if step.is_state and before is not None:
                _judge_state(before, step, sweep)


def _judge_state(held: Held, state: Step, sweep: Sweep) -> None:
    found = difference(held, state)
    if found is None:
        sweep.ok("EVENT-001")
        sweep.ok("EVENT-002")
        return
    events = f"{held.events} event{'' if held.events == 1 else 's'}"
    base = held.base
    # Whether an event is missing or the state is ahead or behind cannot be told from one state: it
    # breaks both sentences of the law.
    for requirement in ("EVENT-001", "EVENT-002"):
        sweep.broken(
            requirement,
            state.record,
            expected=found.expected,
            seen=found.seen,
            pointer=found.pointer,
            why=f"the fold of {events} over the state of this kind at {base.head[0]}:{base.head[1]}",
            also=(base.record,),
        )


@rule("EVENT-001", "ART-006")
def updates_are_whole(trace: Trace, sweep: Sweep) -> None:
    """Judges updates in a session: content of its current article, and revisions that grow."""
    for lifetime in lifetimes(trace):
        if lifetime.has_events and "articles" in lifetime.kinds:
            _Articles().walk(lifetime, sweep)


class _Articles:
    """What a session was told of articles: which one is current, and their highest revisions."""

    def __init__(self) -> None:
        self.current: Any = None
        self.revisions: dict[str, int] = {}

    def walk(self, lifetime: Lifetime, sweep: Sweep) -> None:
        """Follow the states and events of a session and judge its updates."""
        last = (0, 0)
        for step in lifetime.steps:
            if step.kind != "articles" or step.head <= last:
                continue
            last = step.head
            data = step.data
            if step.is_state:
                self._tell(data)
            elif step.record.type in ("article.created", "article.updated"):
                article: Any = data.get("article")
                if is_object(article):
                    self._judge(step.record, article, sweep)
            elif step.record.type == "article.selected":
                self.current = _id(data.get("article"))
            elif step.record.type == "article.deleted":
                self._delete(data.get("article_id"))

    def _tell(self, data: dict[str, Any]) -> None:
        self.current = _id(data.get("current_article"))
        for article in as_list(data.get("articles")):
            self._note(article)

    def _note(self, article: Any) -> None:
        revision, id_ = maybe_int(member(article, "revision")), _id(article)
        if revision is not None and id_ is not None:
            self.revisions[id_] = revision

    def _delete(self, article_id: Any) -> None:
        if self.current == article_id:
            self.current = None

    def _judge(self, record: Record, article: dict[str, Any], sweep: Sweep) -> None:
        id_ = _id(article)
        if id_ is None:
            return
        if id_ == self.current:
            sweep.judge(
                "EVENT-001",
                article.get("content") is not None,
                record,
                expected="the content of the session's current article",
                seen="content null",
                pointer="/data/article/content",
            )
        revision, last = article.get("revision"), self.revisions.get(id_)
        if last is not None and isinstance(revision, int):
            if revision < last:
                sweep.broken(
                    "ART-006",
                    record,
                    expected=f"a revision of {last} or more",
                    seen=f"revision {revision}",
                    pointer="/data/article/revision",
                )
            else:
                sweep.ok("ART-006")
        self._note(article)


def _id(article: Any) -> str | None:
    return maybe_text(member(article, "id"))


@rule("EVENT-003")
def events_are_negotiated(trace: Trace, sweep: Sweep) -> None:
    """Judges that a session without the feature `events` gets none."""
    for lifetime in lifetimes(trace):
        if lifetime.opened is None or lifetime.has_events:
            continue
        states = sum(step.is_state for step in lifetime.steps)
        sweep.ok("EVENT-003", states)
        for step in lifetime.steps if states < len(lifetime.steps) else ():
            if step.is_state:
                continue
            sweep.broken(
                "EVENT-003",
                step.record,
                expected="no event in a session without the feature events",
                seen=step.record.type,
                also=(lifetime.opened,),
            )
