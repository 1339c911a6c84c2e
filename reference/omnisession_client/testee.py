"""The adapter of this client: answers a kit's requests, as docs/reference/testee.md has them."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any

from omnisession_client import __version__, unlike
from omnisession_client.kinds import KINDS
from omnisession_client.lines import serve
from omnisession_client.shell import CrashedError, Shell
from omnisession_client.values import Config, Mode, Timings
from omnisession_reference.wire import JsonObject

CONTRACT = 1
SESSIONS = 100
RECONNECT_MS = 2_000
FEATURES = ("events", "digests")
ACTING: dict[Mode, tuple[str, ...]] = {
    "pure": ("actions",),
    "hybrid": ("actions", "hybrid"),
    "optimistic": ("actions", "hybrid", "optimistic"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What this client is said to be able to do: all, or a part of it."""

    kinds: tuple[str, ...]
    features: tuple[str, ...]
    actions: bool
    mode: Mode = "pure"
    creds: str | None = None
    ca: str | None = None

    def hello(self) -> JsonObject:
        """Say so."""
        acting = ACTING[self.mode] if self.actions else ()
        return {
            "contract": CONTRACT,
            "client": {"name": "omnisession-client", "version": __version__},
            "profiles": ["states", "core", *self.features, *self.kinds, *acting],
            "sessions": SESSIONS,
            "timers": True,
            "handled": True,
        }


class RefusedError(Exception):
    """A request cannot be done; says why."""


class Testee:
    """Many sessions, each by the name that the kit has for it."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._way = _way(declared)
        self._shells: dict[str, Shell] = {}

    async def answer(self, request: JsonObject) -> JsonObject:
        """Answer a request, be it with the reason why it cannot be done."""
        number = request.get("id")
        number = number if type(number) is int and number > 0 else None
        try:
            result = await self._do(request)
        except KeyError as error:
            return {"id": number, "error": f"the request lacks {error.args[0]}"}
        except (RefusedError, CrashedError, TypeError, ValueError) as error:
            return {"id": number, "error": str(error) or type(error).__name__}
        if number is None:
            return {"id": None, "error": "the request has no id"}
        return {"id": number, "ok": result}

    async def end(self) -> None:
        """Leave all sessions."""
        shells, self._shells = list(self._shells.values()), {}
        await asyncio.gather(*(shell.stop() for shell in shells))

    async def _do(self, request: JsonObject) -> JsonObject:
        match request["do"]:
            case "hello":
                return self._declared.hello()
            case "start":
                return self._start(request)
            case "dispatch":
                return await self._dispatch(self._shell(request), request)
            case "report":
                return await _report(self._shell(request), request)
            case "stop":
                shell = self._shell(request)
                del self._shells[request["session"]]
                await shell.stop()
                return {}
            case other:
                raise RefusedError(f"there is no request {other!r}")

    def _shell(self, request: JsonObject) -> Shell:
        shell = self._shells.get(request["session"])
        if shell is None:
            raise RefusedError(f"there is no session {request['session']!r}")
        return shell

    def _start(self, request: JsonObject) -> JsonObject:
        name, timers = str(request["session"]), dict(request.get("timers") or {})
        if name in self._shells:
            raise RefusedError(f"the session {name!r} runs already")
        kinds, features = tuple(request["kinds"]), tuple(request["features"])
        if not kinds or not set(kinds) <= set(self._declared.kinds):
            raise RefusedError(f"the kinds are some of {', '.join(self._declared.kinds)}")
        taken = {
            field.name: int(timers[field.name]) for field in fields(Timings) if field.name in timers
        }
        user_id, token = request["user_id"], request["token"]
        if not isinstance(user_id, str) or not isinstance(token, str | None):
            raise RefusedError("the user_id is a text, and the token one or null")
        config = Config(user_id, kinds, features, token, Timings(**taken), self._declared.mode)
        wait_ms = int(timers.get("reconnect_ms", RECONNECT_MS))
        self._shells[name] = Shell(config, str(request["url"]), wait_ms, self._way)
        return {}

    async def _dispatch(self, shell: Shell, request: JsonObject) -> JsonObject:
        if not self._declared.actions:
            raise RefusedError("this client sends no actions")
        action_id, refused = await shell.dispatch(
            str(request["type"]), request["data"], request.get("expect")
        )
        return {"action_id": action_id} if refused is None else {"refused": refused}


def _way(declared: Declared) -> dict[str, Any]:
    """Credentials and TLS as the library takes them; raises ValueError for files that cannot be used."""
    if declared.creds is None and declared.ca is None:
        return {}
    from omnisession_reference.access import Access  # noqa: PLC0415 - it loads what few need
    from omnisession_reference.keys import AccessError  # noqa: PLC0415 - as before

    try:
        # Of the address nothing is taken: each session is told its own.
        return Access("nats://localhost", creds=declared.creds, ca=declared.ca).settings()
    except AccessError as error:
        raise ValueError(str(error)) from error


async def _report(shell: Shell, request: JsonObject) -> JsonObject:
    found = await shell.report()
    want = request.get("want")
    return found if want is None else {name: found[name] for name in found if name in want}


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer requests on standard input until it ends."""
    parser = argparse.ArgumentParser(
        prog="python -m omnisession_client.testee",
        description="The reference client, for a kit: answers its requests, line by line.",
    )
    parser.add_argument("--kinds", default=",".join(KINDS), help="declare some of these alone")
    parser.add_argument("--features", default=",".join(FEATURES), help="the same for features")
    parser.add_argument("--read-only", action="store_true", help="declare no actions")
    parser.add_argument(
        "--mode",
        choices=tuple(ACTING),
        help="what becomes of actions: one at a time, kept pending, or shown as well [optimistic]",
    )
    parser.add_argument("--creds", metavar="FILE", help="credentials of NATS for all sessions")
    parser.add_argument("--tlsca", metavar="FILE", help="CA of the broker, PEM")
    unlike.add_options(parser)
    options = parser.parse_args(arguments)
    if (lines := unlike.listed(options)) is not None:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return 0
    try:
        unlike.put_in_force(options.fault, options.variant)
    except ValueError as error:
        parser.error(str(error))
    kinds = tuple(name for name in options.kinds.split(",") if name in KINDS)
    features = tuple(name for name in options.features.split(",") if name in FEATURES)
    if not kinds:
        parser.error(f"--kinds takes some of {', '.join(KINDS)}")
    mode: Mode = options.mode or unlike.mode(options.fault, options.variant) or "optimistic"
    acts = not options.read_only
    declared = Declared(kinds, features, acts, mode, options.creds, options.tlsca)
    try:
        testee = Testee(declared)
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(serve(testee))
    return 0


if __name__ == "__main__":
    # Under the name that others know it by: what is replaced in this module has to be what runs.
    sys.exit(import_module("omnisession_client.testee").main())
