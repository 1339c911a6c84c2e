"""Records become a transcript and records again; redacted messages are held against nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.rules.builder import Tape

from omnisession_conformance.engine.plan import Selection, choose
from omnisession_conformance.errors import UsageError
from omnisession_conformance.outputs.rejudge import (
    NEEDS_SECRETS,
    NO_DIGEST,
    NO_FACTS,
    NOT_JUDGED,
    NOT_SWEPT,
    REDACTED,
    choose_in,
    judge,
    read_facts,
    read_records,
    role_in,
    uncertain,
)
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import Status, Verdict
from omnisession_conformance.results import (
    Message,
    RunStatus,
    Stretch,
    Transcript,
    TranscriptFacts,
    TranscriptWriter,
    load_transcript,
)
from omnisession_conformance.suite import catalogue, everything
from omnisession_conformance.traffic.record import Party
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Line = dict[str, Any]
FACTS = TranscriptFacts(
    RunStatus.COMPLETE,
    profiles=("core", "events", "digests", "articles"),
    users=("ann",),
    editors=(),
    outages=(Stretch(1, 2), Stretch(3)),
)


def saved(
    tape: Tape, path: Path, *secrets: str, facts: TranscriptFacts | None = FACTS
) -> Transcript:
    writer = TranscriptWriter(path / "t.jsonl", Redactor(secrets))
    writer.write(tape.records())
    if facts is not None:
        writer.tell(facts)
    writer.close()
    return load_transcript(path / "t.jsonl")


def verdicts(transcript: Transcript, *only: str) -> dict[str, Verdict]:
    found = judge(transcript, "t.jsonl", choose(catalogue(), Selection(only=only)))
    return {str(v.check): v for v in found.verdicts}


def tape() -> Tape:
    made = Tape()
    ann = made.opened("ann", "s-1")
    ann.ping()
    ann.close()
    return made


def test_records_come_back_as_the_tap_made_them(tmp_path: Path) -> None:
    made = tape()
    made.find("session.pong")[0].data["position"]["epoch"] = "no number"
    live = made.records()
    messages = saved(made, tmp_path).messages
    again = read_records(messages)
    assert [m.redacted for m in messages].count(True) == 1, "the open, which has a token"
    pairs = zip(again, live, messages, strict=True)
    assert all(one == other for one, other, m in pairs if not m.redacted)
    assert any(r.flaws for r in again), "schema faults are explained again"


def test_a_right_run_passes_and_only_sweeps_are_judged(tmp_path: Path) -> None:
    found = verdicts(saved(tape(), tmp_path))
    assert not {v.status for v in found.values()} & {Status.FAIL, Status.HARNESS}
    assert found["STATE-011@sweep"].status is Status.PASS
    told = [v for c, v in found.items() if not c.endswith("@sweep")]
    assert {v.reason for v in told if v.status is Status.NOT_RUN} == {NOT_SWEPT}
    assert all(v.excused for v in told if v.status is Status.NOT_RUN)
    for id_ in NEEDS_SECRETS:
        assert found[f"{id_}@sweep"].status in (Status.NOT_RUN, Status.NOT_CLAIMED)


def test_what_is_wrong_fails(tmp_path: Path) -> None:
    made = tape()
    for state in made.find("session.state"):
        state.body["digest"] = "0" * 64
    assert verdicts(saved(made, tmp_path), "STATE-011")["STATE-011@sweep"].status is Status.FAIL


def test_a_redacted_message_is_not_judged_by_digest_or_size(tmp_path: Path) -> None:
    made = tape()
    for state in made.find("session.state"):
        state.body["digest"] = "0" * 64
        state.body["x_note"] = "a-secret-of-the-fixture"
    transcript = saved(made, tmp_path, "a-secret-of-the-fixture")
    assert any(m.redacted for m in transcript.messages)
    found = verdicts(transcript, "STATE-011", "LIMIT-001")
    verdict = found["STATE-011@sweep"]
    assert (verdict.status, verdict.reason) == (Status.NOT_RUN, REDACTED)
    whole = verdicts(saved(tape(), tmp_path), "LIMIT-001")["LIMIT-001@sweep"]
    states = len(made.find("session.state"))
    assert found["LIMIT-001@sweep"].observed == whole.observed - states


def test_an_open_with_its_token_redacted_is_judged_as_ever(tmp_path: Path) -> None:
    made = tape()
    made.remove(*made.find("session.opened"))
    made.wait(3_000)
    made.opened("bob", "s-2")  # later traffic, so that the answer is known to be overdue
    transcript = saved(made, tmp_path, facts=replace(FACTS, outages=()))
    assert [m.redacted for m in transcript.messages if '"session.open"' in (m.text or "")] == [
        True,
        True,
    ]
    live = {id_ for id_ in made.judge().broken if id_.startswith("CTRL")}
    told = {c for c, v in verdicts(transcript, "CTRL").items() if v.status is Status.FAIL}
    assert told == {f"{id_}@sweep" for id_ in live}


def test_without_facts_nothing_passes(tmp_path: Path) -> None:
    found = judge(saved(tape(), tmp_path, facts=None), "t.jsonl", choose(catalogue(), Selection()))
    assert found.lost == NO_FACTS
    assert not {v.status for v in found.verdicts} & {Status.PASS, Status.WARN}


def test_a_run_that_was_cut_short_stays_so(tmp_path: Path) -> None:
    facts = replace(FACTS, run_status=RunStatus.ABORTED, reason="the target exited")
    found = judge(saved(tape(), tmp_path, facts=facts), "t.jsonl", choose(catalogue(), Selection()))
    assert found.lost == "the target exited"
    assert not {v.status for v in found.verdicts} & {Status.PASS, Status.WARN}


def test_facts_are_read_back(tmp_path: Path) -> None:
    transcript = saved(tape(), tmp_path)
    heard = len(transcript.messages)
    assert transcript.facts == replace(FACTS, heard=heard, others=0)
    assert isinstance(transcript.messages[0], Message)
    facts = read_facts(transcript.facts)
    assert facts.outages[0] == (1, 2)
    assert facts.outages[1][1] > 10**18, "an end that nobody saw"
    assert set(facts.emails) == {"ann"}
    assert not any(facts.emails.values())


def damaged(tmp_path: Path, keep: Callable[[int], bool], *, counted: bool = True) -> Transcript:
    """A transcript without some of its lines, or as kits wrote it that did not count."""
    saved(tape(), tmp_path)
    path = tmp_path / "t.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if not counted:
        # Nor did those kits write their version, the checks that they judged, or an end.
        facts = {k: v for k, v in lines[-2].items() if k not in ("heard", "others", "judged")}
        header = {k: v for k, v in lines[0].items() if k != "kit"}
        lines = [header, *lines[1:-2], facts]
    kept = [line for line in lines if keep(line.get("n", -1))]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in kept))
    return load_transcript(path)


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ({1}, "message 1 is not there"),
        ({0, 1, 6}, "3 messages, 0 to 1, 6 are not there"),
        ({0, 2, 4, 6}, "4 messages, 0, 2, 4, … are not there"),
    ],
)
def test_a_transcript_with_a_hole_has_no_verdict(gone: set[int], told: str, tmp_path: Path) -> None:
    transcript = damaged(tmp_path, lambda n: n not in gone)
    found = judge(transcript, "t.jsonl", choose(catalogue(), Selection()))
    assert found.lost == f"its transcript has a hole: {told}"
    assert not {v.status for v in found.verdicts} & {Status.PASS, Status.WARN}
    assert uncertain(transcript) is None


def test_of_one_that_did_not_count_it_is_said_that_nobody_knows(tmp_path: Path) -> None:
    transcript = damaged(tmp_path, lambda n: n not in (2, 3), counted=False)
    found = judge(transcript, "t.jsonl", choose(catalogue(), Selection()))
    assert found.lost is None
    doubt = uncertain(transcript)
    assert doubt is not None
    assert doubt.startswith("2 messages, 2 to 3 are not there. They are those of others if")
    assert uncertain(damaged(tmp_path, lambda _: True, counted=False)) == NO_DIGEST


def test_numbers_in_the_wrong_place_have_no_verdict(tmp_path: Path) -> None:
    saved(tape(), tmp_path)
    path = tmp_path / "t.jsonl"
    head, first, second, *rest = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join((head, second, first, *rest)))
    found = judge(load_transcript(path), "t.jsonl", choose(catalogue(), Selection()))
    assert found.lost is not None
    assert "message 0 stands in the wrong place" in found.lost


def renumbered(lines: list[Line]) -> list[Line]:
    """The lines as if nothing but their messages had ever been heard."""
    numbers = iter(range(len(lines)))
    made = [{**line, "n": next(numbers)} if line["line"] == "message" else line for line in lines]
    count = sum(line["line"] == "message" for line in lines)
    return [{**line, "heard": count} if line["line"] == "facts" else line for line in made]


def without(*subjects: str) -> Callable[[list[Line]], list[Line]]:
    """Leaves out the messages on subjects that hold a word, and numbers the rest anew."""
    return lambda lines: renumbered(
        [line for line in lines if not any(s in line.get("subject", "") for s in subjects)]
    )


def sealed(lines: list[Line]) -> list[Line]:
    """The lines with as many told at the end as there are."""
    return [{**line, "lines": len(lines) - 1} if line["line"] == "end" else line for line in lines]


HOW: dict[str, Callable[[list[Line]], list[Line]]] = {
    "one message left": lambda lines: renumbered([*lines[:2], *lines[-2:]]),
    "no message left": lambda lines: renumbered([lines[0], *lines[-2:]]),
    "the first part": lambda lines: renumbered([*lines[:5], *lines[-2:]]),
    "the last part": lambda lines: renumbered([lines[0], *lines[5:]]),
    "one out of the middle": lambda lines: renumbered([*lines[:4], *lines[5:]]),
    "without answers": without("_INBOX"),
    "without states": without(".state"),
    "one side": lambda lines: renumbered([m for m in lines if m.get("from") != "kit"]),
    "all of one session": without("s-1"),
    "one side, as many lines told": lambda lines: sealed(
        renumbered([m for m in lines if m.get("from") != "kit"])
    ),
    "two changed places": lambda lines: renumbered([*lines[:3], lines[4], lines[3], *lines[5:]]),
    "one twice": lambda lines: renumbered([*lines[:3], lines[2], *lines[3:]]),
    "another body": lambda lines: [*lines[:3], {**lines[3], "text": "{}"}, *lines[4:]],
    "another sender": lambda lines: [lines[0], {**lines[1], "from": "target"}, *lines[2:]],
    "other facts": lambda lines: [*lines[:-2], {**lines[-2], "profiles": ["core"]}, lines[-1]],
    "without its end": lambda lines: lines[:-1],
    "without facts": lambda lines: [*lines[:-2], lines[-1]],
    "without facts and end": lambda lines: lines[:-2],
    "twice": lambda lines: lines + lines,
    "twice under one header": lambda lines: lines + lines[1:],
    "something behind its end": lambda lines: [*lines, lines[3]],
    "its end at its beginning": lambda lines: [lines[0], lines[-1], *lines[1:-1]],
}


@pytest.mark.parametrize("how", HOW)
def test_a_transcript_that_is_not_the_one_that_was_written_has_no_verdict(
    how: str, tmp_path: Path
) -> None:
    assert Status.PASS in {v.status for v in verdicts(saved(tape(), tmp_path)).values()}
    path = tmp_path / "t.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    path.write_text("".join(json.dumps(m, separators=(",", ":")) + "\n" for m in HOW[how](lines)))
    found = judge(load_transcript(path), "t.jsonl", choose(catalogue(), Selection()))
    assert found.lost is not None
    assert not {v.status for v in found.verdicts} & {Status.PASS, Status.WARN}


def test_a_transcript_that_breaks_off_anywhere_has_no_verdict(tmp_path: Path) -> None:
    saved(tape(), tmp_path)
    path = tmp_path / "t.jsonl"
    whole = path.read_bytes()
    chosen = choose(catalogue(), Selection())
    for end in range(whole.index(b"\n") + 1, len(whole) - 1, 41):
        path.write_bytes(whole[:end])
        assert judge(load_transcript(path), "t.jsonl", chosen).lost is not None


def test_what_the_run_did_not_judge_is_not_green_and_what_is_wrong_is_wrong(tmp_path: Path) -> None:
    made = tape()
    made.find("session.pong")[0].data["position"]["epoch"] = "no number"
    found = verdicts(saved(made, tmp_path, facts=replace(FACTS, judged=("CTRL-002@sweep",))))
    assert found["CTRL-002@sweep"].status is Status.PASS
    assert (found["CTRL-001@sweep"].status, found["CTRL-001@sweep"].reason) == (
        Status.NOT_RUN,
        NOT_JUDGED,
    )
    assert {v.status for v in found.values()} >= {Status.FAIL}


def test_a_transcript_of_another_role_is_not_judged_as_a_servers(tmp_path: Path) -> None:
    transcript = saved(tape(), tmp_path, facts=replace(FACTS, role="client"))
    with pytest.raises(UsageError, match="no role 'client'"):
        choose_in(transcript, catalogue(), Selection())
    chosen = choose_in(transcript, everything(), Selection())
    assert {chosen.catalogue.registry[name].role for name in chosen.judged} == {"client"}


def test_without_facts_a_transcript_is_of_who_spoke_in_it(tmp_path: Path) -> None:
    of_a_server = saved(tape(), tmp_path, facts=None)
    assert role_in(of_a_server) == "server"
    turned = [
        replace(m, party=Party.TARGET, told_side=Side.CLIENT)
        for m in of_a_server.messages
        if m.side is Side.CLIENT
    ]
    assert role_in(replace(of_a_server, messages=tuple(turned))) == "client"
    assert role_in(replace(of_a_server, messages=())) == "server"


def test_facts_of_an_earlier_kit_are_those_of_a_server(tmp_path: Path) -> None:
    saved(tape(), tmp_path)
    path = tmp_path / "t.jsonl"
    text = path.read_text("utf-8")
    assert ',"role":"server"' in text
    path.write_text(text.replace(',"role":"server"', ""), "utf-8")
    transcript = load_transcript(path)
    assert transcript.facts is not None
    assert replace(transcript.facts, heard=None, others=None) == FACTS
    assert verdicts(transcript, "CTRL-001")
