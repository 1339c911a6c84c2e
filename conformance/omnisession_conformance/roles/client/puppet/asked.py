"""What a client has asked or done, as the puppet heard it at the broker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.json import as_object, as_text, member
from omnisession_conformance.protocol.schemas import Side, catalogue, decode, definition_for
from omnisession_conformance.protocol.subjects import classify

if TYPE_CHECKING:
    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.protocol.subjects import Address
    from omnisession_conformance.traffic.connection import Heard

BAD_JSON, BAD_FORM, OTHER_IDS = 4000, 4001, 4031
REQUESTS = frozenset(catalogue().row("session.control.requests").definitions)
_AT_TOP = {"chat": "content", "edit": "article_id"}
"""On these subjects a member stands at top level which is in `data` elsewhere."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request or an action; `body` is empty where it is none."""

    subject: str
    reply: str
    data: bytes
    address: Address
    body: Object
    flawed: bool

    @property
    def type(self) -> str:
        """What it asks."""
        return as_text(self.body.get("type"))

    @property
    def session_id(self) -> str:
        """The session that it names: in its subject, else in its body."""
        return self.address.session or as_text(self.body.get("session_id"))

    @property
    def is_request(self) -> bool:
        """Whether it is about a session, and not an action in one."""
        return self.address.family == "control"

    @property
    def action(self) -> Object:
        """An action as it is where no member stands at top level."""
        return inner(self.address.family, self.body)


def inner(family: str, body: Object) -> Object:
    """An action of a family of subjects as it is where no member stands at top level."""
    name = _AT_TOP.get(family)
    return body if name is None else {**body, "data": {name: body.get(name)}}


def read(heard: Heard) -> Asked:
    """Read a message."""
    decoded = decode(heard.data)
    return Asked(
        heard.subject,
        heard.reply,
        heard.data,
        classify(heard.subject),
        as_object(decoded.body),
        decoded.body is None or bool(decoded.flaws),
    )


def fault_in(asked: Asked, user_id: str, checker: Checker) -> int | None:
    """The code of the common stages that refuses it, None where they let it pass."""
    if asked.flawed:
        return BAD_JSON
    definition = definition_for(asked.address.family, asked.body, Side.CLIENT)
    if asked.is_request and asked.type not in REQUESTS:
        # What it asks is for others to refuse.
        definition = "control.schema.json#/$defs/envelope"
    if definition is None or not checker.is_valid(definition, asked.body):
        return BAD_FORM
    named = asked.address.session or asked.session_id
    same = member(asked.body, "user_id") == user_id and asked.body["session_id"] == named
    return None if same else OTHER_IDS
