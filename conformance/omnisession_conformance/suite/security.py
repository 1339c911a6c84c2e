"""SEC: forged reply subjects, and what sessions notice of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.case import case
from omnisession_conformance.suite.changes import (
    CHANGES,
    KIND,
    change,
    create_article,
    open_articles,
    select,
    start_edit,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.suite.numbers import counted, titles
from omnisession_conformance.suite.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NO_GAP,
    NOOP,
    UNKNOWN,
    edit_body,
    from_target,
    noops,
    outcomes_of,
)

if TYPE_CHECKING:
    from omnisession_conformance.actor import Session
    from omnisession_conformance.position import Position
    from omnisession_conformance.record import Record
    from omnisession_conformance.world import World

AROUND = 20
"""Sessions that open and close around those that are watched."""
QUIET_KINDS = ("url", "articles")
"""Kinds whose slices do not change when sessions open and close."""


def forged(w: World, victim: Session) -> list[str]:
    """Reply subjects that are no inbox, some of them a victim's; the last is all but one."""
    return [
        f"{victim.prefix}.state",
        f"{victim.prefix}.events",
        victim.control_subject,
        CHAT_SUBJECT,
        f"inbox.{unique(w, 'x')}",
        f"_INBOXx.{unique(w, 'y')}",
        f"_R_x.{unique(w, 'z')}",
    ]


def misled(w: World, sender: Session, subject: str, mark: int) -> list[Record]:
    """What the target published for a sender on a subject that is not the sender's."""
    id_ = sender.user.id
    return [r for r in from_target(w, subject, mark) if (r.body or {}).get("user_id") == id_]


@case("SEC-001", "SEC-002")
async def forged_replies_of_requests(w: World) -> None:
    """Requests with a reply subject that is no inbox are answered nowhere, and do nothing."""
    mine, theirs = await w.open(w.user()), await w.open(w.user())
    fresh = w.session(mine.user)
    mark = w.log.mark()
    subjects = forged(w, theirs)
    for subject in subjects:
        await mine.send("session.ping", reply=subject)
        await mine.send("session.sync", reply=subject)
        await mine.send("session.resume", {"epoch": 1, "seq": 2**40}, reply=subject)
        await fresh.send("session.open", fresh.open_data(), reply=subject)
        await mine.send("session.close", reply=subject)
    ping = await mine.ask("session.ping")
    seen = str(ping)
    why = "the session after closes with forged reply subjects"
    good = ping.type == "session.pong"
    w.check("SEC-002", good, expected="session.pong", seen=seen, on=ping, why=why)
    if good:
        await mine.reach(ping.position_or_stop("session.pong"))
    await theirs.fence()
    _nothing_on(w, mine, subjects, mark, "requests")
    told = [r for r in mine.states() if r.n >= mark and (r.body or {}).get("reason") != "change"]
    w.check("SEC-002", not told, expected="no states asked for so", seen=len(told), on=told)
    answer = await fresh.ask("session.ping")
    why = "a session that was opened with forged reply subjects only"
    w.refused("SEC-002", answer, 4041, why=why)


def _nothing_on(w: World, sender: Session, subjects: list[str], mark: int, what: str) -> None:
    for subject in subjects:
        wrong = misled(w, sender, subject, mark)
        w.check(
            "SEC-001",
            not wrong,
            expected="nothing of the target for the sender",
            seen=[record.type for record in wrong] or "nothing",
            on=wrong,
            why=f"{what} with the reply subject {subject}",
        )


@case("SEC-001", "SEC-002")
async def forged_replies_of_actions(w: World) -> None:
    """Actions with a reply subject that is no inbox get no outcome anywhere, and take no number."""
    mine, theirs = await w.open(w.user(), timers=NO_GAP), await w.open(w.user())
    mark = w.log.mark()
    subjects = forged(w, theirs)
    for subject in subjects:
        noop = mine.action_body(NOOP, client_seq=1)
        edit = edit_body(mine, unique(w, "none"), client_seq=1)
        await mine.send_action(noop, reply=subject)
        await mine.send_action(edit, reply=subject, subject=EDIT_SUBJECT)
        await w.fences(mine, theirs)
        told = [*outcomes_of(mine, noop["action_id"]), *outcomes_of(mine, edit["action_id"])]
        w.check(
            "SEC-002",
            not told,
            expected="no outcome on .control",
            seen=[record.type for record in told] or "none",
            on=told,
            why=f"actions with the reply subject {subject}",
        )
    _nothing_on(w, mine, subjects, mark, "actions")
    pong = await mine.ask("session.ping")
    w.equal("SEC-002", 0, counted(pong), on=pong, why="last_action_seq after all of them")


@case("SEC-002", needs=takes("create", "edit_start"))
async def forged_replies_have_no_effect(w: World) -> None:
    """Creates and edits with forged reply subjects change nothing, and their ids stay free."""
    mine, theirs = await open_articles(w, w.user()), await open_articles(w, w.user())
    article_id = await create_article(mine)
    marker = unique(w, "marker")
    for subject in forged(w, theirs):
        body = mine.action_body("article.create", {"title": marker})
        await mine.send_action(body, reply=subject)
        edit = edit_body(mine, article_id, client_seq=body["client_seq"])
        await mine.send_action(edit, reply=subject, subject=EDIT_SUBJECT)
        slice_ = await view(mine)
        shown, editors = titles(slice_), slice_.get("editors") or []
        why = f"actions with the reply subject {subject}"
        w.check("SEC-002", marker not in shown, expected="no article of it", seen=shown, why=why)
        mine_ = [e for e in editors if e.get("user_id") == mine.user.id]
        w.equal("SEC-002", [], mine_, why=f"running edits of the sender, {why}")
        answer = await (await mine.send_action({**body, "data": {"title": "Another"}})).outcome()
        w.acked("SEC-002", answer, status="applied", why=f"the same id and number, after {why}")


# -- neighbours ------------------------------------------------------------------------------------------


@case("SEC-007", needs=takes("create", "update", "select", "edit_start"), alone=True)
async def changes_do_not_show_elsewhere(w: World) -> None:
    """What a user does with a draft, and what is refused to it, leaves another user's sessions alone."""
    mine = await open_articles(w, w.user())
    stranger = w.user()
    watched = [await open_articles(w, stranger, events=events) for events in (False, True)]
    before = await w.fences(*watched)
    draft = await create_article(mine)
    await update(mine, draft, title="Another", content="text")
    await select(mine, draft)
    await start_edit(mine, draft)
    await noops(mine, 1)
    await mine.act(UNKNOWN)
    await mine.act("article.update", {"article_id": draft, "changes": {"title": 5}})
    await mine.act("article.update", {"article_id": unique(w, "none"), "changes": {}})
    await mine.sync()
    after = [await _where(w, session) for session in watched]
    _unmoved(w, "SEC-007", watched, before, after, "after a draft and refusals")


async def _where(w: World, session: Session) -> Position:
    """Where a session is told to be, with what has come of its stream; all of it, if it comes."""
    position = await session.position()
    await session.wait(lambda: session.head >= position.head or None, w.run.clock.answer_s)
    return position


def _unmoved(
    w: World,
    requirement: str,
    watched: list[Session],
    before: list[Position],
    after: list[Position],
    why: str,
) -> None:
    """Observe that sessions stand where they stood, and were told nothing."""
    for session, first, last in zip(watched, before, after, strict=True):
        told = session.after(first)
        # With events a server may publish states as it likes; they must tell nothing new.
        features = session.opened.data.get("features") if session.opened else ()
        free = "events" in (features or ()) and all(r.address.family == "state" for r in told)
        w.check(
            requirement,
            last.head == first.head or (free and len(told) == last.seq - first.seq),
            expected=f"position {first}",
            seen=last,
            on=told,
            why=f"a session of {session.user.id}, {why}",
        )


@case("SEC-008", alone=True)
async def sessions_come_and_go(w: World) -> None:
    """Sessions of two users that open and close leave two others of them as they are."""
    one, two = w.user(), w.user()
    kind = next((k for k in QUIET_KINDS if k in w.declared.kinds), w.declared.cheapest_kind)
    watched = [await w.open(user, kinds=[kind]) for user in (one, two)]
    before = await w.fences(*watched)
    slices = [session.slice(kind) for session in watched]
    around = [w.session(one if i % 2 else two) for i in range(AROUND)]
    opening = [(s, await s.send("session.open", s.open_data(kinds=w.declared.kinds))) for s in around]
    for session, pending in opening:
        session.opened = await pending.must()
    after = [await _where(w, session) for session in watched]
    _still(w, watched, before, kind, slices, after, "others were opened")
    closing = [await session.send("session.close") for session in around]
    for session, pending in zip(around, closing, strict=True):
        await pending.must()
        session.leave_open = True
    for session in watched:
        ping = await session.ask("session.ping")
        good = ping.type == "session.pong"
        w.check("SEC-008", good, expected="session.pong", seen=str(ping), on=ping,
                why="a session while others were closed")
    after = [await _where(w, session) for session in watched]
    _still(w, watched, before, kind, slices, after, "others were closed")


def _still(
    w: World,
    watched: list[Session],
    before: list[Position],
    kind: str,
    slices: list[dict[str, object]],
    after: list[Position],
    why: str,
) -> None:
    if kind in QUIET_KINDS:
        _unmoved(w, "SEC-008", watched, before, after, f"after {AROUND} {why}")
    for session, first, last, slice_ in zip(watched, before, after, slices, strict=True):
        w.equal("SEC-008", first.epoch, last.epoch, why=f"the epoch after {AROUND} {why}")
        if kind in QUIET_KINDS:
            w.equal("SEC-008", slice_, session.slice(kind), why=f"{kind} after {AROUND} {why}")


@case("SEC-008", needs=takes("create", "edit_start"), slow=True)
async def sessions_expire(w: World) -> None:
    """A session that expires, and with it an edit, leaves the user's other sessions as they are."""
    user = w.user()
    watching = await open_articles(w, user, events=True)
    draft = await create_article(watching)
    short = {"heartbeat_ms": 200, "resume_window_ms": 1_000}
    silent = await open_articles(w, user, timers=short)
    await start_edit(silent, draft)
    silent.leave_open = True
    before = await watching.fence()
    window_ms = silent.timers.get("resume_window_ms", 1_000)

    def edit_is_over() -> bool | None:
        editors = watching.slice(KIND).get("editors") or []
        return all(e.get("article_id") != draft for e in editors) or None

    over = await watching.wait(edit_is_over, w.run.clock.within(window_ms + 4_000))
    w.require(over is not None, "the edit of a silent session did not end")
    after = await watching.fence()
    w.equal("SEC-008", before.epoch, after.epoch, why="the epoch after another session expired")
    extra = [
        r
        for r in watching.after(before)
        if (r.body or {}).get("reason") in ("open", "sync", "takeover")
    ]
    w.check("SEC-008", not extra, expected="no states as if asked for", seen=len(extra), on=extra)
    done = await change(w, watching)
    shown = done.shows(await view(watching))
    w.check("SEC-008", shown, expected="a session that goes on", seen=shown, on=done.ack)
