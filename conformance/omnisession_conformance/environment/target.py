"""The target: the server under test, attached to or spawned.

A spawned target is told the broker and the credentials by environment (`NATS_URL` and its like,
`OMNISESSION_SECRET`), and of the broker nothing else than the kit tells it. It runs under the guard, and
is started again when a case stopped or killed it.
"""

from __future__ import annotations

import asyncio
import shlex
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from omnisession_conformance.environment.access import OF_TLS, VARIABLES
from omnisession_conformance.environment.config import SEED_VARIABLE
from omnisession_conformance.environment.processes import Child, start_child
from omnisession_conformance.errors import TargetError, sentence
from omnisession_conformance.own_python import program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

REFERENCE_COMMAND = program("omnisession_reference")
MAX_STARTS = 120
"""A bound on starts in one run: hook cases need a few, programs with restarts that are made short many."""
TAIL_LINES = 12
LABEL_WIDTH = 200
INSTANCE_VARIABLE = "OMNISESSION_INSTANCE"
"""Tells each of several instances its number, from 1 on."""
NOT_INHERITED = frozenset({*VARIABLES, SEED_VARIABLE, INSTANCE_VARIABLE})
"""Variables that its target does not get from the kit: of the broker it is told anew."""
HOOK_TIMEOUT_S = 30.0
OF_INSTANCES = frozenset(
    f"hook:{what}_instance" for what in ("kill", "start", "stop", "freeze", "thaw")
)
"""Hooks that do something to one instance."""


class Target(Protocol):
    """What the engine and the hook cases ask of a target."""

    gone_ns: int | None
    """Since when it has not been there, on the monotonic clock; None while it serves."""

    @property
    def mode(self) -> str:
        """`spawn` or `attach`."""
        ...

    @property
    def label(self) -> str:
        """What people call it: its command, or that somebody else runs it."""
        ...

    @property
    def running(self) -> bool:
        """False only where the kit knows that the target has ended."""
        ...

    def hooks(self) -> frozenset[str]:
        """Hooks at hand: `hook:stop`, `hook:restart`, and those of instances, as `hook:kill_instance`."""
        ...

    def wires(self) -> frozenset[str]:
        """`wire:server` where its connection to the broker can be led through a proxy."""
        ...

    async def start(self) -> None:
        """Start it, if it is the kit's to start."""
        ...

    async def stop(self) -> int | None:
        """Stop it as an operator would, and return its exit code if it has one."""
        ...

    async def kill(self) -> None:
        """End it without a chance to say anything, if it is the kit's."""
        ...

    def tail(self) -> str:
        """The end of its output, if the kit has it."""
        ...


@dataclass(slots=True)
class SpawnedTarget:
    """A server that the kit starts, in one instance or in several of the same command.

    `on_exit` is called when an instance ends unasked, and `on_blind` once nobody would be told of that,
    with the reason.
    """

    command: Sequence[str]
    env: Mapping[str, str]
    on_exit: Callable[[int], None] | None = None
    on_blind: Callable[[str], None] | None = None
    blind: str | None = None
    """Why nobody would be told of its end, None as long as somebody would."""
    heard: Callable[[str], None] | None = None
    """Is told each line that it writes."""
    instances: int = 1
    spreads: bool = False
    """Whether each instance is told another node of the broker first, of those in `env`."""
    starts: int = 0
    _running: dict[int, Instance] = field(default_factory=dict[int, "Instance"])

    mode: str = field(default="spawn", init=False)
    gone_ns: int | None = field(default=None, init=False)

    @property
    def label(self) -> str:
        """The command line."""
        return shlex.join(self.command)

    @property
    def running(self) -> bool:
        """Whether one of its processes is there."""
        return any(one.running for one in self._running.values())

    def hooks(self) -> frozenset[str]:
        """It can be stopped and started again, and so can each of its instances."""
        return frozenset({"hook:stop", "hook:restart", *OF_INSTANCES})

    def wires(self) -> frozenset[str]:
        """It is told the address of the broker, and speaks in clear with it."""
        url = self.env.get("NATS_URL", "")
        in_clear = url.startswith("nats://") and not any(name in self.env for name in OF_TLS)
        return frozenset({"wire:server"}) if in_clear else frozenset()

    async def start(self) -> None:
        """Start the instances that do not run; TargetError when that was done too often."""
        if self.running and self.instances == 1:
            # Two of them on one broker would answer each other's clients.
            return
        if self.starts >= MAX_STARTS:
            raise TargetError(f"the target was started {MAX_STARTS} times in this run; giving up")
        self.starts += 1
        for number in range(1, self.instances + 1):
            await self.start_instance(number)

    async def start_instance(self, number: int) -> None:
        """Start an instance where it does not run; TargetError where it cannot be."""
        one = self._running.get(number)
        if one is not None and one.running:
            return
        told = {INSTANCE_VARIABLE: str(number)} if self.instances > 1 else {}
        told.update(self.broker_of(number))
        try:
            child = await start_child(
                self.command, env={**self.env, **told}, without=NOT_INHERITED, heard=self.heard
            )
        except OSError as error:
            raise TargetError(
                f"`{self.label[:LABEL_WIDTH]}` cannot be started: {error.strerror}"
            ) from error
        self._running[number] = one = Instance(child)
        one.watch = asyncio.create_task(self._watch_over(one))

    def broker_of(self, number: int) -> dict[str, str]:
        """The addresses of the broker for an instance: of several each has another one first."""
        if not self.spreads or "NATS_URL" not in self.env:
            return {}
        urls = self.env["NATS_URL"].split(",")
        first = (number - 1) % len(urls)
        return {"NATS_URL": ",".join(urls[first:] + urls[:first])}

    async def _watch_over(self, one: Instance) -> None:
        try:
            await self._await_exit(one)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            # A target that nobody watches ends the run, also where a signal handler raised it in here.
            self.blind = f"the watch over the target failed: {sentence(error)}"
            if self.on_blind is not None:
                self.on_blind(self.blind)
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise

    async def _await_exit(self, one: Instance) -> None:
        code = await one.child.watch()
        self._note_gone()
        if not one.asked and self.on_exit is not None:
            self.on_exit(code)

    def _note_gone(self) -> None:
        if not self.running:
            self.gone_ns = self.gone_ns or time.monotonic_ns()

    def has_ended(self, number: int) -> bool:
        """Whether an instance was started, and is there no more."""
        one = self._running.get(number)
        return one is not None and not one.running

    async def stop(self) -> int | None:
        """SIGTERM to all, then the end of their grace; return the exit code of the first one."""
        self.gone_ns = time.monotonic_ns()
        codes = await asyncio.gather(*(one.stop() for one in self._running.values()))
        return codes[0] if codes else None

    async def stop_instance(self, number: int) -> None:
        """SIGTERM to one, then the end of its grace."""
        await self._running[number].stop()
        self._note_gone()

    async def kill(self) -> None:
        """SIGKILL the whole process group of each."""
        self.gone_ns = time.monotonic_ns()
        await asyncio.gather(*(one.kill() for one in self._running.values()))

    async def kill_instance(self, number: int) -> None:
        """SIGKILL the process group of one."""
        await self._running[number].kill()
        self._note_gone()

    async def freeze_instance(self, number: int) -> None:
        """Let one stand still."""
        self._running[number].child.freeze()

    async def thaw_instance(self, number: int) -> None:
        """Let one go on."""
        self._running[number].child.thaw()

    @property
    def child(self) -> Child | None:
        """The process of the first instance, None before its start."""
        first = self._running.get(1)
        return None if first is None else first.child

    def tail(self) -> str:
        """The last lines that it wrote; of several the first that has ended, or the first one."""
        ones = sorted(self._running.values(), key=lambda one: one.running)
        return "\n".join(list(ones[0].child.output)[-TAIL_LINES:]) if ones else ""


@dataclass(slots=True)
class Instance:
    """One process of a target; `asked` once the kit has ended it itself."""

    child: Child
    asked: bool = False
    watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.child.running

    async def stop(self) -> int:
        """SIGTERM, then the end of its grace; return the exit code."""
        self.asked = True
        self.child.thaw()
        return await self.child.stop()

    async def kill(self) -> None:
        """SIGKILL the whole process group."""
        self.asked = True
        self.child.kill()
        await self.child.wait()


@dataclass(slots=True)
class AttachedTarget:
    """A server that somebody else runs; hooks are commands of the configuration."""

    commands: Mapping[str, Sequence[str]] = field(default_factory=dict[str, "Sequence[str]"])
    instances: int = 1
    mode: str = field(default="attach", init=False)
    gone_ns: int | None = field(default=None, init=False)
    label: str = field(default="a server that is already running", init=False)
    running: bool = field(default=True, init=False)
    _ended: set[int] = field(default_factory=set[int], init=False)
    """Instances that a hook has ended: no others are started."""

    def hooks(self) -> frozenset[str]:
        """The hooks that the configuration has commands for: a restart needs both."""
        named = frozenset(f"hook:{name}" for name in self.commands)
        whole = (
            {"hook:stop", "hook:restart"} if {"hook:stop", "hook:start"} <= named else set[str]()
        )
        return (named & OF_INSTANCES) | whole

    def wires(self) -> frozenset[str]:
        """It has its connection already."""
        return frozenset()

    async def start(self) -> None:
        """Run the start hook, if the server was stopped by the stop hook."""
        if not self.running:
            await self._run("start")
            self.running = True

    async def stop(self) -> int | None:
        """Run the stop hook; without one the server is left alone."""
        if "stop" in self.commands:
            self.running, self.gone_ns = False, time.monotonic_ns()
            await self._run("stop")
        return None

    async def kill(self) -> None:
        """Leave it alone: it is somebody else's."""

    def has_ended(self, number: int) -> bool:
        """Whether a hook has ended an instance: of what ends by itself its supervisor takes care."""
        return number in self._ended

    async def start_instance(self, number: int) -> None:
        """Run the hook for an instance that another hook has ended; TargetError where it fails."""
        if number in self._ended:
            await self._run("start_instance", number)
            self._ended.discard(number)

    async def stop_instance(self, number: int) -> None:
        """Run the hook for an instance; TargetError where it fails."""
        self._ended.add(number)
        await self._run("stop_instance", number)

    async def kill_instance(self, number: int) -> None:
        """Run the hook for an instance; TargetError where it fails."""
        self._ended.add(number)
        await self._run("kill_instance", number)

    async def freeze_instance(self, number: int) -> None:
        """Run the hook for an instance; TargetError where it fails."""
        await self._run("freeze_instance", number)

    async def thaw_instance(self, number: int) -> None:
        """Run the hook for an instance; TargetError where it fails."""
        await self._run("thaw_instance", number)

    def tail(self) -> str:
        """Nothing: its output goes elsewhere."""
        return ""

    async def _run(self, name: str, number: int = 1) -> None:
        words = [word.replace("{n}", str(number)) for word in self.commands[name]]
        await run_to_its_end(name, words)


async def run_to_its_end(name: str, command: Sequence[str]) -> None:
    """Run a command of the operator's, which has to do what it is for; TargetError where it does not."""
    code, child = await run_hook(name, command)
    if code != 0:
        told = "\n".join(child.output)
        raise TargetError(f"the {name} hook ended with exit code {code}:\n{told}")


async def run_hook(name: str, command: Sequence[str]) -> tuple[int, Child]:
    """Run a command of the operator's to its end, within a bound: its exit code, and what it printed.

    Raises TargetError where it cannot be started, or does not end in time.
    """
    try:
        child = await start_child(command, may_leave=True)
    except OSError as error:
        raise TargetError(f"the {name} hook cannot be started: {sentence(error)}") from error
    try:
        return await asyncio.wait_for(child.wait(), HOOK_TIMEOUT_S), child
    except TimeoutError as error:
        child.kill()
        raise TargetError(f"the {name} hook did not end within {HOOK_TIMEOUT_S:.0f} s") from error
