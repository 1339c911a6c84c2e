"""What comes of an action of the kinds `chat`, `url` and `user`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.server.generation.outcome import ACK, Forecast, refused
from omnisession_conformance.roles.server.generation.world import (
    HUGE,
    ODD,
    Hole,
    MessageM,
    TypingM,
    UrlM,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.generation.outcome import Sent, Told
    from omnisession_conformance.roles.server.generation.world import SessionM, World

LONGEST_TTL_MS, SHORTEST_TTL_MS = 6_000, 200
LATE_S = 2.5
"""How long after its time a server, and the kit, may take to tell that typing has ended."""
_SIZE = "a member is above its limit"
_FINE = "nothing is wrong with it"


def _qualities(sent: Sent) -> set[str]:
    return {value.quality for value in sent.given.values()}


# -- chat ------------------------------------------------------------------------------------------


def of_chat(world: World, session: SessionM, sent: Sent) -> Forecast:
    """What comes of an action of the chat."""
    if sent.type == "chat.typing":
        active = sent.given["active"].value is True
        requirement = "CHAT-008" if active else "CHAT-010"
        return Forecast(ACK, requirement, "everybody may say that it types", effect=_typing)
    rules = (4220,) if ODD in _qualities(sent) else ()
    if sent.type == "chat.send":
        # Who may send is the server's policy.
        if HUGE in _qualities(sent):
            return refused(4130, "LIMIT-003", _SIZE, 4030)
        requirement = "CHAT-002" if sent.shared else "CHAT-001"
        return Forecast(ACK, requirement, _FINE, rules, _send)
    # A message that the chat has let go exists or not, as the server likes.
    gone = (4040,) if sent.on in world.messages and world.may_be_cut(sent.on) else ()
    return _of_message(session, sent, world.messages.get(sent.on), rules, gone)


def _of_message(
    session: SessionM,
    sent: Sent,
    message: MessageM | None,
    rules: tuple[int, ...],
    gone: tuple[int, ...],
) -> Forecast:
    if message is None or message.deleted:
        why = "there is no such message" if message is None else "the message was deleted"
        return refused(4040, "CHAT-006", why)
    if message.user != session.user:
        return refused(4030, "CHAT-006", "it is the message of another user", *gone)
    if sent.type == "chat.delete":
        return Forecast(ACK, "CHAT-007", "authors may delete their messages", gone, _unsay)
    if HUGE in _qualities(sent):
        return refused(4130, "LIMIT-003", _SIZE, *gone)
    also = (*rules, *gone)
    return Forecast(ACK, "CHAT-005", "authors may edit their messages", also, _edit)


def _send(world: World, sent: Sent, told: Told) -> None:
    id_ = told.result.get("message_id")
    user = world.sessions[sent.session].user
    world.sends += 1
    if isinstance(id_, str):
        world.ids[sent.name] = id_
        world.messages[sent.name] = MessageM(sent.name, user, sent.given["content"].value)
    if (typing := world.typing.get(user)) is not None:
        world.typing[user] = replace(typing, maybe=world.sends)


def _edit(world: World, sent: Sent, _: Told) -> None:
    before = world.messages[sent.on]
    content = sent.given["content"].value
    world.messages[sent.on] = replace(before, content=content, edited=before.edited + 1)


def _unsay(world: World, sent: Sent, _: Told) -> None:
    world.messages[sent.on] = replace(world.messages[sent.on], deleted=True)


def _typing(world: World, sent: Sent, told: Told) -> None:
    user = world.sessions[sent.session].user
    if sent.given["active"].value is not True or not world.chats(user):
        world.typing.pop(user, None)
        return
    given = sent.given.get("ttl_ms")
    ttl_ms = LONGEST_TTL_MS if given is None else int(given.value)
    ttl_s = min(max(ttl_ms, SHORTEST_TTL_MS), LONGEST_TTL_MS) / 1_000
    world.typing[user] = TypingM(sent.at_s + ttl_s, told.at_s + ttl_s + LATE_S)


# -- url -------------------------------------------------------------------------------------------


def of_urls(world: World, session: SessionM, sent: Sent) -> Forecast:
    """What comes of an action of short urls."""
    if sent.type == "url.create":
        return _checked(world, sent, Forecast(ACK, "URL-001", _FINE, effect=_create))
    url = world.urls.get(sent.on)
    if url is None or url.user != session.user:
        why = "there is no such url" if url is None else "it is the url of another user"
        return refused(4040, "URL-004", why)
    if url.deleted:
        return refused(4040, "URL-006", "the url was deleted")
    if sent.type == "url.delete":
        return Forecast(ACK, "URL-006", "creators may delete their urls", effect=_remove)
    return _checked(
        world, sent, Forecast(ACK, "URL-006", "creators may change their urls", effect=_change)
    )


def _checked(world: World, sent: Sent, taken: Forecast) -> Forecast:
    """The rules of codes and addresses, then the sizes."""
    code = sent.given.get("short_code")
    holder = None if code is None else _holder(world, code.value)
    if holder is not None and holder != sent.on:
        if not world.urls[holder].deleted:
            return refused(4220, "URL-002", "another url has the code")
        # Whether it can be used again is the server's choice.
        taken = replace(taken, also=(*taken.also, 4220))
    if code is not None and any(
        code.value in _codes_before(world, url)
        for url in world.urls.values()
        if url.label != sent.on
    ):
        # A server may give each code once.
        taken = replace(taken, also=(*taken.also, 4220))
    if ODD in _qualities(sent):
        taken = replace(taken, also=(*taken.also, 4220))
    if HUGE in _qualities(sent):
        return refused(4130, "LIMIT-003", _SIZE, *taken.also)
    return taken


def _holder(world: World, code: str) -> str | None:
    """The url that has a code; one that is deleted only where no other has it."""
    found = None
    for label, url in world.urls.items():
        theirs = world.known.get(url.code.key) if isinstance(url.code, Hole) else url.code
        if theirs == code:
            if not url.deleted:
                return label
            found = label
    return found


def _codes_before(world: World, url: UrlM) -> list[Any]:
    """The codes that a url had before the one that it has."""
    return [world.known.get(one.key) if isinstance(one, Hole) else one for one in url.had]


def _create(world: World, sent: Sent, told: Told) -> None:
    id_ = told.result.get("url_id")
    if not isinstance(id_, str):
        return
    code = sent.given.get("short_code")
    world.ids[sent.name] = id_
    world.urls[sent.name] = UrlM(
        sent.name,
        world.sessions[sent.session].user,
        sent.given["target_url"].value,
        Hole((sent.name, "code")) if code is None else code.value,
    )


def _change(world: World, sent: Sent, _: Told) -> None:
    url = world.urls[sent.on]
    given = {name: value.value for name, value in sent.given.items()}
    world.urls[sent.on] = replace(
        url,
        target=given.get("target_url", url.target),
        code=given.get("short_code", url.code),
        had=(*url.had, url.code) if "short_code" in given else url.had,
        active=given.get("is_active", url.active),
        updates=url.updates + 1,
    )


def _remove(world: World, sent: Sent, _: Told) -> None:
    world.urls[sent.on] = replace(world.urls[sent.on], deleted=True)


# -- user ------------------------------------------------------------------------------------------


def of_user(world: World, session: SessionM, sent: Sent) -> Forecast:
    """What comes of an update of the acting user."""
    user = world.users[session.user]
    missing = () if user.none is False else (4040,)
    rules = (4220,) if ODD in _qualities(sent) else ()
    if HUGE in _qualities(sent):
        return refused(4130, "LIMIT-003", _SIZE, *missing, *rules)
    if user.none:
        return refused(4040, "USER-004", "the server has no such user")
    return Forecast(ACK, "USER-004", _FINE, (*missing, *rules), _rename)


def _rename(world: World, sent: Sent, _: Told) -> None:
    number = world.sessions[sent.session].user
    user = world.users[number]
    given = {name: value.value for name, value in sent.given.items()}
    world.users[number] = replace(
        user,
        username=given.get("username", user.username),
        email=given.get("email", user.email),
        none=False,
    )
