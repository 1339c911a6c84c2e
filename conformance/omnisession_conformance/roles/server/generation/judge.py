"""Takes an outcome into the world: what is wrong with it, and what holds after it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from omnisession_conformance.roles.server.generation import on_articles, on_others
from omnisession_conformance.roles.server.generation.outcome import (
    ACK,
    NO_FORM,
    NONE,
    TOO_LONG,
    Finding,
    Forecast,
    Sent,
    Told,
    refused,
)
from omnisession_conformance.roles.server.generation.world import (
    BAD,
    CLOSED,
    EXPIRED,
    LIVE,
    Hole,
    Remembered,
    SessionM,
    World,
)

CREATES = {
    "article.create": "article_id",
    "chat.send": "message_id",
    "url.create": "url_id",
}
NO_TARGET = "t-none"
"""The id of what was never made."""
NOOP = "session.noop"
BUSY = (4290, 5000, 5030, 5040)
UNKNOWN = 5040
"""Nothing is claimed: it may have been done, and then a further copy is a duplicate."""
AHEAD = 4091
WITHOUT_OUTCOME = {NO_FORM: "ACTION-015", TOO_LONG: "ACTION-027"}
"""By what is wrong with an action that has no outcome: the requirement to refuse it."""
DUPLICATE, APPLIED = "duplicate", "applied"
_OF_KIND = {
    "article": on_articles.forecast,
    "chat": on_others.of_chat,
    "url": on_others.of_urls,
    "user": on_others.of_user,
}


def take(world: World, sent: Sent, told: Told) -> list[Finding]:
    """Compare an outcome with what may come, and move the world on by it."""
    known = world.memory.get((world.sessions[sent.session].user, sent.action_id))
    found = _take(world, sent, told)
    if not found:
        return found
    more: list[str] = []
    if sent.shared:
        more.append("EDIT-001" if sent.type == "article.edit_start" else "CHAT-002")
    if known is not None and known.shared != sent.shared:
        more.append("ACTION-019")
    if known is not None and known.session != sent.session:
        more.append("ACTION-020")
    if known is not None and known.body == sent.body and not known.told.acked:
        more.append("ACTION-006")
    named = {finding.requirement for finding in found}
    return [*found, *(replace(found[0], requirement=one) for one in more if one not in named)]


def _take(world: World, sent: Sent, told: Told) -> list[Finding]:
    session = world.sessions[sent.session]
    if sent.crooked in WITHOUT_OUTCOME:
        why = "nobody can tell which action it is"
        return _plain(refused(4001, WITHOUT_OUTCOME[sent.crooked], why), sent, told)
    if session.life != LIVE:
        codes = (4101,) if session.life == CLOSED else (4101, 4041)
        why = f"the session {'was closed' if session.life == CLOSED else 'has expired'}"
        return _plain(refused(codes[0], "ACTION-014", why, *codes[1:]), sent, told)
    if sent.seq <= session.last:
        return _under_used_number(world, session, sent, told)
    if sent.seq > session.last + 1:
        found = _plain(refused(AHEAD, "ACTION-012", "a number before it is missing"), sent, told)
        return found or _expected_number(session, sent, told)
    known = world.memory.get((session.user, sent.action_id))
    if known is not None:
        return _again_as_next(world, session, sent, told, known)
    return _new(world, session, sent, told)


def _plain(forecast: Forecast, sent: Sent, told: Told) -> list[Finding]:
    """What is wrong with an outcome, as far as its code tells."""
    if forecast.allows(told.code):
        return []
    wanted = "action.ack" if forecast.code == ACK else f"a refusal with {forecast.code}"
    wanted += "".join(f" or {code or 'an ack'}" for code in forecast.also)
    absent = told.code == NONE
    return [
        Finding(
            "ACTION-001" if absent else forecast.requirement,
            f"{wanted} for {sent.name} ({sent.type})",
            str(told),
            forecast.because,
            records=(told.record,) if told.record >= 0 else (),
            absent=absent,
        )
    ]


def _finding(requirement: str, expected: str, seen: Any, told: Told, because: str) -> list[Finding]:
    return [Finding(requirement, expected, str(seen), because, records=(told.record,))]


# -- numbers and copies ------------------------------------------------------------------------------


def _expected_number(session: SessionM, sent: Sent, told: Told) -> list[Finding]:
    details = told.error.get("details")
    number = details.get("expected") if isinstance(details, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if told.code != AHEAD or number == session.last + 1:
        return []
    why = f"{sent.name} was sent ahead of the count"
    return _finding("ACTION-012", f"details.expected {session.last + 1}", number, told, why)  # pyright: ignore[reportUnknownArgumentType]


def _under_used_number(world: World, session: SessionM, sent: Sent, told: Told) -> list[Finding]:
    known = world.memory.get((session.user, sent.action_id))
    if world.used.get((sent.session, sent.seq)) != sent.action_id or known is None:
        why = "its number was used for another action"
        found = _plain(refused(4092, "ACTION-010", why), sent, told)
        if known is None and not found:
            _remember(world, session, sent, told)
        return found
    if known.body != sent.body:
        why = "its id means another body"
        return _plain(refused(4092, "ACTION-009", why), sent, told)
    requirement = of_copy(known, sent)
    found = _like_first(requirement, known, sent, told)
    if found or (known.session, known.seq) != (sent.session, sent.seq):
        return found
    if told.position != known.told.position and not _is_later(told, known.told):
        why = "a copy under the same number has the position of the first outcome, within its epoch"
        return _finding(
            requirement, f"the position {known.told.position}", told.position, told, why
        )
    return []


def _is_later(told: Told, first: Told) -> bool:
    """Whether an outcome is of a higher epoch: what outlives a server has other positions there."""
    now, was = told.position, first.position
    return now is not None and was is not None and now[0] > was[0]


def of_copy(known: Remembered, sent: Sent) -> str:
    """The sentence about a copy, by what it has in common with the first one."""
    if known.body != sent.body:
        return "ACTION-009"
    if sent.shared:
        return "ACTION-019"
    if known.session != sent.session:
        return "ACTION-020"
    return "ACTION-005" if known.told.acked else "ACTION-006"


def _like_first(requirement: str, known: Remembered, sent: Sent, told: Told) -> list[Finding]:
    """A copy has the outcome of the first one, and says that it is one."""
    first = known.told
    why = f"it is a copy of an action that got {first}"
    code = first.code
    if found := _plain(Forecast(code, requirement, why), sent, told):
        return found
    if not first.acked:
        if told.error != first.error:
            return _finding(requirement, "the error of the first outcome", told.error, told, why)
        return []
    if told.status != DUPLICATE:
        return _finding(requirement, "an ack with the status duplicate", told, told, why)
    if told.result != first.result:
        return _finding(
            "ACTION-024", f"the result {dict(first.result)}", dict(told.result), told, why
        )
    return []


def _again_as_next(
    world: World, session: SessionM, sent: Sent, told: Told, known: Remembered
) -> list[Finding]:
    if known.body != sent.body:
        why = "its id means another body"
        found = _plain(refused(4092, "ACTION-009", why), sent, told)
    else:
        found = _like_first(of_copy(known, sent), known, sent, told)
    return found or _counted(world, session, sent, told)


def _counted(world: World, session: SessionM, sent: Sent, told: Told) -> list[Finding]:
    """A final outcome takes the number."""
    if told.code in (NONE, *BUSY):
        return []
    world.sessions[sent.session] = replace(session, last=sent.seq)
    world.used[sent.session, sent.seq] = sent.action_id
    if told.position is not None and told.position[2] != sent.seq:
        why = f"{sent.name} is final and was the next in order"
        expected = f"last_action_seq {sent.seq} in its position"
        return _finding("ACTION-008", expected, told.position[2], told, why)
    return []


def _remember(world: World, session: SessionM, sent: Sent, told: Told) -> None:
    world.memory[session.user, sent.action_id] = Remembered(
        sent.body, sent.session, sent.seq, told, sent.shared
    )


# -- what is new -------------------------------------------------------------------------------------


_CROOKED = {
    # Which of the two a malformed version or type gets, the pages leave open.
    "version": refused(4003, "VER-003", "its version is none", 4001),
    "type": refused(4002, "ACTION-017", "its type is none of the server's", 4001),
    BAD: refused(4001, "ACTION-016", "its body is not valid by the schema"),
}


def forecast(world: World, session: SessionM, sent: Sent) -> Forecast:
    """What comes of an action under the next number with an id that is new."""
    if sent.crooked in _CROOKED:
        return _CROOKED[sent.crooked]
    if sent.type not in world.actions:
        return refused(4002, "ACTION-017", "the server does not list the type")
    if any(value.quality == BAD for value in sent.given.values()):
        return refused(4001, "ACTION-016", "its data is not valid")
    if sent.type == NOOP:
        return Forecast(ACK, "ACTION-018", "a noop is always taken")
    of_kind = _OF_KIND.get(sent.type.partition(".")[0])
    if of_kind is None:
        return Forecast(ACK, "ACTION-017", "the server lists it")
    found = of_kind(world, session, sent)
    kind = {"article": "articles"}.get(sent.type.partition(".")[0], sent.type.partition(".")[0])
    if found.code == ACK and kind not in session.kinds:
        # That it may come from a session of other kinds is a sentence of its own.
        found = replace(found, requirement="ACTION-025")
    return found


def _new(world: World, session: SessionM, sent: Sent, told: Told) -> list[Finding]:
    expected = forecast(world, session, sent)
    found = _plain(expected, sent, told)
    if found and sent.silent and told.code == NONE:
        found = [replace(found[0], requirement="CTRL-018")]
    if (
        found
        and told.code != NONE
        and any(user != session.user for user, _ in _users_of(world, sent))
    ):
        # Another user has an action of that id, and that has to make no difference.
        found.append(replace(found[0], requirement="ACTION-021"))
    if found and sent.near:
        found.append(replace(found[0], requirement="ACTION-027"))
    if told.code in (NONE, *BUSY):
        return found
    if not found and told.acked and told.status != APPLIED:
        found = _finding(
            "ACTION-021", "an ack with the status applied", told, told, "its id is new"
        )
    found = (
        found
        or _details(world, sent, told)
        or _result(sent, told)
        or _alike(world, session, sent, told)
    )
    _remember(world, session, sent, told)
    found += _counted(world, session, sent, told)
    if told.acked and expected.effect is not None and not found:
        expected.effect(world, sent, told)
    if told.code == 4040 and sent.type == "user.update":
        world.users[session.user] = replace(world.users[session.user], none=True)
    return found


def _users_of(world: World, sent: Sent) -> list[tuple[int, str]]:
    return [key for key in world.memory if key[1] == sent.action_id]


def _details(world: World, sent: Sent, told: Told) -> list[Finding]:
    if told.code != 4090 or sent.on not in world.articles:
        return []
    place = world.articles[sent.on].revisions[-1].place
    number = world.known.get(Hole((sent.on, "revision", place)).key)
    details = told.error.get("details")
    seen = details.get("revision") if isinstance(details, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if number is None or seen == number:
        return []
    why = "it tells the revision that the article has"
    return _finding("ART-007", f"details.revision {number}", seen, told, why)  # pyright: ignore[reportUnknownArgumentType]


def _alike(world: World, session: SessionM, sent: Sent, told: Told) -> list[Finding]:
    """What may not be read is refused as what there is not: but for ids, the errors are equal."""
    requirement = {"article": "ART-008", "url": "URL-004"}.get(sent.type.partition(".")[0])
    if told.code != 4040 or requirement is None:
        return []
    named = {world.ids.get(sent.on, ""), NO_TARGET, sent.action_id, session.id}
    named.add(world.users[session.user].id)
    said = json.dumps([told.error.get(n) for n in ("message", "details")], sort_keys=True)
    for id_ in sorted(filter(None, named), key=len, reverse=True):
        quoted = json.dumps(id_)[1:-1]
        said = re.sub(rf"(?<!\w){re.escape(quoted)}(?!\w)", "(id)", said)
    first = world.known.setdefault(("refusal", sent.type), said)
    if first == said:
        return []
    why = "an entity that may not be read is refused exactly as one that does not exist"
    return _finding(requirement, f"an error with {first}", said, told, why)


def _result(sent: Sent, told: Told) -> list[Finding]:
    named = CREATES.get(sent.type)
    if not told.acked:
        return []
    why = "the ack of what creates something names it, and no other has a result"
    if named is None:
        # Members that the protocol does not name are no matter of a model.
        known = [name for name in CREATES.values() if name in told.result]
        return _finding("ACTION-024", "no result", dict(told.result), told, why) if known else []
    if isinstance(told.result.get(named), str) and told.result[named]:
        return []
    return _finding("ACTION-024", f"a result with {named}", dict(told.result), told, why)


# -- requests ------------------------------------------------------------------------------------------

OVER = {CLOSED: (4101,), EXPIRED: (4101, 4041)}
"""By what became of a session: the codes that a request for it may get."""
