"""Judges a world at rest: what was acked is done, all folds are one, all sessions show it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.simulation.durable.board import CODE, Board
from tests.simulation.durable.tap import fold_in
from tests.simulation.durable.truth import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.simulation.durable.client import User
    from tests.simulation.durable.node import Node
    from tests.simulation.durable.tap import Tap
    from tests.simulation.durable.truth import Truth

    from omnisession_durable.audit import Record
    from omnisession_durable.fold import Fold
    from omnisession_durable.messages import Told
    from omnisession_durable.people import Head

NO_EFFECT = ("session.noop",)


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

    def effects(self) -> None:
        """What was acked is done once, what was refused is not, and of rivals one has won."""
        types = {
            doing.name: (doing.type, doing.expect)
            for user in self._users
            for doing in user.client.doings
        }
        for name, records in self._truth.effects.items():
            if len(records) > 1:
                self._find("once-in-journal", name, f"has effects at {[one.n for one in records]}")
            if name not in types:
                self._find("refused-is-not-done", name, "has effects under a number of another")
        for name, told in self._tap.acked.items():
            self._acked(name, told, *types[name])
        for (_, name), outcome in self._tap.outcomes.items():
            if name not in self._tap.acked and self._truth.effects.get(name):
                self._find("refused-is-not-done", name, f"has effects, and was told {outcome}")

    def _acked(self, name: str, told: Told, type_name: str, expect: int) -> None:
        records = self._truth.effects.get(name)
        if type_name not in NO_EFFECT and not records:
            self._find(
                "acked-is-there", name, f"acked at {told.position}, and nowhere in the journal"
            )
        if records and expect:
            revision = records[0].changes[0]["value"]["revision"]
            if revision != expect + 1:
                told_ = f"acked for revision {expect}, made revision {revision}"
                self._find("one-winner", name, told_)

    def limits(self, most_sessions: int) -> None:
        """No limit is passed, and no code is given twice."""
        open_now = Counter[str](head.key[0] for head in self._fold.people.heads())
        for user, count in open_now.items():
            if count > most_sessions:
                self._find("limits", user, f"has {count} sessions, {most_sessions} are allowed")
        codes = [one.n for one in self._truth.records if one.type == "url.create" and one.changes]
        if len(codes) > 1:
            self._find("one-winner", CODE, f"was given at {codes}")

    def folds(self, nodes: Iterable[Node]) -> None:
        """All folds are the same, whole."""
        whole = state_of(self._fold)
        for node in nodes:
            if state_of(node.instance.fold) != whole:
                self._find("same-folds", node.name, f"{state_of(node.instance.fold)}, not {whole}")

    def sessions(self) -> None:
        """Each session shows what the journal has."""
        for head in self._truth.fold.people.heads():
            self._session(head)

    def _session(self, head: Head) -> None:
        shown: Any = self._truth.board.show(head)
        for kind in head.terms["kinds"]:
            told = self._tap.seen[head.key].slices.get(kind)
            if kind not in shown or told != shown[kind]:
                self._find("shows-journal", head.key[1], f"{kind} is {told}, not {shown.get(kind)}")

    def audit(self, records: Sequence[Record]) -> None:
        """The records of a reader that came later are complete, and fold to what the domain is."""
        if records != self._truth.records:
            self._find("audit", "the audit", "a reader that comes later has other records")
        replayed: dict[str, dict[str, Any]] = {
            "chat": {"messages": []},
            "articles": {"log": [], "entities": {}},
            "url": {"entities": {}},
        }
        for before, record in pairwise(records):
            if record.at_ms < before.at_ms:
                self._find("audit", "the audit", f"{record.n} is before {before.n} in time")
        for record in records:
            for change in record.changes:
                fold_in(replayed[change["kind"]], change)
        board = self._truth.board
        entities = {**replayed["articles"]["entities"], **replayed["url"]["entities"]}
        log = replayed["articles"]["log"]
        again = Board(replayed["chat"]["messages"], entities, board.versions, log)
        if again.as_json() != board.as_json():
            self._find("audit", "the audit", f"{again.as_json()}, not {board.as_json()}")
        told = {(one.user, one.action_id) for one in records}
        for user, name in self._tap.outcomes:
            if (user, name) not in told:
                self._find("audit", "the audit", f"has no record of {name} of {user}")
