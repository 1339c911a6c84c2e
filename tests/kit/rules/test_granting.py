"""What an open grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.rules.builder import TIMERS, Tape, clean, expect
from tests.kit.rules.story import ANN

from omnisession_conformance.protocol.limits import FLOORS

if TYPE_CHECKING:
    from tests.kit.rules.builder import Entry, Player


def answered(tape: Tape, player: Player, **changed: Any) -> Entry:
    """An open whose answer differs from a right one; what follows is right."""
    request = player.asks("session.open", player.open_data())
    answer = player.gets(request, "session.opened", {**player.opened_data(), **changed})
    player.states("open")
    assert answer in tape.entries
    return answer


def test_no_epoch() -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001")
    answer = answered(tape, player, position={"epoch": 0, "seq": 0, "last_action_seq": 0})
    found = tape.judge()
    assert {"CTRL-002", "ENV-002"} <= found.broken
    assert found.of("CTRL-002")[0].records[0] == answer.n


def test_a_first_open_without_an_answer_seen() -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001")
    player.asks("session.open", player.open_data(), reply="")
    player.states("open")
    player.open()
    clean(tape.judge())


# -- kinds and features --------------------------------------------------------------------------------


def test_all_kinds_instead_of_those_asked() -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001", kinds=("articles", "user"))
    request = player.asks("session.open", {**player.open_data(), "kinds": ["articles"]})
    answer = player.gets(request, "session.opened", player.opened_data())
    player.states("open")
    expect(tape.judge(), "CTRL-003", blamed=answer, pointer="/data/kinds")


@pytest.mark.parametrize("name", ["kinds", "features"])
def test_names_that_are_not_served_are_left_out(name: str) -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001", features=("events",))
    data = player.open_data()
    request = player.asks("session.open", {**data, name: ["x-none", *data[name]]})
    player.gets(request, "session.opened", player.opened_data())
    player.states("open")
    clean(tape.judge())


def test_a_feature_that_was_not_asked() -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001")
    answer = answered(tape, player, features=["events"])
    expect(tape.judge(), "CTRL-003", blamed=answer, pointer="/data/features")


def test_a_kind_that_is_served_to_others() -> None:
    tape = Tape()
    tape.opened("bob-0002", "s-00000002", kinds=("user",))
    player = tape.player(ANN, "s-00000001")
    data = {**player.open_data(), "kinds": ["user", "articles"]}
    answer = player.gets(player.asks("session.open", data), "session.opened", player.opened_data())
    player.states("open")
    expect(tape.judge(), "CTRL-003", blamed=answer, pointer="/data/kinds")


@pytest.mark.parametrize(
    ("name", "value"),
    [("kinds", ["user"]), ("features", ["events"]), ("timers", {**TIMERS, "gap_ms": 9})],
)
def test_a_second_open_that_changes_something(name: str, value: Any) -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001")
    _, answer, _ = player.open()
    clean(tape.judge())
    answer.data[name] = value
    found = tape.judge()
    assert "CTRL-004" in found.broken, found.told()
    assert found.of("CTRL-004")[0].records[0] == answer.n
    assert found.of("CTRL-004")[0].pointer == f"/data/{name}"


def test_a_second_open_that_starts_again() -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001")
    player.seq = 0
    _, _, states = player.open()
    found = tape.judge()
    assert "ORDER-001" in found.broken
    assert found.of("ORDER-001")[0].records[0] == states[0].n


# -- versions ------------------------------------------------------------------------------------------

OFFERS: list[tuple[list[str], str]] = [
    (["1.0"], "1.0"),
    (["1.7"], "1.0"),
    (["9.0", "1.0"], "1.0"),
    (["1.7", "1.0"], "1.0"),
    (["1.12"], "1.0"),
]


@pytest.mark.parametrize(("offer", "chosen"), OFFERS)
@pytest.mark.parametrize("answer_with", ["1.0", "1.7", "9.0", 4003])
def test_versions(offer: list[str], chosen: str, answer_with: str | int) -> None:
    tape = Tape()
    tape.opened("bob-0002", "s-00000002")
    player = tape.player(ANN, "s-00000001")
    request = player.asks("session.open", {**player.open_data(), "protocol": offer})
    if isinstance(answer_with, int):
        answer = player.refused(request, answer_with, details={"supported": ["1.0"]})
    else:
        data = {**player.opened_data(), "protocol": answer_with}
        answer = player.gets(request, "session.opened", data)
        player.states("open")
    found = tape.judge()
    if answer_with == chosen:
        clean(found)
    elif answer_with != "1.7" or offer == ["1.0"]:
        assert "VER-001" in found.broken, found.told()
        assert answer.n in [o.records[0] for o in found.of("VER-001")]


def test_a_version_that_nobody_offers_may_be_refused() -> None:
    tape = Tape()
    tape.opened("bob-0002", "s-00000002")
    player = tape.player(ANN, "s-00000001")
    for offer in (["9.0"], [], ["0.9"]):
        request = player.asks("session.open", {**player.open_data(), "protocol": offer})
        player.refused(request, 4003, details={"supported": ["1.0"]})
    clean(tape.judge())


def test_a_body_of_another_major_may_be_refused() -> None:
    tape = Tape()
    tape.opened("bob-0002", "s-00000002")
    player = tape.player(ANN, "s-00000001")
    request = player.asks("session.open", player.open_data())
    request.body["v"] = "2.0"
    player.refused(request, 4003, details={"supported": ["1.0"]})
    clean(tape.judge())


def test_refusing_a_higher_minor_in_a_body_is_no_matter_of_the_offer() -> None:
    """Whether a body of 1.9 is read is VER-003; a server that reads none chose no version at all."""
    tape = Tape()
    tape.opened("bob-0002", "s-00000002")
    player = tape.player(ANN, "s-00000001")
    request = player.asks("session.open", player.open_data())
    request.body["v"] = "1.9"
    player.refused(request, 4003, details={"supported": ["1.0"]})
    clean(tape.judge())


def test_the_highest_of_several_versions() -> None:
    tape = Tape()
    other = tape.player("bob-0002", "s-00000002")
    request = other.asks("session.open", {**other.open_data(), "protocol": ["1.9"]})
    other.gets(request, "session.opened", {**other.opened_data(), "protocol": "1.2"})
    other.states("open")
    player = tape.player(ANN, "s-00000001")
    request = player.asks("session.open", {**player.open_data(), "protocol": ["1.1"]})
    player.gets(request, "session.opened", player.opened_data())
    player.states("open")
    clean(tape.judge())
    request.data["protocol"] = ["1.2"]
    assert tape.judge().broken == {"VER-001"}


# -- timers --------------------------------------------------------------------------------------------

ASKED: list[tuple[dict[str, int], dict[str, int], str | None]] = [
    ({"heartbeat_ms": 200}, {"heartbeat_ms": 200}, None),
    ({"heartbeat_ms": 200}, {"heartbeat_ms": 15_000}, "heartbeat_ms"),
    ({"heartbeat_ms": 300}, {"heartbeat_ms": 200}, "heartbeat_ms"),
    ({"heartbeat_ms": 50}, {"heartbeat_ms": 200}, None),
    ({"heartbeat_ms": 50}, {"heartbeat_ms": 50}, None),
    ({"heartbeat_ms": 50}, {"heartbeat_ms": 201}, "heartbeat_ms"),
    ({"heartbeat_ms": -5}, {"heartbeat_ms": 200}, None),
    ({"heartbeat_ms": 60_000}, {"heartbeat_ms": 15_000}, None),
    ({"heartbeat_ms": 60_000}, {"heartbeat_ms": 14_000}, "heartbeat_ms"),
    (
        {"heartbeat_ms": 200, "resume_window_ms": 1_000},
        {"heartbeat_ms": 200, "resume_window_ms": 1_000},
        None,
    ),
    (
        {"heartbeat_ms": 200, "resume_window_ms": 1_000},
        {"heartbeat_ms": 200, "resume_window_ms": 120_000},
        "resume_window_ms",
    ),
    # Two heartbeats fit into every window.
    ({"resume_window_ms": 1_000}, {"resume_window_ms": 30_000}, None),
    ({"resume_window_ms": 1_000}, {"resume_window_ms": 1_000}, "resume_window_ms"),
    ({"coalesce_ms": 0}, {"coalesce_ms": 0}, None),
    ({"coalesce_ms": 0}, {"coalesce_ms": 100}, "coalesce_ms"),
    ({"coalesce_ms": 900}, {"coalesce_ms": 100}, None),
    ({"coalesce_ms": 50}, {"coalesce_ms": 50}, None),
    ({"gap_ms": 0}, {"gap_ms": 50}, "gap_ms"),
    ({"gap_ms": 10}, {"gap_ms": 0}, "gap_ms"),
]


@pytest.mark.parametrize(("asked", "granted", "wrong"), ASKED)
def test_timers(asked: dict[str, int], granted: dict[str, int], wrong: str | None) -> None:
    tape = Tape()
    tape.opened("bob-0002", "s-00000002")
    player = tape.player(ANN, "s-00000001", timers={**TIMERS, **granted}, asked_timers=asked)
    _, answer, _ = player.open()
    player.close()
    found = tape.judge()
    if wrong is None:
        clean(found)
    else:
        expect(found, "CTRL-010", blamed=answer, pointer=f"/data/timers/{wrong}")


@pytest.mark.parametrize(("name", "most"), [("coalesce_ms", 1_000), ("gap_ms", 250)])
def test_timers_that_nobody_may_exceed(name: str, most: int) -> None:
    for granted, right in ((most, True), (most + 1, False)):
        tape = Tape()
        player = tape.player(ANN, "s-00000001", timers={**TIMERS, name: granted})
        _, answer, _ = player.open()
        player.close()
        found = tape.judge()
        if right:
            clean(found)
        else:
            assert found.broken == {"CTRL-010", "ENV-002"}, found.told()
            assert found.of("CTRL-010")[0].records == (answer.n,)


def test_what_a_server_grants_at_most_is_not_known_without_an_open_that_asks_nothing() -> None:
    tape = Tape()
    player = tape.player(
        ANN,
        "s-00000001",
        timers={**TIMERS, "heartbeat_ms": 5_000},
        asked_timers={**TIMERS, "heartbeat_ms": 9_000},
    )
    player.open()
    player.close()
    clean(tape.judge())


# -- how long outcomes are kept ------------------------------------------------------------------------


@pytest.mark.parametrize("told", [None, 120_000, 2**40])
def test_outcomes_that_are_kept_for_the_longest_window(told: int | None) -> None:
    tape = Tape()
    for session in ("s-00000001", "s-00000002"):
        player = tape.player(ANN, session, timers={**TIMERS, "resume_window_ms": 120_000})
        if told is not None:
            player.limits["outcomes_ms"] = told
        player.open()
    clean(tape.judge())


def test_outcomes_that_are_kept_for_less_than_a_window_of_another_session() -> None:
    tape = Tape()
    long = {**TIMERS, "resume_window_ms": 120_000}
    tape.opened("bob-0002", "s-00000002", timers=long)
    player = tape.player(ANN, "s-00000001")
    player.limits["outcomes_ms"] = 119_999
    _, answer, _ = player.open()
    found = tape.judge()
    # Two sessions that are told different limits are wrong in themselves.
    assert found.broken == {"ACTION-028", "CTRL-021"}
    [observation] = found.of("ACTION-028")
    assert observation.records[0] == answer.n
    assert observation.pointer == "/data/limits/outcomes_ms"


# -- floors of limits ------------------------------------------------------------------------------------


def floored(**changed: Any) -> list[str | None]:
    """Where limits are too low that one session was told of two, beside the defaults."""
    tape = Tape()
    tape.opened("bob-0002", "s-00000002")
    player = tape.player(ANN, "s-00000001")
    player.limits = {**player.limits, **changed}
    _, answer, _ = player.open()
    found = tape.judge().of("LIMIT-005")
    assert {o.records[0] for o in found} <= {answer.n}
    return [o.pointer for o in found]


@pytest.mark.parametrize("name", FLOORS)
def test_a_limit_at_its_floor_and_one_below(name: str) -> None:
    assert floored(**{name: FLOORS[name]}) == []
    for low in (FLOORS[name] - 1, 1, 0, -1, -(2**53) + 1):
        assert floored(**{name: low}) == [f"/data/limits/{name}"], low


@pytest.mark.parametrize(
    ("told", "form"),
    [("8", "ENV-002"), (None, "ENV-002"), (True, "ENV-002"), (20.5, "ENV-004"), (2**53, "ENV-004")],
)
def test_what_is_no_limit_at_all_is_a_matter_of_its_form(told: Any, form: str) -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001")
    player.limits = {**player.limits, "sessions": told}
    player.open()
    assert set(tape.judge().sweep.violations) == {form}


def test_a_kind_that_is_not_served_has_its_floors_too() -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001", kinds=("url",))
    player.limits = {**player.limits, "editors": 1}
    player.open()
    assert [o.pointer for o in tape.judge().of("LIMIT-005")] == ["/data/limits/editors"]


# -- what a server tells of itself ------------------------------------------------------------------------


def twice(**changed: Any) -> tuple[Tape, Entry]:
    """Two sessions, the second of which is told something else of the server."""
    tape = Tape()
    tape.player(ANN, "s-00000001").open()
    return tape, answered(tape, tape.player(ANN, "s-00000002"), **changed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("profiles", ["core"]),
        ("actions", ["session.noop"]),
        ("limits", {"sessions": 9}),
    ],
)
def test_another_session_is_told_something_else(name: str, value: Any) -> None:
    player = Tape().player(ANN, "s-00000001")
    if name == "limits":
        value = {**player.opened_data()["limits"], **value}
    tape, answer = twice(**{name: value})
    found = tape.judge()
    assert "CTRL-021" in found.broken
    observation = found.of("CTRL-021")[0]
    assert observation.records[0] == answer.n
    assert observation.pointer == f"/data/{name}"


@pytest.mark.parametrize("name", ["profiles", "actions"])
def test_the_order_of_lists_means_nothing(name: str) -> None:
    player = Tape().player(ANN, "s-00000001")
    tape, _ = twice(**{name: list(reversed(player.opened_data()[name]))})
    clean(tape.judge())
