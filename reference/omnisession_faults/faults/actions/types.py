"""Types of actions that are listed and never work, whoever sends them."""

from omnisession_faults.faults.registry import Fault, enter
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.errors import Refusal

BREAKS = {
    "session.noop": "ACTION-018",
    "article.create": "ART-001",
    "article.update": "ART-002",
    "article.publish": "ART-005",
    "article.select": "ART-011",
    "article.delete": "ART-013",
    "article.edit_start": "EDIT-002",
    "article.edit_end": "EDIT-004",
    "chat.send": "CHAT-001",
    "chat.edit": "CHAT-005",
    "chat.delete": "CHAT-007",
    "chat.typing": "CHAT-008",
    "url.create": "URL-001",
    "url.update": "URL-006",
    "url.delete": "URL-006",
    "user.update": "USER-004",
}
"""By type the requirement that says what it does."""


def _failing(type_name: str) -> type[Actions]:
    """Make a part in which actions of a type fail."""

    class Failing(Actions):
        def run(self, action: Action) -> None:
            if action.body.get("type") == type_name:
                self.forgotten(action, Refusal(5000, "The server failed; send the action again."))
            else:
                super().run(action)

    return Failing


def _hanging(type_name: str) -> type[Actions]:
    """Make a part in which actions of a type are never heard of again."""

    class Hanging(Actions):
        def run(self, action: Action) -> None:
            if action.body.get("type") != type_name:
                super().run(action)

    return Hanging


for _type, _id in BREAKS.items():
    _name = _type.replace(".", "-").replace("_", "-")
    enter(
        Fault(
            f"{_name}-always-5000", _id, f"Every {_type} is refused with 5000.", (_failing(_type),)
        )
    )
for _type in ("article.select", "chat.typing", "url.create", "user.update"):
    _name = _type.replace(".", "-")
    enter(
        Fault(
            f"{_name}-without-outcome",
            BREAKS[_type],
            f"No {_type} has an outcome.",
            (_hanging(_type),),
        )
    )
