"""Scenes of what is shown while something is pending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.client.bench import LIMITS, USER, Body, message
from tests.client.scenes.keeping import back, begun, caused, does, nacked, opens
from tests.client.scenes.stage import scene

if TYPE_CHECKING:
    from tests.client.scenes.stage import Scene, Watched

KINDS = ("articles", "chat", "url", "user")
ALL_CHANGES: Body = {
    "title": "t",
    "content": "c",
    "tags": [],
    "slug": "",
    "revision": 9,
    "author_id": "eve",
    "weight": 1,
}


def article(name: str, **more: Any) -> Body:
    texts = dict.fromkeys(("title", "slug", "subtitle", "leading"), "old")
    told = {"id": name, "revision": 3, "author_id": USER, "published_at": 5, "tags": ["x"]}
    return {**told, **texts, "content": None, **more}


def url(name: str, at: int) -> Body:
    told = {"id": name, "short_code": name, "target_url": "u", "created_by": "bob"}
    return {**told, "created_at": at, "updated_at": at, "access_count": 3, "is_active": True}


def slices() -> dict[str, Body]:
    current = article("a-1", content="long")
    me: Body = {"id": USER, "username": "zoe", "email": "z@x.org"}
    shown: Body = {
        "articles": [article("a-1"), article("a-2", published_at=4), article("a-3")],
        "current_article": current,
        "revisions": [{"article_id": "a-1", "revision": 3}],
        "editors": [{"article_id": "a-1", "user_id": "bob"}],
    }
    chat: Body = {
        "messages": [message(2), message(1)],
        "participants": [me],
        "typing_indicators": [USER],
    }
    return {
        "articles": shown,
        "chat": chat,
        "url": {"urls": [url("go", 5), url("l-2", 3)]},
        "user": {"user": me, "permissions": [], "sessions": []},
    }


def doings() -> list[tuple[str, Body]]:
    """Actions whose rules show something, and others."""
    emptied: Body = {"target_url": "v", "is_active": False, "access_count": 9}
    named: Body = {"username": "zoë", "email": "", "password": "secret"}
    return [
        ("article.update", {"article_id": "a-1", "changes": ALL_CHANGES}),
        ("article.update", {"article_id": "a-2", "changes": {"tags": ["y"], "title": "u"}}),
        ("article.update", {"article_id": "a-9", "changes": {"title": "u"}}),
        ("article.create", {"title": "new", "content": "body"}),
        ("article.create", {"title": "newer", "tags": ["z"]}),
        ("article.select", {"article_id": "a-2"}),
        ("article.delete", {"article_id": "a-2"}),
        ("article.select", {"article_id": None}),
        ("article.delete", {"article_id": "a-1"}),
        ("chat.send", {"content": "hello"}),
        ("chat.send", {"content": "there"}),
        ("chat.edit", {"message_id": "m-1", "content": "edited"}),
        ("chat.typing", {"active": False}),
        ("chat.delete", {"message_id": "m-2"}),
        ("url.create", {"target_url": "w", "short_code": "go"}),
        ("url.create", {"target_url": "w"}),
        ("url.update", {"url_id": "l-2", "changes": emptied}),
        ("url.delete", {"url_id": "go"}),
        ("user.update", {"changes": named}),
    ]


def seen(stage: Scene, **more: Any) -> Watched:
    return begun(stage, *KINDS, slices=slices(), **more)


@scene
def each_alone(stage: Scene) -> None:
    for number, (type_, data) in enumerate(doings()):
        bench = seen(stage)
        bench.dispatch(f"x{number}", type_, **data)
        nacked(bench, f"x{number}", 1, 4030)


@scene
def all_in_a_row(stage: Scene) -> None:
    bench = seen(stage)
    for number, (type_, data) in enumerate(doings(), 1):
        bench.dispatch(f"x{number}", type_, **data)
    back(bench, 4)
    for number, (type_, _) in enumerate(doings(), 1):
        bench.ack(f"x{number}", number, 40, status="duplicate" if number == 2 else "applied")
        if type_ == "chat.send":
            caused(bench, f"x{number}", bench.state.place.seq + 1 if bench.state.place else 0)


@scene
def lists_that_are_full(stage: Scene) -> None:
    limits = LIMITS | dict.fromkeys(("articles", "urls", "chat_messages"), 2)
    bench = seen(stage, limits=limits)
    for number, (type_, data) in enumerate(doings()):
        if type_.endswith((".create", ".send")):
            bench.dispatch(f"x{number}", type_, **data)


@scene
def before_opened(stage: Scene) -> None:
    bench = stage.bench(*KINDS, mode="optimistic")
    bench.begin()
    bench.ready()
    for number, (type_, data) in enumerate(doings()):
        bench.dispatch(f"x{number}", type_, **data)
    bench.opens()
    bench.hears("state", bench.shown(1, type="articles"))


@scene
def lost_from_the_list(stage: Scene) -> None:
    cut = slices()
    cut["articles"]["articles"] = []
    cut["user"]["user"] = None
    bench = begun(stage, *KINDS, slices=cut)
    does(bench, "x1")
    bench.dispatch("x2", "user.update", changes={"username": "zoë"})


@scene
def others_meanwhile(stage: Scene) -> None:
    bench = seen(stage)
    does(bench, "x1")
    does(bench, "x2")
    bench.dispatch("x3", "chat.send", content="hello")
    nacked(bench, "x3", 3, 5030, retryable=True)
    for seq, revision in enumerate((4, 5), 5):
        other: Body = {"article": article("a-1", revision=revision, title="theirs")}
        cause = {"action_id": "x1", "session_id": bench.state.session_id, "client_seq": 1}
        event = bench.event(seq, "article.updated", **other)
        bench.hears("events", event | {"cause": cause})
    nacked(bench, "x1", 1, 4090)
    nacked(bench, "x2", 2, 4090)
    bench.outcome("action.ack", "x3", 3, 6, status="applied", result={"message_id": "m-8"})
    bench.adds(7, 8, las=3)


@scene
def an_event_that_does_not_count(stage: Scene) -> None:
    bench = seen(stage)
    does(bench, "x1")
    cause = {"action_id": "x1", "session_id": bench.state.session_id, "client_seq": 1}
    for seq in (5, 6):
        theirs: Body = {"article": article("a-1", revision=seq, title="theirs")}
        bench.hears("events", bench.event(seq, "article.updated", **theirs) | {"cause": cause})


@scene
def about_the_same(stage: Scene) -> None:
    bench = seen(stage)
    bench.dispatch("x1", "article.update", article_id="a-1", changes={"title": "A"})
    bench.dispatch("x2", "article.update", article_id="a-1", changes={"slug": "B"})
    bench.dispatch("x3", "article.select", article_id=None)
    bench.dispatch("x4", "article.update", article_id="a-1", changes={"content": "C"})
    bench.dispatch("x5", "article.delete", article_id="a-1")
    bench.dispatch("x6", "article.create", title="D")
    bench.dispatch("x7", "article.delete", article_id="a-2")


@scene
def two_sessions_of_a_user(stage: Scene) -> None:
    one, two = seen(stage), seen(stage)
    two.rings("ping")
    two.refuses(4041)
    opens(two, slices=slices())
    one.dispatch("x1", "chat.send", content="hello")
    two.dispatch("x2", "chat.send", content="there")


@scene
def local_ids(stage: Scene) -> None:
    for is_nack in (False, True):
        bench = seen(stage)
        bench.dispatch("x1", "chat.send", content="hello")
        bench.dispatch("x2", "chat.edit", message_id="local:x1", content="there")
        bench.dispatch("y1", "article.create", title="hello")
        bench.dispatch("y2", "article.delete", article_id="local:y1")
        bench.lost()
        bench.dispatch("x3", "chat.edit", message_id="local:x1", content="over there")
        bench.ready()
        bench.resumed("current", 4)
        if is_nack:
            nacked(bench, "x1", 1, 4030)
        else:
            bench.outcome("action.ack", "x1", 1, 9, status="applied", result={"message_id": "m-8"})
        bench.dispatch("x4", "chat.edit", message_id="local:x1", content="here")
        bench.adds(5, 6, 7, 8, las=1)
        bench.dispatch("x5", "chat.edit", message_id="local:x1", content="nowhere")
