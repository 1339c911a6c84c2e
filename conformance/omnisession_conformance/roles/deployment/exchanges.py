"""Longer exchanges: requests that are answered, and attempts out of another account."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nats.errors import Error as NatsError

from omnisession_conformance.errors import BrokerError, first_line, sentence
from omnisession_conformance.roles.deployment.attempt import Verb
from omnisession_conformance.roles.deployment.trying import AGAIN_S, UnclearError
from omnisession_conformance.roles.deployment.watch import mark

if TYPE_CHECKING:
    from omnisession_conformance.roles.deployment.attempt import Attempt, Names
    from omnisession_conformance.roles.deployment.trying import Trier
    from omnisession_conformance.roles.deployment.watch import Line

ROUNDS = 40
"""Requests in a row: a stream acknowledges each when it has stored it, which takes a while."""

ACROSS_NODES = 10
"""So often it is tried again where another node has to hear of a subscription first: two seconds."""


async def ask(trier: Trier, names: Names, subject: str) -> list[str]:
    """Ask on a subject again and again as a client, and answer as the kit; the reply subjects.

    Raises UnclearError where a request or an answer does not come.
    """
    replies = [names(f"{{i}}.{{w}}.{mark().decode()}") for _ in range(ROUNDS)]
    await trier.may_hear(replies)
    try:
        async with trier.line(names.attacker) as line:
            await line.listen(names("{i}.>"))
            await line.flush(trier.patience_s)
            for reply in replies:
                await _asked(trier, line, subject, reply)
    except (NatsError, TimeoutError, OSError, BrokerError) as error:
        raise UnclearError(
            f"{names.attacker.id} could not ask on {subject}: {_why(error)}"
        ) from error
    return replies


async def _asked(trier: Trier, line: Line, subject: str, reply: str) -> None:
    question, told = trier.kit.ears.expect(mark()), line.ears.expect(mark())
    await line.say(subject, question, reply)
    if not await trier.kit.ears.comes(question, trier.patience_s):
        raise UnclearError(f"what a client asked on {subject} was not heard")
    for _ in range(max(1, round(trier.patience_s / AGAIN_S))):
        await trier.kit.say(reply, told)
        if await line.ears.comes(told, AGAIN_S):
            return
    raise UnclearError(f"the answer to what a client asked on {subject} did not come")


async def from_elsewhere(trier: Trier, names: Names, attempt: Attempt) -> bool:
    """Whether an attempt out of another account gets through; markers stay in that account.

    They show the way on one node alone. To another one nothing open leads from there, so it is tried
    again for a while. Raises UnclearError where markers do not come.
    """
    body = trier.kit.ears.expect(mark())
    await trier.may_hear([attempt.heard if attempt.verb is Verb.HEAR else attempt.subject])
    try:
        async with trier.line(names.attacker) as line, trier.line(names.attacker) as beside:
            line.ears.expect(body)
            await line.listen(names("{i}.>"))
            if attempt.verb is Verb.HEAR:
                await line.listen(attempt.subject)
            await beside.listen(names("session.{u}.{s}.control"))
            await asyncio.gather(line.flush(trier.patience_s), beside.flush(trier.patience_s))
            await _marked(trier, line, beside, names)
            ears = (line if attempt.verb is Verb.HEAR else trier.kit).ears
            for _ in range(1 if line.node == trier.kit.node else ACROSS_NODES):
                if attempt.verb is Verb.SAY:
                    await line.say(attempt.subject, body)
                else:
                    await trier.says(attempt.heard, body)
                await _marked(trier, line, beside, names)
                await asyncio.gather(
                    line.flush(trier.patience_s), trier.kit.flush(trier.patience_s)
                )
                if line.node != trier.kit.node:
                    await ears.comes(body, AGAIN_S)
                if ears.has(body):
                    return True
            return False
    except (NatsError, TimeoutError, OSError, BrokerError) as error:
        raise UnclearError(f"the other tenant could not try: {attempt} ({_why(error)})") from error


async def _marked(trier: Trier, line: Line, beside: Line, names: Names) -> None:
    """Return when what one connection of the other account says has come to the other one."""
    for _ in range(max(1, round(trier.patience_s / AGAIN_S))):
        data = beside.ears.expect(mark())
        await line.say(names("session.{u}.{s}.control"), data)
        if await beside.ears.comes(data, AGAIN_S):
            return
    raise UnclearError(f"{names.attacker.id} is not heard in its own account")


def _why(error: BaseException) -> str:
    return first_line(str(error)) if isinstance(error, BrokerError) else sentence(error)
