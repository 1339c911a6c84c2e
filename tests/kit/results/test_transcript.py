from __future__ import annotations

import errno
import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.results.values import FEW

from omnisession_conformance.protocol.schemas import schemas_folder
from omnisession_conformance.protocol.subjects import Side, classify
from omnisession_conformance.results import (
    Message,
    RunStatus,
    Stretch,
    TranscriptError,
    TranscriptFacts,
    TranscriptWriter,
    load_transcript,
    read_transcript,
    write_transcript,
)
from omnisession_conformance.results.codec import member_names
from omnisession_conformance.results.jsonl import LineFile
from omnisession_conformance.traffic.record import Party, Record, side_of
from omnisession_conformance.traffic.redact import Redactor

SCHEMA: dict[str, Any] = json.loads(
    (schemas_folder() / "kit" / "transcript.schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def with_message(**members: object) -> str:
    line = {"line": "message", "n": 0, "t_ns": 0, "at_ms": 0, "from": "target", "subject": "a"}
    return f'{{"line":"transcript"}}\n{json.dumps({**line, "text": "", **members})}\n'


def record(n: int, data: bytes, party: Party = Party.TARGET, **members: Any) -> Record:
    defaults: dict[str, Any] = {
        "t_ns": n,
        "at_ms": n,
        "subject": "session.a.b.state",
        "reply": "",
        "headers": {},
        "body": None,
        "flaws": (),
        "case": None,
        "address": classify("session.a.b.state"),
    }
    defaults["side"] = side_of(party)
    return Record(n=n, data=data, party=party, **{**defaults, **members})


RECORDS = st.builds(
    record,
    n=st.integers(0, 2**53),
    data=st.binary(max_size=30),
    party=st.sampled_from(Party),
    side=st.sampled_from(Side),
    case=st.none() | TEXTS,
    reply=TEXTS,
    headers=st.dictionaries(TEXTS, TEXTS, max_size=2).filter(
        # Hypothesis knows the words of the sources, and so those that headers with secrets have.
        lambda headers: Redactor().value(headers) == headers
    ),
)


@FEW
@given(st.lists(RECORDS, max_size=5))
def test_what_kit_and_target_sent_is_read_back_byte_for_byte(records: list[Record]) -> None:
    ours = [r for r in records if r.party is not Party.STRANGER]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.jsonl"
        assert write_transcript(path, records, Redactor()) == len(ours)
        for line in path.read_text("utf-8").splitlines():
            VALIDATOR.validate(json.loads(line))
        found = read_transcript(path)
    assert [_told(m) for m in found] == [_told(r) for r in ours]
    assert not any(m.redacted for m in found)


def _told(message: Message | Record) -> tuple[Any, ...]:
    return (
        message.n,
        message.t_ns,
        message.at_ms,
        message.party,
        message.side,
        message.subject,
        message.reply,
        dict(message.headers),
        message.case,
        message.data,
    )


def test_bytes_that_are_no_text_travel_as_base64(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    write_transcript(path, [record(0, b"\xff\x00"), record(1, b"{}")], Redactor())
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[1]["base64"] == "/wA="
    assert "text" not in lines[1]
    assert lines[2]["text"] == "{}"


def test_secrets_are_hidden_and_the_change_is_told(tmp_path: Path) -> None:
    secret = "opaque-secret-42"
    dirty = record(
        0,
        f'{{"t":"{secret}"}}'.encode(),
        reply=f"_INBOX.{secret}",
        headers={"Authorization": secret, "x": f"y {secret}"},
    )
    path = tmp_path / "t.jsonl"
    write_transcript(path, [dirty, record(1, b"{}")], Redactor([secret]))
    assert secret not in path.read_text("utf-8")
    assert [m.redacted for m in read_transcript(path)] == [True, False]


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    write_transcript(path, [record(n, b"{}") for n in range(3)], Redactor())
    path.write_bytes(path.read_bytes()[:-9])
    assert [m.n for m in read_transcript(path)] == [0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"line":"header"}\n', "is no transcript"),
        ("nope\n", "line 1: Expecting value"),
        ('{"line":"transcript"}\n{"line":"message","n":true}\n', "line 2: /n: expected an integer"),
        (with_message(subject=7), "line 2: /subject: expected a text"),
        (with_message(redacted=1), "line 2: /redacted: expected true or false"),
    ],
)
def test_a_file_that_is_no_transcript_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TranscriptError, match=message):
        read_transcript(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"gone\.jsonl"):
        read_transcript(tmp_path / "gone.jsonl")


def test_the_schema_describes_every_member_and_no_other() -> None:
    assert set(SCHEMA["$defs"]["message"]["properties"]) == {"line", *member_names(Message)}


def test_facts_stand_last_without_secrets_and_as_the_schema_says(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    secret = "opaque-secret-42"
    facts = TranscriptFacts(
        RunStatus.ABORTED,
        judged=("CTRL-001@sweep",),
        reason=f"lost {secret}",
        server="x",
        editors=("ann",),
        outages=(Stretch(1, None),),
    )
    writer = TranscriptWriter(path, Redactor([secret]))
    writer.write([record(0, b"{}")])
    writer.tell(facts)
    writer.close()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        VALIDATOR.validate(line)
    assert [line["line"] for line in lines[-2:]] == ["facts", "end"]
    read = load_transcript(path)
    assert read.facts == replace(facts, reason="lost [redacted]", heard=1, others=0)
    assert (read.kit, read.flaw, read.changed) == (version("omnisession"), None, None)
    told = SCHEMA["$defs"]["facts"]
    assert set(told["properties"]) == {"line", *member_names(TranscriptFacts)}
    assert set(SCHEMA["$defs"]["stretch"]["properties"]) == set(member_names(Stretch))


OTHERS = Party.STRANGER
COMPLETE = TranscriptFacts(RunStatus.COMPLETE)


def written(path: Path, *batches: list[Record]) -> list[dict[str, Any]]:
    """The lines of a whole transcript, each of them as the schema says."""
    writer = TranscriptWriter(path, Redactor())
    for batch in batches:
        writer.write(batch)
    writer.tell(COMPLETE)
    writer.close()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        VALIDATOR.validate(line)
    return lines


def test_messages_of_others_are_counted_where_they_were(tmp_path: Path) -> None:
    parties = [OTHERS, Party.KIT, OTHERS, OTHERS, Party.TARGET, Party.TARGET, OTHERS]
    records = [record(n, b"{}", party) for n, party in enumerate(parties)]
    path = tmp_path / "t.jsonl"
    # One of a pair comes with the batch before.
    _, *messages, facts, _ = written(path, records[:3], records[3:])
    assert [(m["n"], m.get("others")) for m in messages] == [(1, 1), (4, 2), (5, None)]
    assert (facts["heard"], facts["others"]) == (7, 4)
    read = load_transcript(path)
    assert read.counted
    assert read.holes() == ()
    assert read.disorder() is None


@pytest.mark.parametrize("gone", range(5))
def test_a_message_that_is_not_there_is_a_hole(gone: int, tmp_path: Path) -> None:
    parties = [Party.KIT, Party.TARGET, OTHERS, Party.TARGET, Party.TARGET, Party.KIT, OTHERS]
    path = tmp_path / "t.jsonl"
    written(path, [record(n, b"{}", party) for n, party in enumerate(parties)])
    lines = path.read_text("utf-8").splitlines(keepends=True)
    number = json.loads(lines[1 + gone])["n"]
    path.write_text("".join(lines[: 1 + gone] + lines[2 + gone :]))
    holes = load_transcript(path).holes()
    # With a message the count of those before it is gone as well.
    assert holes == (range(2, 4) if number == 3 else range(number, number + 1),)


def test_numbers_that_do_not_rise_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    written(path, [record(n, b"{}") for n in range(4)])
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[2], *lines[3:]]))
    assert load_transcript(path).disorder() == 1


def test_what_could_not_be_written_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.jsonl"
    writer = TranscriptWriter(path, Redactor())
    records = [record(n, b"{}", OTHERS if n % 2 else Party.KIT) for n in range(6)]
    writer.write(records[:3])

    def full(*lines: object) -> None:
        raise OSError(errno.ENOSPC, str(lines))

    with monkeypatch.context() as disk:
        disk.setattr(LineFile, "append", full)
        with pytest.raises(OSError, match="Errno 28"):
            writer.write(records[3:])
    assert (writer.count, writer.others, writer.heard) == (2, 1, 3)
    writer.write(records[3:])
    writer.tell(COMPLETE)
    writer.close()
    assert (writer.count, writer.heard) == (3, 6)
    assert load_transcript(path).holes() == ()
