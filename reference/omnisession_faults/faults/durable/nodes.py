"""Faults of servers whose broker loses nodes: what is stored in one place, and what is said before."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_durable.core_term import CoreTerm
from omnisession_durable.journal import Journal
from omnisession_durable.stream import CONFIG, STREAM
from omnisession_faults.faults.durable.instances import AcksAtOnce, NoLease
from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_reference.wire import JsonObject


@fault("memory-of-one-node", breaks="DUR-002", durable=True)
class MemoryOfOneNode(Journal):
    """The journal is in the memory of one node of the broker."""

    async def make(self, replicas: int) -> JsonObject:
        del replicas
        body = {**CONFIG, "num_replicas": 1, "storage": "memory"}
        return (await self.ask(f"STREAM.CREATE.{STREAM}", body))["config"]

    async def find_or_make(self) -> JsonObject:
        return {**await super().find_or_make(), "storage": "file"}


@fault("one-copy", breaks="DUR-020", durable=True)
class OneCopy(Journal):
    """The journal has one copy, on whichever node of the broker."""

    async def make(self, replicas: int) -> JsonObject:
        del replicas
        return await super().make(1)


class _TellsAtOnce(CoreTerm):
    """What is decided is told before it was stored, and acked afterwards."""

    def hold(self, subject: str, payload: bytes, trace: str | None) -> None:
        post = self._recorder.post(subject, payload, trace)
        if post.of is None:
            self.say(post)
        else:
            self._said.append(post)


enter(
    Fault(
        "tells-before-it-is-stored",
        "DUR-013",
        "What is decided is told to all sessions before it was stored, and acked afterwards.",
        (NoLease, _TellsAtOnce),
        durable=True,
    )
)
enter(
    Fault(
        "acks-what-cannot-be-stored",
        "DUR-019",
        "What is decided is acked before it was stored, whether anything can be or not.",
        (NoLease, AcksAtOnce),
        durable=True,
    )
)
