"""ENV: what bodies look like where there is nothing to tell, and what a receiver has to overlook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from omnisession_conformance.case import case
from omnisession_conformance.model.slices import empty_slice
from omnisession_conformance.suite.changes import (
    CHANGES,
    as_object,
    change,
    create_article,
    created_id,
    current,
    entry,
    find,
    open_articles,
    slice_of,
    start_edit,
    takes,
    unique,
    view,
)
from omnisession_conformance.suite.control_helpers import (
    CLOSE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    answered,
)
from omnisession_conformance.suite.heartbeats import BEATS
from omnisession_conformance.suite.sending import EDIT_SUBJECT, NOOP, UNKNOWN, edit_body

if TYPE_CHECKING:
    from omnisession_conformance.answer import Answer
    from omnisession_conformance.record import Record
    from omnisession_conformance.suite.changes import Entry
    from omnisession_conformance.world import World

OPENED_LISTS = ("kinds", "features", "profiles", "actions")
NULLABLE = {"articles": ("current_article",), "user": ("user",)}
"""By kind the members of its state that are null where there is nothing."""
END_TOLD_MS = 2_000
"""Within this time after the end of a session its changes are told in others."""
EXTRA: dict[str, Any] = {
    "x_unknown": {"deep": [{"deeper": None}, [], {}]},
    "x_null": None,
    "x_text": "\u00e9 <&> \U0001f600",
    "xCamel": [1, "two", True],
    "ext": {"x-acme": {"shard": 3}},
    "__proto__": {"type": "session.close"},
}
"""Members that no version of the protocol names."""


# -- nothing to tell -------------------------------------------------------------------------------------


@case("ENV-005", "ENV-006")
async def nothing_is_an_empty_list_or_null(w: World) -> None:
    """A session in which nothing is selected is told lists, be they empty, and null for none."""
    session = await w.open(w.user(), kinds=w.declared.kinds)
    syncing = await session.sync()
    head = await session.fence()
    resumed = await session.resume(head.epoch, head.seq)
    lists = [(session.opened, name) for name in OPENED_LISTS]
    for answer, name in (*lists, (syncing, "kinds"), (resumed, "messages")):
        if answer is not None:
            _list(w, answer.record, answer.data, name)
    for state in session.states():
        kind = str(state.payload.get("type"))
        members = empty_slice(kind) if kind in w.declared.kinds else {}
        for name, empty in members.items():
            if isinstance(empty, list):
                _list(w, state, state.payload, name)
        for name in NULLABLE.get(kind, ()):
            _there(w, state, state.payload, name)
    if session.opened is not None:
        _there(w, session.opened.record, session.opened.data, "expires_at")


def _list(w: World, record: Record, data: dict[str, Any], name: str, at: str = "/data") -> None:
    seen, pointer = data.get(name, "no member"), f"{at}/{name}"
    good = isinstance(seen, list)
    w.check("ENV-005", good, expected="an array", seen=seen, on=record, pointer=pointer)


def _there(w: World, record: Record, data: dict[str, Any], name: str, at: str = "/data") -> None:
    seen = "present" if name in data else "no member"
    expected, pointer = "present, with null for none", f"{at}/{name}"
    w.check("ENV-006", name in data, expected=expected, seen=seen, on=record, pointer=pointer)


def _null(w: World, record: Record, data: dict[str, Any], name: str, at: str = "/data") -> None:
    seen, pointer = data.get(name, "no member"), f"{at}/{name}"
    w.equal("ENV-006", None, seen, on=record, pointer=pointer)


@case("ENV-005", "ENV-006", needs=takes("create"))
async def draft_with_a_title_only(w: World) -> None:
    """A draft of which only the title is given has a list of tags and null for its publication."""
    user = w.user()
    sessions = [await open_articles(w, user, events=events) for events in (False, True)]
    article_id = await create_article(sessions[0])
    await w.fences(*sessions)
    told = [
        (record, article, at)
        for session in sessions
        for record in session.stream
        for article, at in _articles(record)
        if article.get("id") == article_id
    ]
    w.require(bool(told), "an article that was created is told nowhere")
    for record, article, at in told:
        _list(w, record, article, "tags", at)
        _null(w, record, article, "published_at", at)
    for state in sessions[0].states():
        _null(w, state, state.payload, "current_article")


def _articles(record: Record) -> list[tuple[Entry, str]]:
    """The articles in a state or event, each with its JSON pointer."""
    if record.address.family == "state":
        entries: list[Entry] = slice_of(record).get("articles") or []
        return [(entry, f"/data/articles/{index}") for index, entry in enumerate(entries)]
    return [(as_object(record.payload.get("article")), "/data/article")]


@case("ENV-006", needs=("events", *takes("create", "edit_start")))
async def event_of_no_action_has_null_for_it(w: World) -> None:
    """The event of an edit that ends with its session has actor and cause, and both are null."""
    user = w.user()
    editing, watching = [await open_articles(w, user, events=events) for events in (False, True)]
    article_id = await create_article(editing)
    await start_edit(editing, article_id)
    await editing.close()
    editing.leave_open = True

    def ended() -> Record | None:
        found = watching.events("article.edit_ended")
        return next((r for r in found if r.payload.get("article_id") == article_id), None)

    event = await watching.wait(ended, w.run.clock.within(END_TOLD_MS))
    w.require(event is not None, "the end of an edit with its session was not told by an event")
    if event is not None and event.body is not None:
        for name in ("actor", "cause"):
            _null(w, event, event.body, name, "")


# -- unknown members -------------------------------------------------------------------------------------


def padded(value: Any) -> Any:
    """A JSON value with unknown members in every object of it."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {**EXTRA, **{name: padded(member) for name, member in members.items()}}
    return value


@case("ENV-007")
async def unknown_members_of_requests_are_ignored(w: World) -> None:
    """Requests and actions with members that nobody knows are answered as those without."""
    user = w.user()
    plain, session = await w.open(user, timers=BEATS), w.session(user)
    head = await plain.fence()
    requests: tuple[tuple[str, dict[str, Any], str], ...] = (
        (OPEN, session.open_data(timers=BEATS), "session.opened"),
        (SYNC, {"kinds": list(plain.kinds)}, "session.syncing"),
        (RESUME, {"epoch": head.epoch, "seq": 0}, "session.resumed"),
        (PING, {}, "session.pong"),
    )
    for type_, data, wanted in requests:
        body = padded(session.request_body(type_, data))
        answer = await (await session.send(type_, body=body)).answer()
        if (
            not answered(w, "ENV-007", answer, wanted, f"{type_} with unknown members")
            or not answer
        ):
            return
        session.opened = session.opened or answer
    for name in ("kinds", "features", "timers"):
        wanted_, seen = (s.opened.data.get(name) if s.opened else None for s in (plain, session))
        w.equal("ENV-007", wanted_, seen, on=session.opened, pointer=f"/data/{name}")
    for what, body, subject in (
        ("an action", session.action_body(NOOP), None),
        ("an action of an unknown type", session.action_body(UNKNOWN), None),
        ("a shared action", edit_body(session, "none"), EDIT_SUBJECT),
    ):
        same = {**body, "session_id": plain.id, "action_id": unique(w, "act")}
        known = await (await plain.send_action(same, subject=subject)).must()
        outcome = await (await session.send_action(padded(body), subject=subject)).outcome()
        _alike(w, known, outcome, f"{what} with unknown members")
    body = padded(session.request_body(CLOSE))
    answer = await (await session.send(CLOSE, body=body)).answer()
    answered(w, "ENV-007", answer, "session.closed", f"{CLOSE} with unknown members")


def _alike(w: World, known: Answer, outcome: Answer | None, why: str) -> None:
    """Observe that an action has the outcome of one without unknown members."""
    if answered(w, "ENV-007", outcome, known.type, why) and outcome is not None:
        w.equal(
            "ENV-007", known.code, outcome.code, on=(outcome, known), why=f"error code of {why}"
        )


@case("ENV-007", needs=takes("create", "update", "select"))
async def unknown_members_of_articles_are_ignored(w: World) -> None:
    """Actions on articles with unknown members at every level do what they do without."""
    session = await open_articles(w, w.user())
    titles = [unique(w, "title") for _ in range(2)]
    create = session.action_body("article.create", {"title": titles[0], "tags": ["a"]})
    made = await (await session.send_action(padded(create))).outcome()
    if not w.acked("ENV-007", made, why="article.create with unknown members") or made is None:
        return
    article_id = created_id(made)
    shown = await entry(session, article_id) or {}
    w.equal("ENV-007", titles[0], shown.get("title"), why="the title shown after it")
    changes = {"article_id": article_id, "changes": {"title": titles[1]}}
    expect = {"revision": shown.get("revision")}
    for type_, data in (
        ("article.update", changes),
        ("article.select", {"article_id": article_id}),
    ):
        held = expect if type_ == "article.update" else None
        body = padded(session.action_body(type_, data, expect=held))
        outcome = await (await session.send_action(body)).outcome()
        w.acked("ENV-007", outcome, why=f"{type_} with unknown members")
    slice_ = await view(session)
    for article, where in (
        (find(slice_, article_id) or {}, "list"),
        (current(slice_), "selection"),
    ):
        seen = article.get("title")
        w.equal("ENV-007", titles[1], seen, why=f"the title in the {where} after both")


# -- ids -------------------------------------------------------------------------------------------------


@case("ENV-008", needs=CHANGES)
async def bodies_name_the_session_that_is_told(w: World) -> None:
    """What one session's action brings to another session of its user names that other one."""
    user = w.user()
    sessions = [
        await w.open(user, features=features, timers={"coalesce_ms": 0})
        for features in ([], ["events"], [])
    ]
    for acting in sessions[:2]:
        await change(w, acting)
    await w.fences(*sessions)
    for session in sessions:
        w.require(len(session.stream) > 1, "a session was told nothing of the changes")
        for record in (*session.stream, *session.pushes):
            seen = {name: (record.body or {}).get(name) for name in ("user_id", "session_id")}
            wanted = {"user_id": user.id, "session_id": session.id}
            w.equal("ENV-008", wanted, seen, on=record, why=f"{record.type} on {record.subject}")
