"""Judges a world at rest: what was acked is done, all folds are one, all sessions show it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.simulation.durable.truth import audited, plain, state_of
from tests.simulation.judges.rest import STORED
from tests.simulation.ledger import WORD

from omnisession_conformance.protocol.model.compare import first_difference
from omnisession_durable.core_term import CoreTerm
from omnisession_durable.hints import LATE_MS as HINTED_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.simulation.doings import Doing
    from tests.simulation.durable.client import User
    from tests.simulation.durable.node import Node
    from tests.simulation.durable.tap import Tap
    from tests.simulation.durable.truth import Truth

    from omnisession_durable.fold import Fold, Stored
    from omnisession_reference.core import Core
    from omnisession_reference.parts import Parts
    from omnisession_reference.session import Key, Session

Slices = dict["Key", dict[str, Any]]
FORGED = "forged-"
LATE_MS = 3_000
"""For how long nobody may own the journal, and how long an entry may take."""
PASSING = {"chat": ("typing_indicators",)}
"""By kind: what ends by itself, be it while nobody speaks, or while that is on its way to be told."""


class Rest:
    """Looks at everything once, after the last fault."""

    def __init__(
        self,
        truth: Truth,
        fold: Fold,
        tap: Tap,
        users: Iterable[User],
        find: Callable[[str, str, str], None],
    ) -> None:
        self._truth = truth
        self._fold = fold
        self._tap = tap
        self._users = list(users)
        self._find = find

    # -- what was done

    def effects(self) -> None:
        """What was acked is done once, what was refused is not, and of rivals one has won."""
        made = {name: one for user in self._users for name, one in user.made.items()}
        for name, records in self._truth.effects.items():
            if len(records) > 1:
                self._find("once-in-journal", name, f"has effects at {[one.n for one in records]}")
            if name not in made and not name.startswith(FORGED):
                self._find("refused-is-not-done", name, "has effects under a number of another")
        for name, one in made.items():
            self._effect(name, one)
        for (_, name), outcome in self._tap.outcomes.items():
            if name not in self._tap.acked and self._truth.effects.get(name):
                self._find("refused-is-not-done", name, f"has effects, and was told {outcome}")

    def _effect(self, name: str, one: Doing) -> None:
        told, records = self._tap.acked.get(name), self._truth.effects.get(name)
        done = self._truth.ledger.counts[word_of(one)] if one.counts else 0
        if done > 1:
            self._find("once-in-journal", name, f"was done {done} times")
        if told is None:
            return
        if one.counts and not done:
            self._find("acked-is-there", name, f"acked at {told.position}, and not in the journal")
        if records and one.expect is not None:
            revision = records[0].changes[0]["values"][0]["revision"]
            if revision != one.expect["revision"] + 1:
                self._find("one-winner", name, f"expected {one.expect}, made revision {revision}")

    def hints(self) -> None:
        """Each hint is said, by whoever decided it or by who took over within the time for that."""
        for at_ms, before, event_id in self._truth.hints:
            later = self._truth.owns[before:]
            is_owed = not later or any(
                own_ms - at_ms <= HINTED_MS and term in self._tap.terms for own_ms, term in later
            )
            if is_owed and event_id not in self._tap.hints:
                self._find("hinted", event_id, f"was decided at {at_ms}, and nobody was told")

    def limits(self, most_sessions: int) -> None:
        """No limit is passed, and no code is given twice."""
        open_now = Counter[str](head.key[0] for head in self._fold.people.heads())
        for user, count in open_now.items():
            if count > most_sessions:
                self._find("limits", user, f"has {count} sessions, {most_sessions} are allowed")
        kept: Any = self._fold.domain
        urls = kept.as_json()["store"]["_urls"].values()
        codes = Counter[str](url["short_code"] for url in urls)
        twice = [code for code, count in codes.items() if count > 1]
        if twice:
            self._find("one-winner", str(twice), "is the code of two")

    def gone(self) -> list[Key]:
        """Sessions that are there, though nobody uses them any more."""
        there = (user for user in self._users if self._fold.people.head(user.key) is not None)
        return [user.key for user in there if user.client.window_ms and not user.is_staying()]

    def silence(self, now_ms: float) -> None:
        """Who has been silent for two windows and a half is not there any more."""
        for user in self._users:
            window_ms = user.client.window_ms
            silent_ms = now_ms - user.signed_ms
            is_there = self._fold.people.head(user.key) is not None
            if window_ms and is_there and silent_ms > 2.5 * window_ms + LATE_MS:
                told = f"is there {silent_ms:.0f} ms after its last sign of life"
                self._find("expires", user.key[1], told)

    # -- folds

    def folds(self, nodes: Iterable[Node]) -> None:
        """All folds are the same, whole."""
        whole = state_of(self._fold)
        for node in nodes:
            if state_of(node.instance.fold) != whole:
                self._find("same-folds", node.name, f"{state_of(node.instance.fold)}, not {whole}")

    def audit(self, entries: Iterable[Stored], parts: Parts) -> None:
        """The records of a reader that comes later are complete, and it folds to what there is."""
        records, state = audited(entries, parts)
        if records != self._truth.records:
            self._find("audit", "the audit", "a reader that comes later has other records")
        if state != state_of(self._truth.fold):
            self._find("audit", "the audit", f"{state}, not {state_of(self._truth.fold)}")
        for before, record in pairwise(records):
            if record.at_ms < before.at_ms:
                self._find("audit", "the audit", f"{record.n} is before {before.n} in time")
        told = {(one.user, one.action_id) for one in records}
        for user, name in self._tap.outcomes:
            if (user, name) not in told:
                self._find("audit", "the audit", f"has no record of {name} of {user}")

    # -- what is shown

    def sessions(self, core: Core) -> None:
        """Each session of the journal shows what that has, and so does the core of its owner."""
        heads = {head.key for head in self._truth.fold.people.heads()}
        live = {session.key for session in core.sessions.all()}
        if heads != live:
            self._find("shows-journal", "sessions", f"{sorted(live)}, not {sorted(heads)}")
        self._store(core)
        for session in core.sessions.all():
            self._session(core, session)

    def _store(self, core: Core) -> None:
        """What an owner has decided ahead is by now what the journal has."""
        own, kept = vars(core.control.services.store), vars(self._truth.kept.store)
        for name in ("_articles", "_revisions", "_edits", "_messages", "_urls", "_changed_users"):
            # The journal's order is the one that is shown.
            if plain(own[name]) != plain(kept[name]):
                told = f"{name} is {plain(own[name])}, not {plain(kept[name])}"
                self._find("shows-journal", "the store of the owner", told)

    def _session(self, core: Core, session: Session) -> None:
        kinds: dict[str, Any] = vars(core.control)["_kinds"]
        told = self._tap.seen[session.key].folder.slices
        for kind in session.terms.kinds:
            held, built = session.slices[kind].data(), kinds[kind].build(session).data()
            where = f"{session.session_id}, {kind}"
            found = first_difference(kind, lasting(kind, held), lasting(kind, told.get(kind, {})))
            if found is not None:
                self._find("shows-journal", where, f"told otherwise than it holds: {found}")
            for member in STORED[kind]:
                if held[member] != built[member]:
                    what = f"{member} is {held[member]}, not {built[member]}"
                    self._find("shows-journal", where, what)

    def shown(self) -> Slices:
        """What all live sessions show."""
        return {
            head.key: dict(self._tap.seen[head.key].folder.slices)
            for head in self._truth.fold.people.heads()
        }

    def lives_on(self, before: Slices) -> None:
        """What was shown before another owner took over is shown after it, if nobody expired meanwhile."""
        if before.keys() != {head.key for head in self._truth.fold.people.heads()}:
            return
        for key, slices in before.items():
            for kind, was in slices.items():
                now = self._tap.seen[key].folder.slices.get(kind, {})
                found = first_difference(kind, lasting(kind, was), lasting(kind, now))
                if found is not None:
                    self._find("takeover-shows", key[1], f"{kind}: {found}")


def core_of(node: Node | None) -> Core | None:
    """The core of an owner, if all sessions live and nothing is under way."""
    term = None if node is None else node.instance.term
    if not isinstance(term, CoreTerm) or not term.is_ready or not term.is_idle:
        return None
    return None if term.under_way else term.core


def word_of(one: Doing) -> str:
    """The word that an action leaves in the store."""
    return WORD.findall(str(one.data))[0]


def lasting(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """A slice without what ends by itself."""
    return {name: one for name, one in data.items() if name not in PASSING.get(kind, ())}
