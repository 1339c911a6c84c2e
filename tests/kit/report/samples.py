"""Runs as a report may meet them, made by the kit's own means from a small registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.registry import Registry, Requirement
from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.protocol.verdict import CheckId, Observation, Outcome, Status, Verdict
from omnisession_conformance.results import (
    CaseEnd,
    CaseOutcome,
    CheckResult,
    Evidence,
    Header,
    RequirementResult,
    Results,
    RunStatus,
    Selection,
    TargetInfo,
    close,
    evidence,
    rerun_line,
    summarise,
)
from omnisession_conformance.traffic.record import Party, Record, side_of
from omnisession_conformance.traffic.redact import Redactor

SECRET = "a-secret-of-the-fixture"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLW9mLWEtdGVzdA"
INBOX = "_INBOX.k1a2b3c4d.x7Rn0QmVt"
SESSION = "session.open-order-1-author-k1a2b3c4d77e0.s-7Hq2mWc9TzK4pXvB1nRd0A"
MS = 1_000_000


def _requirement(
    id_: str, profile: str, title: str, text: str, level: str = "MUST", excluded: str | None = None
) -> Requirement:
    page = {"STATE": "state", "CTRL": "control", "ERR": "errors"}.get(
        id_.partition("-")[0], "actions"
    )
    return Requirement(
        id=id_,
        level=level,
        role="server",
        profile=profile,
        title=title,
        text=text,
        spec=f"{page}.md#{id_.lower()}",
        since="1.0",
        observe="a case",
        excluded=excluded,
    )


REGISTRY = Registry(
    "1.0",
    (
        _requirement(
            "CTRL-001",
            "core",
            "Every request is answered",
            "A server MUST answer every control request that has a reply subject within 2 s, on "
            "that reply subject.",
        ),
        _requirement(
            "CTRL-007",
            "core",
            "pong covers what was answered and acked before",
            "The position of `session.pong` MUST cover the effects of every request of the session "
            "that was answered, and of every action of any session that was acked, before the ping "
            "was sent.",
        ),
        _requirement(
            "STATE-003",
            "core",
            "One state per kind after open",
            "After `session.opened` a server MUST publish one state per opened kind with the "
            "reason `open`, in the order of `kinds`, with the seqs that directly follow the "
            "answer's seq.",
        ),
        _requirement(
            "STATE-011",
            "digests",
            "A state carries the digest of its data",
            "In a session with `digests` every state MUST carry the digest of its `data`.",
        ),
        _requirement(
            "ACTION-001",
            "core",
            "Every copy gets one outcome",
            "A server MUST send exactly one outcome for every received copy of an action.",
        ),
        _requirement(
            "ACTION-012",
            "core",
            "A gap in client_seq is refused",
            "An action whose `client_seq` is ahead of the count when `gap_ms` is over MUST be "
            "refused with `4091`.",
        ),
        _requirement(
            "ERR-004",
            "core",
            "4001 points to the fault",
            "A server SHOULD name the first fault by a JSON pointer in `details` of `4001`.",
            "SHOULD",
        ),
        _requirement(
            "ERR-005",
            "core",
            "Errors leak nothing",
            "An error MUST NOT show a stack, a query or another user's id.",
            "MUST NOT",
        ),
        _requirement(
            "RESUME-004",
            "core",
            "A restart keeps the session or says that it did not",
            "After a restart a server MUST either go on with the session or answer `4041`.",
        ),
        _requirement(
            "LIMIT-005",
            "core",
            "Memory stays bounded",
            "The memory of a server MUST stay bounded, however many sessions were opened.",
            excluded="Memory is not visible on the wire.",
        ),
        _requirement(
            "SEC-009",
            "core",
            "No secrets in logs",
            "A server MUST NOT write a credential into its log.",
            "MUST NOT",
            excluded="Logs are not on the bus.",
        ),
    ),
)
CHECKS: tuple[tuple[str, str], ...] = (
    ("CTRL-001", "open-order"),
    ("CTRL-001", "sweep"),
    ("CTRL-007", "pong-after-ack"),
    ("STATE-003", "open-order"),
    ("STATE-003", "reopen-live"),
    ("STATE-011", "digest-of-states"),
    ("ACTION-001", "every-copy-once"),
    ("ACTION-001", "sweep"),
    ("ACTION-012", "gap-refused"),
    ("ERR-004", "schema-invalid"),
    ("ERR-005", "sweep"),
    ("RESUME-004", "restart"),
)

Change = Callable[[Verdict], Verdict]


def verdicts(changes: Mapping[str, Change] | None = None) -> tuple[Verdict, ...]:
    """All checks passed, but for those that are changed."""
    changes = changes or {}
    found: list[Verdict] = []
    for requirement, source in CHECKS:
        check = CheckId(requirement, source)
        verdict = Verdict(check, Status.PASS, REGISTRY[requirement].level, 3)
        found.append(changes.get(str(check), lambda v: v)(verdict))
    return tuple(found)


def no_hook(verdict: Verdict) -> Verdict:
    reason = "the fixture has no command for this: restart"
    return replace(verdict, status=Status.NOT_RUN, observed=0, reason=reason, excuse=Excuse.NO_HOOK)


def not_claimed(verdict: Verdict) -> Verdict:
    reason = "the target does not declare the profile 'digests'"
    return replace(verdict, status=Status.NOT_CLAIMED, observed=0, reason=reason)


def seen(status: Status, *findings: Observation) -> Change:
    return lambda v: replace(
        v,
        status=status,
        reason=findings[0].why if status in (Status.HARNESS, Status.INCONCLUSIVE) else "",
        observations=tuple(replace(f, check=v.check) for f in findings),
    )


def finding(
    expected: str | None,
    seen_: str | None,
    *records: int,
    pointer: str | None = None,
    why: str = "",
    outcome: Outcome = Outcome.BROKEN,
    case: str | None = None,
) -> Observation:
    placeholder = CheckId("STATE-003", "open-order")
    return Observation(placeholder, outcome, why, expected, seen_, pointer, records, case)


def message(n: int, ms: float, subject: str, body: object, reply: str = "") -> Record:
    data = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    party = Party.KIT if reply or subject.startswith("user.") else Party.TARGET
    return Record(
        n=n,
        t_ns=int(ms * MS),
        at_ms=1_730_000_000_000 + int(ms),
        subject=subject,
        reply=reply,
        headers={},
        data=data,
        body=body if isinstance(body, dict) else None,  # pyright: ignore[reportUnknownArgumentType]
        flaws=(),
        party=party,
        side=side_of(party),
        case="open-order",
        address=classify(subject),
    )


def body(type_: str, data: object, **members: object) -> dict[str, object]:
    ids = {"user_id": "open-order-1-author-k1a2b3c4d77e0", "session_id": "s-7Hq2mWc9TzK4pXvB1nRd0A"}
    return {
        "v": "1.0",
        "type": type_,
        **ids,
        "timestamp": 1_730_000_000_412,
        **members,
        "data": data,
    }


def position(seq: int) -> dict[str, int]:
    return {"epoch": 1, "seq": seq, "last_action_seq": 0}


RECORDS: tuple[Record, ...] = (
    message(
        0,
        412.2,
        f"{SESSION}.control",
        body(
            "session.open",
            {"kinds": ["articles", "chat"], "auth": {"scheme": "bearer", "token": TOKEN}},
        ),
        INBOX,
    ),
    message(
        1,
        413.9,
        INBOX,
        body("session.opened", {"position": position(0), "kinds": ["articles", "chat"]}),
    ),
    message(
        2,
        414.1,
        f"{SESSION}.state",
        body(
            "session.state",
            {"type": "chat", "messages": [], "participants": [], "typing_indicators": []},
            **position(1),
            reason="open",
        ),
    ),
    message(
        3,
        414.3,
        f"{SESSION}.state",
        body(
            "session.state",
            {"type": "articles", "articles": [], "current_article": None, "note": "x" * 2_400},
            **position(2),
            reason="open",
        ),
    ),
    message(
        4,
        5_020.0,
        "user.actions.open-order-1-author-k1a2b3c4d77e0",
        body("session.noop", {}, action_id="a-1", client_seq=1),
        "_INBOX.k1a2b3c4d.outcome1",
    ),
    message(5, 5_021.0, "_INBOX.k1a2b3c4d.outcome1", b"panic: \x1b[31mnil map\x00\xff"),
)
REDACTOR = Redactor([SECRET])


def evidence_for(verdict: Verdict) -> tuple[Evidence, ...]:
    if verdict.status in (Status.PASS, Status.NOT_RUN, Status.NOT_CLAIMED):
        return ()
    blamed = [n for o in verdict.observations for n in o.records]
    return evidence(blamed, RECORDS, redactor=REDACTOR, started_ns=0)


def check_lines(found: Iterable[Verdict]) -> tuple[CheckResult, ...]:
    return tuple(CheckResult.of(v, rerun_line(v), evidence_for(v)) for v in found)


HEADER = Header(
    kit="0.1.0",
    protocol="1.0",
    run_id="k1a2b3c4d",
    started_at=1_730_000_000_000,
    command="omnisession check",
    selection=Selection(
        filtered=False,
        requirements=tuple(r.id for r in REGISTRY),
        cases=tuple(dict.fromkeys(source for _, source in CHECKS if source != "sweep")),
        profiles=("core", "digests"),
        of=len(REGISTRY),
    ),
)
TARGET = TargetInfo(
    mode="spawn",
    url="nats://127.0.0.1:41222",
    command="./server --quiet",
    name="example-server",
    version="2.4.1",
    profiles=("core", "events", "articles"),
    kinds=("articles", "chat"),
    limits={"action_bytes": 196_608},
    broker="2.15.1",
)


def results(
    found: Iterable[Verdict],
    *,
    header: Header = HEADER,
    target: TargetInfo | None = TARGET,
    run_status: RunStatus = RunStatus.COMPLETE,
    reason: str = "",
    wall_ms: float = 3_104.0,
    records: Mapping[str, int] | None = None,
    lacking: tuple[str, ...] = (),
) -> Results:
    checks = check_lines(found)
    filtered = header.selection.filtered
    selected = set(header.selection.requirements)
    requirements: tuple[RequirementResult, ...] = summarise(checks, REGISTRY, selected=selected)
    cases = tuple(
        CaseEnd(c, "area", "quiet", CaseOutcome.DONE, 120.0) for c in header.selection.cases
    )
    footer = close(
        checks,
        requirements,
        run_status=run_status,
        reason=reason,
        filtered=filtered,
        wall_ms=wall_ms,
        records={"kit": 4_000, "target": 5_412} if records is None else records,
        lacking=lacking,
    )
    return Results(header, () if target is None else (target,), cases, checks, requirements, footer)


def all_green() -> Results:
    return results(verdicts())


def green_small_server() -> Results:
    """As much as a small server can reach: a SHOULD is broken, a profile not claimed, no hook."""
    warned = finding("details.pointer", "no details", 5, pointer="/data/error/details")
    return results(
        verdicts(
            {
                "RESUME-004@restart": no_hook,
                "STATE-011@digest-of-states": not_claimed,
                "ERR-004@schema-invalid": seen(Status.WARN, warned),
            }
        )
    )


def less_than_claimed() -> Results:
    """All is green, of a target that declares less than its own people expect of it."""
    return results(
        verdicts(),
        lacking=(
            "no profile chat or url",
            "no action chat.send",
            "9 requirements judged, not 160 or more",
        ),
    )


def failures() -> Results:
    """Failures of several kinds: a wrong value, an absent message, a sweep, garbage, kit at fault."""
    order = finding("articles, then chat", "chat, then articles", 2, 3, pointer="/data/type")
    count = finding(
        "exactly two states between the answer and the pong, one for each kind that was opened",
        "two states, of which the second has a member that no schema names and that is far too long: "
        + "x" * 300,
        3,
        why="the seqs are right, so that only the order of kinds is wrong",
    )
    absent = finding("action.ack or action.nack within 2.3 s", "nothing", 4, outcome=Outcome.ABSENT)
    garbage = finding(
        "no stack, query or id of another user",
        "panic: \x1b[31mnil map\x00\u202e",
        5,
        pointer="",
        case="gap-refused",
    )
    again = replace(garbage, case="schema-invalid")
    crash = finding(None, None, why="the kit failed:\nKeyError: 'x'", outcome=Outcome.KIT_FAULT)
    late = finding(None, None, why="no pong in 2.3 s, while the machine lagged by 0.8 s")
    return results(
        verdicts(
            {
                "STATE-003@open-order": seen(Status.FAIL, order, count),
                "STATE-003@reopen-live": seen(Status.FAIL, order),
                "ACTION-001@every-copy-once": seen(Status.FAIL, absent),
                "ERR-005@sweep": seen(Status.FAIL, garbage, again, again, again),
                "ACTION-012@gap-refused": seen(Status.HARNESS, crash),
                "CTRL-007@pong-after-ack": seen(
                    Status.INCONCLUSIVE, replace(late, outcome=Outcome.LATE)
                ),
                "ERR-004@schema-invalid": seen(
                    Status.WARN, finding("details.pointer", "no details", 5)
                ),
                "RESUME-004@restart": no_hook,
                "STATE-011@digest-of-states": not_claimed,
            }
        )
    )


def many_failures() -> Results:
    """More failures than a terminal tells in full."""
    found = seen(Status.FAIL, finding("yes", "no", 1))
    return results(verdicts({f"{r}@{s}": found for r, s in CHECKS if s != "reopen-live"}))


def null_target() -> Results:
    """Nothing listens: not one check ran."""
    reason = "no server answers session.open on nats://127.0.0.1:4222"
    detail = f"{reason}; it said:\nlistening on the wrong port"
    nobody = TargetInfo(mode="attach", url="nats://127.0.0.1:4222", broker="2.15.1")
    return results(
        [
            replace(v, status=Status.NOT_RUN, observed=0, reason=f"run cut short: {reason}")
            for v in verdicts()
        ],
        target=nobody,
        run_status=RunStatus.ABORTED,
        reason=detail,
        wall_ms=2_250.0,
        records={},
    )


def aborted() -> Results:
    """The target died half-way; what had failed by then stays failed."""
    failed = seen(Status.FAIL, finding("articles, then chat", "chat, then articles", 2))
    reason = "the target exited with code 2 while cases were running"
    return results(
        [
            v.cut_short(f"run cut short: {reason}")
            for v in verdicts({"STATE-003@open-order": failed})
        ],
        run_status=RunStatus.ABORTED,
        reason=f"{reason}; it said:\npanic: assignment to entry in nil map\ngoroutine 7 [running]:",
        wall_ms=1_480.0,
    )


def interrupted() -> Results:
    return results(
        [v.cut_short("interrupted: SIGINT received") for v in verdicts()],
        run_status=RunStatus.INTERRUPTED,
        reason="SIGINT received",
        wall_ms=820.0,
    )


HOSTILE = """</script></style><script id="pwned">document.title = 'pwned'</script><img src=x id="pwned">"""
"""What a target may say to whoever reads about it in a browser, with an id to look for."""


def hostile() -> Results:
    """A target that puts HTML, Markdown and quotes wherever a report shows its words."""
    markdown = f"`x` | [y](javascript:1) **z** {HOSTILE}"
    blamed = finding(HOSTILE, HOSTILE, 6, pointer=f"/{HOSTILE}", why=markdown)
    text = message(6, 5_100.0, f"_INBOX.{HOSTILE}", body(HOSTILE, {"status": HOSTILE}))
    found = verdicts({"STATE-003@open-order": seen(Status.FAIL, blamed)})
    made = results(found, target=replace(TARGET, name=HOSTILE, version=markdown, command=markdown))
    slices = evidence([6], (text,), redactor=REDACTOR, started_ns=0)
    checks = tuple(replace(c, evidence=slices[:1]) if c.findings else c for c in made.checks)
    return replace(made, checks=checks)


def _selected(*requirements: str) -> Header:
    chosen = replace(HEADER.selection, filtered=True, requirements=requirements)
    command = f"omnisession check --only {' --only '.join(requirements)}"
    return replace(HEADER, command=command, selection=chosen)


def filtered_green() -> Results:
    header = _selected("CTRL-001", "STATE-003")
    return results(
        [v for v in verdicts() if v.check.requirement in ("CTRL-001", "STATE-003")], header=header
    )


def filtered_red() -> Results:
    order = finding("articles, then chat", "chat, then articles", 2, 3)
    changed = verdicts({"STATE-003@open-order": seen(Status.FAIL, order)})
    header = _selected("STATE-003", "CTRL-001")
    return results(
        [v for v in changed if v.check.requirement in ("CTRL-001", "STATE-003")], header=header
    )


def untested() -> Results:
    """Nothing is wrong, but a MUST was not tested and nothing excuses that."""
    silent = "nothing that it judges was seen in this run"
    return results(
        verdicts(
            {
                "ERR-005@sweep": lambda v: replace(
                    v, status=Status.NOT_RUN, observed=0, reason=silent
                ),
                "RESUME-004@restart": no_hook,
            }
        )
    )


def nothing_ran() -> Results:
    header = _selected("RESUME-004")
    changed = verdicts({"RESUME-004@restart": no_hook})
    return results([v for v in changed if v.check.requirement == "RESUME-004"], header=header)


SAMPLES: Mapping[str, Callable[[], Results]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        all_green,
        green_small_server,
        less_than_claimed,
        failures,
        many_failures,
        null_target,
        aborted,
        interrupted,
        filtered_green,
        filtered_red,
        untested,
        nothing_ran,
    )
}
