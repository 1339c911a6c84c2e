"""Actions of the small servers: numbers, copies, one outcome for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.kit.one_kind.wire import (
    LARGEST,
    Json,
    Refused,
    canonical,
    check,
    decode,
    definitions,
    speaks,
)

if TYPE_CHECKING:
    from nats.aio.msg import Msg
    from tests.kit.one_kind.server import Server, Session

MEMBERS = {"chat.messages": "content", "article.edit.start": "article_id"}
LONGEST_ID = 128
MOST = 8_192
Done = tuple[bytes, Json]


class Actions:
    """What is known of the actions of all users; nothing is ever forgotten."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.known: dict[tuple[str, str], Done] = {}

    def receive(self, message: Msg, user: str | None) -> None:
        """Take a copy of an action, from the stage of form on."""
        if len(message.data) > MOST:
            raise Refused(4130, "The action is too large.")
        body = decode(message.data)
        for name in ("user_id", "session_id", "action_id"):
            if not isinstance(body.get(name), str) or not body[name]:
                raise Refused(4001, f"{name} is a text.", pointer=f"/{name}")
        if len(body["action_id"]) > LONGEST_ID:
            raise Refused(4001, "The action_id is too long.", pointer="/action_id")
        number = body.get("client_seq")
        if type(number) is not int or not 1 <= number <= LARGEST:
            raise Refused(4001, "client_seq counts from 1.", pointer="/client_seq")
        if user not in (None, body["user_id"]):
            raise Refused(4031, "The user_id is not that of the subject.")
        session = self.server.session_of(body["user_id"], body["session_id"])
        self.server.release(session)
        self._judge(session, message, body, number)

    def _judge(self, session: Session, message: Msg, body: Json, number: int) -> None:
        member, id_ = MEMBERS.get(message.subject), body["action_id"]
        data: Any = body.get("data")
        if member is not None:
            data = {member: body[member]} if member in body else {}
        expect = [body["expect"]] if "expect" in body else []
        print_ = canonical([body.get("type"), data, expect])

        def tell(outcome: Json, position: Json | None = None, status: str = "applied") -> None:
            self._tell(session, message.reply, id_, number, outcome, position, status)

        known = self.known.get((session.user, id_))
        other = {"error": Refused(4092, "Another action has this id or number.").error}
        if number <= session.last:
            used_id, used_print, told = session.used[number]
            if (used_id, used_print) == (id_, print_):
                tell(told["outcome"], told["position"], "duplicate")
            else:
                self.known.setdefault((session.user, id_), (print_, other))
                tell(other)
            return
        if number > session.last + 1:
            expected = session.last + 1
            tell({"error": Refused(4091, "An action is missing.", expected=expected).error})
            return
        if known is not None:
            outcome = known[1] if known[0] == print_ else other
            session.last = number
        else:
            outcome = self._apply(session, message.subject, body, data, number)
            self.known[session.user, id_] = (print_, outcome)
        told = {"outcome": outcome, "position": session.position}
        session.used[number] = (id_, print_, told)
        tell(outcome, None, "duplicate" if known is not None else "applied")

    def _apply(self, session: Session, subject: str, body: Json, data: Any, number: int) -> Json:
        kind = self.server.kind
        try:
            type_ = self._type(subject, body)
            cause = {"action_id": body["action_id"], "session_id": session.id, "client_seq": number}
            do = None if type_ == "session.noop" else kind.judged(session, type_, data)
            session.last, self.server.acting = number, session
            result = do(cause) if do is not None else None
            self.server.acting = None
        except Refused as refused:
            session.last = number
            return {"error": refused.error}
        return {} if result is None else {"result": result}

    def _type(self, subject: str, body: Json) -> str:
        """The type of an action that is well formed, else Refused."""
        speaks(body.get("v"), "/v")
        type_ = body.get("type")
        if not isinstance(type_, str):
            raise Refused(4001, "The type is a text.", pointer="/type")
        if type_ not in (*self.server.kind.actions, "session.noop"):
            raise Refused(4002, "There is no such action here.")
        shared = subject in MEMBERS
        check(f"{subject}.schema.json" if shared else definitions("user.actions")[type_], body)
        return type_

    def _tell(
        self,
        session: Session,
        reply: str,
        id_: str,
        number: int,
        outcome: Json,
        position: Json | None,
        status: str,
    ) -> None:
        data = {"action_id": id_, "client_seq": number, **outcome}
        data["position"] = position or session.position
        refused = "error" in outcome
        if not refused:
            data["status"] = status
        told = self.server.push(session, "action.nack" if refused else "action.ack", data)
        self.server.put(reply, told)
