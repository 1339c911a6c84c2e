"""Rules on the chat room: whose messages they are, what stays of them, and in which order they stand."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.roles.server.reading.attempts import may_have_been_read
from omnisession_conformance.suite.server.chat.sent import (
    ADDED,
    Entry,
    Sent,
    all_edits,
    all_sent,
    applied,
    asked_for,
    by_id,
    given,
    messages,
    messages_at,
    told,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

# The rules on who is there and who types have a file of their own and are registered by this.


# -- messages --------------------------------------------------------------------------------------


@rule("CHAT-004")
def ids_are_of_one_message(trace: Trace, sweep: Sweep) -> None:
    """Judges that no two actions are acked with the id of one message."""
    for id_, sent in all_sent(trace).items():
        first, *others = sorted(sent, key=lambda one: one.ack.n)
        sweep.ok("CHAT-004")
        for other in others:
            sweep.broken(
                "CHAT-004",
                other.ack,
                expected="an id that no other message has",
                seen=id_,
                pointer="/data/result/message_id",
                also=(first.ack,),
            )


@rule("CHAT-001", "CHAT-004", "CHAT-005")
def messages_are_as_sent(trace: Trace, sweep: Sweep) -> None:
    """Judges sender and content of messages by the actions that made them, and what stays of them."""
    known, edits = trace.view(by_id), trace.view(all_edits)
    unclear = all_sent(trace).keys() - known.keys()
    first: dict[str, tuple[Entry, Record]] = {}
    last: dict[str, Entry] = {}
    right: defaultdict[str, set[str]] = defaultdict(set)
    for _, step in told(trace):
        for message, pointer in messages_at(step):
            id_, content = message.get("id"), message.get("content")
            if not isinstance(id_, str) or not isinstance(content, str) or id_ in unclear:
                continue
            # The same message stands in state after state: what was right once is right again.
            if last.get(id_) == message:
                continue
            seen = (message.get("user_id"), message.get("sent_at"), content)
            version = repr((*seen, message.get("edited_at")))
            if version in right[id_]:
                continue
            before = first.setdefault(id_, (message, step.record))
            good = _stays(message, before, step.record, pointer, sweep)
            sent = known.get(id_)
            if sent is not None:
                allowed = [c for n, c in edits.get(id_, ()) if n < step.record.n]
                good &= _is_as_sent(sent, allowed, message, step.record, pointer, trace, sweep)
            if good:
                last[id_] = message
                right[id_].add(version)


def _stays(
    message: Entry, before: tuple[Entry, Record], record: Record, pointer: str, sweep: Sweep
) -> bool:
    """Judge that a message has still its sender and time, and tells that it was edited."""
    old, also = before[0], () if before[1] is record else (before[1],)
    for name in ("user_id", "sent_at"):
        if message.get(name) != old.get(name):
            expected, seen = f"{name} {old.get(name)!r}, as before", repr(message.get(name))
            at = f"{pointer}/{name}"
            sweep.broken("CHAT-005", record, expected=expected, seen=seen, pointer=at, also=also)
            return False
    changed = message.get("content") != old.get("content")
    return sweep.judge(
        "CHAT-005",
        not changed or message.get("edited_at") is not None or old.get("edited_at") is not None,
        record,
        expected="edited_at of a message whose content has changed",
        seen="edited_at null",
        pointer=f"{pointer}/edited_at",
        also=also,
    )


def _is_as_sent(
    sent: Sent,
    edits: list[str],
    message: Entry,
    record: Record,
    pointer: str,
    trace: Trace,
    sweep: Sweep,
) -> bool:
    good = sweep.judge(
        "CHAT-004",
        message.get("user_id") == sent.user_id,
        record,
        expected=f"user_id {sent.user_id!r}, who sent it",
        seen=f"user_id {message.get('user_id')!r}",
        pointer=f"{pointer}/user_id",
        also=(sent.attempt.action,),
    )
    content = message["content"]
    if sent.content is None or may_have_been_read(trace, str(message["id"]), record.n):
        return good
    return good & sweep.judge(
        "CHAT-001",
        content == sent.content or content in edits,
        record,
        expected=f"the content {sent.content!r}, or that of an edit",
        seen=repr(content),
        pointer=f"{pointer}/content",
        also=(sent.attempt.action,),
    )


@rule("CHAT-001")
def messages_are_added_once(trace: Trace, sweep: Sweep) -> None:
    """Judges that no two events add the same message to one session."""
    added: dict[tuple[int, int, str], Record] = {}
    for line, step in told(trace):
        if step.is_state or step.record.type != ADDED:
            continue
        for message in messages(step):
            key = (id(line), step.head[0], str(message.get("id")))
            first = added.setdefault(key, step.record)
            sweep.judge(
                "CHAT-001",
                first is step.record,
                step.record,
                expected="each message once",
                seen=f"message {message.get('id')!r} again",
                pointer="/data/message/id",
                also=() if first is step.record else (first,),
            )


@rule("CHAT-003")
def messages_stand_as_accepted(trace: Trace, sweep: Sweep) -> None:
    """Judges neighbours that are the kit's own: which of them was surely accepted before the other."""
    known = trace.view(by_id)
    last: dict[int, Entry] = {}
    right: set[tuple[str, str]] = set()
    # What stands side by side does so in state after state; of what is not the kit's nothing is known.
    foreign: set[tuple[str, str]] = set()
    for line, step in told(trace):
        shown = messages(step)
        if not step.is_state:
            if step.record.type != ADDED or not shown:
                continue
            shown = [shown[0], last.get(id(line), {})]
            last[id(line)] = shown[0]
        for index, pair in enumerate(pairwise([str(entry.get("id")) for entry in shown]), 1):
            if pair in right or pair in foreign:
                continue
            if not {*pair} <= known.keys():
                foreign.add(pair)
                continue
            # That an edit keeps the place is a matter of CHAT-005.
            if any(entry.get("edited_at") is not None for entry in shown[index - 1 : index + 1]):
                continue
            one, two = known[pair[0]], known[pair[1]]
            if not one.surely_before(two):
                right.add(pair)
                sweep.ok("CHAT-003")
                continue
            sweep.broken(
                "CHAT-003",
                step.record,
                expected=f"message {pair[1]!r} before {pair[0]!r}, which was accepted sooner",
                seen=f"message {pair[0]!r} as the newer one",
                pointer=f"/data/messages/{index}" if step.is_state else "/data/message",
                also=(one.ack, two.attempt.action),
            )


@rule("CHAT-006", "CHAT-007")
def only_authors_changedmessages(trace: Trace, sweep: Sweep) -> None:
    """Judges whose messages were edited and deleted, and that deleted ones are shown no more."""
    known = trace.view(by_id)
    gone: dict[str, Record] = {}
    for type_ in ("chat.edit", "chat.delete"):
        for attempt, ack in applied(trace, type_):
            id_ = str(given(attempt.action, "message_id"))
            sent, user_id = known.get(id_), attempt.lifetime.session.user_id
            if type_ == "chat.delete":
                gone.setdefault(id_, ack)
            if sent is not None:
                sweep.judge(
                    "CHAT-006",
                    sent.user_id == user_id,
                    ack,
                    expected=f"4030 for {type_} of a message of user {sent.user_id}",
                    seen="an ack",
                    also=(attempt.action, sent.attempt.action),
                )
    good = 0
    for _, state, request in asked_for(trace):
        for message, pointer in messages_at(state) if gone else ():
            ack = gone.get(str(message.get("id")))
            if ack is None or ack.n > request.n:
                good += 1
                continue
            sweep.broken(
                "CHAT-007",
                state.record,
                expected="no message that was deleted",
                seen=f"message {message.get('id')!r}",
                pointer=pointer,
                also=(ack, request),
            )
    sweep.ok("CHAT-007", good)
