"""The rule on service discovery: what answers on `$SRV.` must not give away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.roles.server.reading.needles import is_a_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.trace import Trace

SHORTEST = 8
"""Shorter texts are found by chance."""
SERVICE = "omnisession"


@rule("DISC-003")
def services_give_nothing_away(trace: Trace, sweep: Sweep) -> None:
    """Judges that answers of the service hold no user, session, token or email of this run."""
    answers = [a for exchange in trace.services for a in exchange.answers]
    answers = [a for a in answers if (a.body or {}).get("name") == SERVICE]
    if not answers:
        return
    secrets = {text: what for text, what in _secrets(trace) if len(text) >= SHORTEST}
    for answer in answers:
        found = [text for text in secrets if text in answer.data]
        sweep.judge(
            "DISC-003",
            not found,
            answer,
            expected="no user id, session id, token or email",
            seen=", ".join(sorted({secrets[text] for text in found})),
        )


def _secrets(trace: Trace) -> Iterator[tuple[bytes, str]]:
    """Yield what may not be told, with what it is."""
    for token in trace.facts.tokens:
        yield token.encode(), "a token"
    for (user_id, session_id), session in trace.sessions.items():
        # What only faulty requests named is neither, and may be any text.
        if session.opened is not None:
            # A lent user may be called as a profile is.
            yield b"" if is_a_word(user_id) else user_id.encode(), f"the id of user {user_id}"
            yield session_id.encode(), f"the id of session {session_id}"
    for user_id, email in trace.facts.emails.items():
        yield email.encode(), f"the email of user {user_id}"
