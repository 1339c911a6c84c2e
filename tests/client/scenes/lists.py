"""Scenes of lists that are long, and those of the vectors."""

from __future__ import annotations

from tests.client.bench import LIMITS, Body, message
from tests.client.scenes.stage import Play, Scene, scene
from tests.reducers import Vector, vectors


@scene
def long_lists(stage: Scene) -> None:
    limits = LIMITS | dict.fromkeys(
        ("articles", "revisions", "editors", "urls", "chat_messages", "participants"), 3
    )
    bench = stage.bench("articles", "chat", "url", "user")
    bench.begin()
    bench.ready()
    bench.opens(limits=limits)
    current: Body = {"id": "a-0", "published_at": 5, "content": "x"}
    empty: Body = {"current_article": current, "articles": [current]}
    for seq, kind in enumerate(bench.state.config.kinds, 1):
        bench.hears("state", bench.shown(seq, type=kind, **(empty if kind == "articles" else {})))
    for number in range(5):
        for name in ("b", "B", "\uff5e", "😀"):
            for type_, data in events(f"{name}-{number}", number):
                seq = bench.state.place.seq + 1 if bench.state.place else 0
                bench.hears("events", bench.event(seq, type_, **data))


def events(name: str, number: int) -> list[tuple[str, Body]]:
    article: Body = {"id": name, "published_at": number or None, "content": "text"}
    edit = {"article_id": name, "user_id": "bob"}
    revision = {"article_id": "a-0", "revision": number}
    return [
        ("article.created", {"article": article}),
        ("article.updated", {"article": article | {"published_at": 9 - number}}),
        ("article.updated", {"article": {"id": "a-0", "published_at": None, "content": name}}),
        ("article.edit_started", edit),
        ("article.edit_started", edit | {"user_id": "al"}),
        ("article.edit_ended", edit),
        ("article.revision_added", {"revision": revision}),
        ("article.revision_added", {"revision": revision | {"article_id": "z"}}),
        ("url.created", {"url": {"id": name, "created_at": number % 2}}),
        ("chat.participant_joined", {"user": {"id": name}}),
        ("chat.typing_changed", {"user_id": name, "active": True}),
        ("chat.message_added", {"message": message(number) | {"id": name}}),
        ("chat.message_edited", {"message": message(number) | {"id": "b-1", "content": None}}),
        ("chat.message_edited", {"message": message(number) | {"id": "none"}}),
        ("chat.participant_left", {"user_id": f"b-{number - 1}"}),
        ("user.permissions_changed", {"permissions": [name]}),
        ("url.deleted", {"url_id": f"B-{number - 1}"}),
        ("article.deleted", {"article_id": "b" if number < 4 else "a-0"}),
    ]


def of_vector(vector: Vector) -> Play:
    def play(stage: Scene) -> None:
        bench = stage.bench(vector.kind)
        bench.begin()
        bench.ready()
        bench.opens(limits=vector.limits)
        bench.hears("state", bench.shown(1, **vector.slice))
        for seq, step in enumerate(vector.steps, 2):
            if step.type == "session.state":
                data = {"reason": "change", "data": step.data}
                bench.hears("state", bench.shown(seq) | data)
            else:
                bench.hears("events", bench.event(seq, step.type, **step.data))

    play.__name__ = vector.name
    return play


for _vector in vectors("client"):
    scene(of_vector(_vector))
