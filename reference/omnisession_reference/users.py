"""Users as tokens make them, and as others see them; the email is its owner's alone."""

from omnisession_reference.auth import Grant
from omnisession_reference.wire import JsonObject, size

# With names of this size in bytes the fullest list of participants still fits into a state.
MAX_TEXT = 256


def from_token(grant: Grant) -> JsonObject:
    """Make a user that is seen for the first time."""
    user = {"id": grant.user_id, "username": _cut(grant.name)}
    return user if grant.email is None else {**user, "email": _cut(grant.email)}


def public(user: JsonObject) -> JsonObject:
    """Show a user to others."""
    return {"id": user["id"], "username": user["username"]}


def _cut(text: str) -> str:
    text = text[:MAX_TEXT]
    while size(text) > MAX_TEXT:
        text = text[:-1]
    return text
