"""What comes of an action of the kind `articles`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.outcome import ACK, Forecast, refused
from omnisession_conformance.roles.server.generation.world import (
    HUGE,
    ODD,
    ArticleM,
    EditM,
    Hole,
    Revision,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.generation.outcome import Sent, Told
    from omnisession_conformance.roles.server.generation.world import SessionM, World

TEXTS = ("title", "slug", "subtitle", "leading", "content")
MADE_OF = (*TEXTS, "tags")
"""The members that an author decides on."""
_PLAIN = {
    "article.update": "ART-002",
    "article.publish": "ART-005",
    "article.delete": "ART-013",
    "article.select": "ART-011",
    "article.edit_start": "EDIT-002",
    "article.edit_end": "EDIT-004",
}


def forecast(world: World, session: SessionM, sent: Sent) -> Forecast:
    """What comes of an action under the next number, with an id that is new and a valid body."""
    if sent.type == "article.create":
        return _create(world, session, sent)
    if sent.type == "article.select" and sent.on == s.NOTHING:
        return Forecast(ACK, "ART-011", "a selection of null is taken", effect=_select)
    article = world.articles.get(sent.on)
    if article is None or not world.reads(session, article):
        return _unreadable(article)
    if sent.type != "article.select":
        may = _may_write(world, session, article)
        if may is False:
            why = "it may be read and not be written by this user"
            return refused(4030, "ART-009", why)
        also = () if may else (4030,)
    else:
        also = ()
    if sent.expect is not None and sent.expect[1] != article.revisions[-1].place:
        why = "the article has another revision than was expected"
        return refused(4090, "ART-007", why, *also)
    return _taken(world, sent, also)


def _unreadable(article: ArticleM | None) -> Forecast:
    if article is None:
        return refused(4040, "ART-008", "there is no such article")
    if article.deleted:
        return refused(4040, "ART-013", "the article was deleted")
    return refused(4040, "ART-008", "it is a draft that this user may not read")


def _may_write(world: World, session: SessionM, article: ArticleM) -> bool | None:
    """Whether a user may write an article that it reads; None where the server's policy says."""
    if session.power:
        return True
    role = world.users[session.user].role
    if article.owner == session.user:
        return True if role != "reader" else None
    return False if role == "reader" else None


def _create(world: World, session: SessionM, sent: Sent) -> Forecast:
    qualities = {value.quality for value in sent.given.values()}
    role = world.users[session.user].role
    # Who may create, and what authors may write, is the server's policy; its rules come before sizes.
    also = (4030,) if role != "author" else ()
    also = (*also, 4220) if ODD in qualities or _has_slug_of_another(world, sent) else also
    if HUGE in qualities:
        return refused(4130, "LIMIT-003", "a member is above its limit", *also)
    return Forecast(ACK, "ART-001", "an article may be created", also, _created)


def _has_slug_of_another(world: World, sent: Sent) -> bool:
    """Whether another article has the slug that is given, or had it: a server may want each once."""
    slug = sent.given.get("slug")
    others = (a for label, a in world.articles.items() if label != sent.on)
    return slug is not None and any(slug.value == a.values.get("slug") for a in others)


def _created(world: World, sent: Sent, told: Told) -> None:
    id_ = told.result.get("article_id")
    if not isinstance(id_, str):
        return
    user = world.sessions[sent.session].user
    values: dict[str, Any] = dict.fromkeys(TEXTS, "") | {"tags": []}
    values["slug"] = Hole((sent.name, "slug"))
    values |= {name: sent.given[name].value for name in MADE_OF if name in sent.given}
    if values["slug"] == "":
        values["slug"] = Hole((sent.name, "slug"))
    world.ids[sent.name] = id_
    world.articles[sent.name] = ArticleM(
        sent.name, user, values, (Revision(1, user, values["title"]),)
    )


def _taken(world: World, sent: Sent, also: tuple[int, ...]) -> Forecast:
    requirement = _PLAIN[sent.type]
    qualities = {value.quality for value in sent.given.values()}
    if ODD in qualities or _has_slug_of_another(world, sent):
        also = (*also, 4220)
    if HUGE in qualities:
        return refused(4130, "LIMIT-003", "a member is above its limit", *also)
    session = world.sessions[sent.session]
    if session.power and world.articles[sent.on].owner != session.user:
        requirement = "ART-010"
    if sent.expect is not None:
        requirement = "ART-007"
    if sent.type == "article.edit_start":
        # A second start changes nothing, and that is another sentence.
        user = world.sessions[sent.session].user
        if (sent.on, user) in world.edits:
            requirement = "EDIT-003"
        elif sent.shared:
            requirement = "EDIT-001"
    if sent.type == "article.edit_end" and not _holds(world, sent):
        requirement = "EDIT-003"
    because = "the user may do it, and nothing is wrong with it"
    return Forecast(ACK, requirement, because, also, _EFFECTS[sent.type])


def _holds(world: World, sent: Sent) -> bool:
    edit = world.edits.get((sent.on, world.sessions[sent.session].user))
    return edit is not None and sent.session in edit.holders


def _revised(article: ArticleM, user: int) -> ArticleM:
    place = article.revisions[-1].place + 1
    return replace(
        article, revisions=(*article.revisions, Revision(place, user, article.values["title"]))
    )


def _update(world: World, sent: Sent, _: Told) -> None:
    article = world.articles[sent.on]
    changes = {name: sent.given[name].value for name in MADE_OF if name in sent.given}
    if changes.get("slug") == "":
        # Whether an empty one is kept, or the server gives one, no sentence says.
        changes["slug"] = Hole((sent.name, "slug"))
    after = replace(article, values={**article.values, **changes})
    if article.published is not None:
        # Whether it counts as an update that says what was there is for the server to say.
        told = any(article.values.get(name) != value for name, value in changes.items())
        after = replace(
            after, hinted=after.hinted + told, maybe_hinted=after.maybe_hinted + (not told)
        )
    world.articles[sent.on] = _revised(after, world.sessions[sent.session].user)


def _publish(world: World, sent: Sent, _: Told) -> None:
    article = world.articles[sent.on]
    if article.published is None:
        published = Hole((sent.on, "published_at"), "time")
        after = replace(article, published=published, maybe_hinted=article.maybe_hinted + 1)
        world.articles[sent.on] = _revised(after, world.sessions[sent.session].user)


def _delete(world: World, sent: Sent, _: Told) -> None:
    article = world.articles[sent.on]
    hinted = article.hinted + (article.published is not None)
    world.articles[sent.on] = replace(article, deleted=True, hinted=hinted)
    for key in [key for key in world.edits if key[0] == sent.on]:
        del world.edits[key]
    for name, session in list(world.sessions.items()):
        if session.selected == sent.on:
            world.sessions[name] = replace(session, selected="")


def _select(world: World, sent: Sent, _: Told) -> None:
    session = world.sessions[sent.session]
    if "articles" in session.kinds:
        world.sessions[sent.session] = replace(session, selected=sent.on)


def _start(world: World, sent: Sent, _: Told) -> None:
    key = (sent.on, world.sessions[sent.session].user)
    edit = world.edits.get(key)
    if edit is None:
        world.edits_begun += 1
        world.edits[key] = EditM(frozenset({sent.session}), world.edits_begun)
    else:
        world.edits[key] = replace(edit, holders=edit.holders | {sent.session})


def _end(world: World, sent: Sent, _: Told) -> None:
    if _holds(world, sent):
        world.let_go((sent.on, world.sessions[sent.session].user), sent.session)


_EFFECTS = {
    "article.update": _update,
    "article.publish": _publish,
    "article.delete": _delete,
    "article.select": _select,
    "article.edit_start": _start,
    "article.edit_end": _end,
}
