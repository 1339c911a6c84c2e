"""What an adapter says of its client, and how it answers."""

import asyncio
from typing import Any

from omnisession_client.testee import RefusedError
from omnisession_client_faults.places import Replacement
from omnisession_client_faults.variants import variant
from omnisession_reference.wire import JsonObject

HELLO = "testee.Declared.hello"
# An adapter is no client, so no requirement speaks of it: what it may leave out is the contract's.
CONTRACT = ("CLI-003", "CLI-024")


def _says(**members: Any) -> Replacement:
    """Have some other members in the result of hello."""

    def hello(original: Any, declared: Any) -> JsonObject:
        return {**original(declared), **members}

    return Replacement(HELLO, hello)


@variant("counts-nothing", _says(handled=False), of=CONTRACT, replaces="testee._report")
async def counts_nothing(original: Any, shell: Any, request: JsonObject) -> JsonObject:
    """Its reports do not say how many messages it has handled."""
    found = await original(shell, request)
    return {**found, **({"handled": None} if "handled" in found else {})}


@variant("runs-one-session", _says(sessions=1), of=CONTRACT, replaces="testee.Testee._start")
def one_session(original: Any, testee: Any, request: JsonObject) -> JsonObject:
    """It runs one session at a time."""
    if testee._shells:
        raise RefusedError("a session runs already, and there is one at a time")
    return original(testee, request)


@variant(
    "runs-one-session-a-process",
    _says(sessions=1, reuse=False),
    of=CONTRACT,
    replaces="testee.Testee._start",
)
def one_a_process(original: Any, testee: Any, request: JsonObject) -> JsonObject:
    """It runs one session, and none after it in the same process."""
    if getattr(testee, "has_run", False):
        raise RefusedError("this process had its session")
    testee.has_run = True
    return original(testee, request)


@variant(
    "keeps-its-own-times",
    _says(timers=False),
    of=("CLI-006", "CLI-027", "CLI-028"),
    replaces="testee.Testee._start",
)
def own_times(original: Any, testee: Any, request: JsonObject) -> JsonObject:
    """It takes no times of the kit."""
    return original(testee, {**request, "timers": None})


@variant("says-more-than-asked", of=CONTRACT, replaces="testee._report")
async def says_more(original: Any, shell: Any, request: JsonObject) -> JsonObject:
    """Its reports have all members, and others, whatever is wanted."""
    return {**await original(shell, {"session": request["session"]}), "x_unknown": [None]}


@variant("has-words-of-its-own", of=CONTRACT, replaces="report.report")
def own_words(original: Any, state: Any) -> JsonObject:
    """It says `connected` where the contract says live."""
    told = original(state)
    return {**told, "phase": "connected" if told["phase"] == "live" else told["phase"]}


@variant("tells-no-action-ids", of=("HYB-013",), replaces="testee.Testee._dispatch")
async def no_action_ids(original: Any, testee: Any, shell: Any, request: JsonObject) -> JsonObject:
    """It does not say under which id an action goes."""
    told = await original(testee, shell, request)
    return {name: value for name, value in told.items() if name != "action_id"}


@variant("answers-late", of=CONTRACT, replaces="testee.Testee.answer")
async def answers_late(original: Any, testee: Any, request: JsonObject) -> JsonObject:
    """It takes 50 ms before each answer to the kit, and those of two sessions overtake each other."""
    answer = await original(testee, request)
    await asyncio.sleep(0.05 if str(request.get("session")).endswith("1") else 0.01)
    return answer
