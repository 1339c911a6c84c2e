"""Which kinds a case of the core may work with, and what is said where there is none."""

from __future__ import annotations

import pytest

from omnisession_conformance.engine.case import Case
from omnisession_conformance.engine.plan import Catalogue, Means, Selection, choose, make_plan
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.kinds.abilities import ALTER, CHANGE, CREATE, SHARE, WORDS
from omnisession_conformance.protocol.kinds.tables import ACTIONS, BY_NAME, EVENTS, NAMES
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.schemas.catalogue import catalogue
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.protocol.verdict import Status, Verdict
from omnisession_conformance.roles.server.role import ServerRole
from omnisession_conformance.roles.server.steps.any_kind import ADAPTERS, AnyKind


def target(*kinds: str, actions: tuple[str, ...] | None = None) -> Declared:
    """A target with kinds that it claims, and all their actions where no others are named."""
    every = [action.type for kind in kinds for action in BY_NAME[kind].actions]
    listed = frozenset(every if actions is None else actions) | {"session.noop"}
    return Declared(profiles=frozenset({"core", *kinds}), kinds=kinds, actions=listed)


@pytest.mark.parametrize(
    ("declared", "able"),
    [
        (target(*NAMES), {CHANGE: NAMES, ALTER: NAMES, CREATE: NAMES[:3], SHARE: NAMES[:2]}),
        (target("url"), {CHANGE: ("url",), ALTER: ("url",), CREATE: ("url",), SHARE: ()}),
        (target("user"), {CHANGE: ("user",), ALTER: ("user",), CREATE: (), SHARE: ()}),
        (target("chat", actions=("chat.send",)), {CHANGE: ("chat",), ALTER: (), SHARE: ("chat",)}),
        (target("articles", actions=("article.update",)), {CHANGE: (), ALTER: (), CREATE: ()}),
        (target("url", actions=()), {CHANGE: (), ALTER: (), CREATE: (), SHARE: ()}),
    ],
)
def test_abilities_follow_what_is_declared(
    declared: Declared, able: dict[str, tuple[str, ...]]
) -> None:
    for ability, kinds in able.items():
        assert declared.able_kinds(ability) == kinds
        assert (f"able:{ability}" in declared.offers()) == bool(kinds)


def test_nothing_is_asked_of_a_kind_that_is_served_and_not_claimed() -> None:
    declared = Declared(
        profiles=frozenset({"core"}), kinds=("url",), actions=frozenset({"url.create"})
    )
    assert declared.able_kinds(CHANGE) == ()


async def nothing(_: object) -> None:
    return None


def verdict_of(declared: Declared, *needs: str) -> Verdict | None:
    """What is settled of a check with some needs before anything runs."""
    catalogue = Catalogue(
        load_registry(), (ServerRole((Case("one", ("STATE-005",), nothing, needs=needs),), ()),)
    )
    means = Means(declared.profiles, declared.offers(), may_disrupt=True)
    plan = make_plan(choose(catalogue, Selection()), means)
    return next(iter(plan.settled.values()), None)


def test_what_no_kind_can_do_is_told_by_the_actions_that_it_would_take() -> None:
    assert verdict_of(target("url"), "able:change") is None
    verdict = verdict_of(target("url", actions=()), "able:change")
    assert verdict is not None
    assert (verdict.status, verdict.excuse) == (Status.NOT_RUN, Excuse.NOT_SERVED)
    assert verdict.reason == f"the target does not list {WORDS[CHANGE]}"
    assert "url.create with the profile url" in verdict.reason


@pytest.mark.parametrize("needs", [("action:article.create",), ("articles",)])
def test_what_is_claimed_is_never_called_not_claimed(needs: tuple[str, ...]) -> None:
    verdict = verdict_of(target("url"), *needs)
    assert verdict is not None
    assert (verdict.status, verdict.excuse) == (Status.NOT_RUN, Excuse.NOT_SERVED)


def test_every_kind_that_can_be_written_has_an_adapter() -> None:
    assert list(ADAPTERS) == [name for name in NAMES if BY_NAME[name].abilities is not None]


@pytest.mark.parametrize("kind", ADAPTERS.values(), ids=ADAPTERS)
def test_an_adapter_does_what_its_kind_declares(kind: AnyKind) -> None:
    declared = BY_NAME[kind.name]
    able = declared.abilities
    assert able is not None
    assert kind.make("m")[0] == able.makes
    assert kind.alter("x", "m")[0] == able.alters
    assert ACTIONS[able.makes].creates == (kind.id_member is not None)
    assert kind.id_member == declared.id_member
    assert {kind.event, kind.altered} <= {*EVENTS}
    assert kind.texts(declared.empty()) == []


@pytest.mark.parametrize("kind", ADAPTERS.values(), ids=ADAPTERS)
def test_what_an_adapter_sends_is_valid_but_for_what_must_not_be(kind: AnyKind) -> None:
    checker, schemas = Checker(), catalogue().row("user.actions").definitions
    body = {"v": "1.0", "action_id": "a", "user_id": "u", "session_id": "s"}
    body |= {"client_seq": 1, "timestamp": 1}

    def valid(type_: str, data: dict[str, object]) -> bool:
        return checker.is_valid(schemas[type_], {**body, "type": type_, "data": data})

    assert valid(*kind.make("m"))
    assert valid(*kind.alter("x", "m"))
    assert not valid(*kind.invalid("m"))
    if kind.missing is not None:
        assert valid(*kind.missing("x", "m"))
