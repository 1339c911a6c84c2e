"""Subscriptions and connections."""

from typing import Any

from nats.aio.client import Client

from omnisession_client_faults import links
from omnisession_client_faults.faults import fault
from omnisession_client_faults.links import Several
from omnisession_client_faults.places import Replacement, replacing

CONNECT = "link.Reader.connect"


@fault("subscribes-to-each-part", breaks="CLI-001", replaces="link.Link._listen")
async def each_part(original: Any, link: Any, subject: str, take: Any) -> Any:
    """A client has a subscription for each of the three subjects of its session."""
    return await links.each_part(original, link, subject, take)


@fault("subscribes-to-pushes-twice", breaks="CLI-001", replaces="link.Link._listen")
async def pushes_twice(original: Any, link: Any, subject: str, take: Any) -> Any:
    """A client has a subscription for pushes beside that for the whole session."""
    if not links.is_session(subject):
        return await original(link, subject, take)
    pushes = f"{subject.removesuffix('*')}control"
    return Several(await original(link, subject, take), await original(link, pushes, take))


@fault("hears-all-sessions-of-its-user", breaks="CLI-001", replaces="link.Link._listen")
async def all_sessions(original: Any, link: Any, subject: str, take: Any) -> Any:
    """A client subscribes to all sessions of its user, and drops what is not its own."""
    if links.is_session(subject):
        subject = f"{'.'.join(subject.split('.')[:2])}.*.*"
    return await original(link, subject, take)


@replacing("link.Link._answered")
async def _then_subscribes(original: Any, link: Any, message: Any) -> None:
    late = getattr(link, "late", None)
    if late is not None and message.data:
        link.late, link._subscription = None, await link._listen(*late)
    await original(link, message)


@fault("subscribes-when-opened", _then_subscribes, breaks="CLI-002", replaces="link.Link.subscribe")
async def when_opened(_original: Any, link: Any, subject: str, take: Any) -> None:
    """A client subscribes to its session when the open is answered."""
    link.late = (subject, take)
    await _without(link)


@fault(
    "subscribes-late-after-a-cut",
    _then_subscribes,
    breaks="CLI-002",
    replaces="shell.Shell.on_lost",
)
def late_after_a_cut(original: Any, shell: Any) -> None:
    """On a new connection a client subscribes when its recovery is answered."""
    link = shell._link
    links.let_go(link)
    link.late = link._wanted
    original(shell)


_closes_both = Replacement("link.Link.close", links.close_both)


@fault(
    "subscribes-on-another-connection",
    _closes_both,
    breaks="CLI-002",
    replaces="link.Link._listen",
)
async def another_connection(original: Any, link: Any, subject: str, take: Any) -> Any:
    """A client subscribes on one connection and asks on another, without a round trip between."""
    if not links.is_session(subject):
        return await original(link, subject, take)
    return await links.subscribe(await links.second(link), subject, take)


@replacing("link.Link.send")
async def _then_listens(
    original: Any, link: Any, subject: str, body: bytes, token: str | None = None
) -> None:
    await original(link, subject, body, token)
    wanted, link.postponed = getattr(link, "postponed", None), None
    if wanted is not None:
        link._subscription = await link._listen(*wanted)


@fault("asks-before-it-subscribes", _then_listens, breaks="CLI-002", replaces="link.Link.subscribe")
async def asks_first(_original: Any, link: Any, subject: str, take: Any) -> None:
    """A client subscribes to its session directly behind its open, not before it."""
    link.postponed = (subject, take)
    await _without(link)


async def _without(link: Any) -> None:
    """Go on without the subscription of before, and without a new one."""
    async with link._turn:
        before, link._subscription = link._subscription, None
        if before is not None:
            await before.unsubscribe()
    if link._client.is_connected:
        link._owner.on_connected(link._client.max_payload)


@fault("stays-away", breaks="CLI-016", replaces="shell.Shell.on_lost")
def stays_away(original: Any, shell: Any) -> None:
    """A connection that is lost does not come back."""
    _end(shell._link)
    original(shell)


def _end(link: Any) -> None:
    """Let a link make no further connection: to the library it is closed."""
    link._client._status = Client.CLOSED


@fault("stays-away-after-two-cuts", breaks="CLI-016", replaces="shell.Shell.on_lost")
def after_two(original: Any, shell: Any) -> None:
    """The second connection that is lost does not come back."""
    shell.cuts = getattr(shell, "cuts", 0) + 1
    if shell.cuts > 1:
        _end(shell._link)
    original(shell)


@fault("does-not-subscribe-again", breaks="CLI-016", replaces="shell.Shell.on_lost")
def not_again(original: Any, shell: Any) -> None:
    """On a new connection a client recovers, and does not subscribe to its session."""
    links.let_go(shell._link)
    original(shell)


@fault("hears-itself", breaks="CLI-023", replaces=CONNECT)
async def hears_itself(original: Any, client: Any, *arguments: Any, **options: Any) -> None:
    """A client connects with echo on."""
    await original(client, *arguments, **{**options, "no_echo": False})


@fault("hangs-when-nobody-is-there", breaks="CLI-028", replaces="shell.Shell.on_answer")
def hangs(original: Any, shell: Any, token: str, data: bytes | None) -> None:
    """That nobody is there to answer is taken for an answer, and waited for no longer."""
    if data is not None or not token.isdigit():
        original(shell, token, data)
    elif (handle := shell._answers.pop(int(token), None)) is not None:
        handle.cancel()
