"""What the two users of the demo's page do, and what they are shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.kit.demo.browser import Page

LIVE = "document.querySelectorAll('.half[data-phase=live]').length === 2"
REST = "document.querySelectorAll('.queue.is-waiting').length === 0"
ENTER = ("Enter", 13, "\r")


@dataclass(frozen=True)
class Half:
    """One user's half of the page."""

    page: Page
    user: str

    def place(self, selector: str = "") -> str:
        return f"document.querySelector({json.dumps(f'#{self.user} {selector}'.strip())})"

    def _button(self, label: str, within: str) -> str:
        selector = json.dumps(f"#{self.user} {within} button".replace("  ", " "))
        named = (
            f"(one.getAttribute('aria-label') ?? one.textContent).startsWith({json.dumps(label)})"
        )
        return f"[...document.querySelectorAll({selector})].find(one => {named} && !one.disabled)"

    def press(self, label: str, within: str = "") -> None:
        """Press the button with that label as soon as it can be."""
        button = self._button(label, within)
        self.page.wait(f"{button} !== undefined")
        self.page.value(f"{button}.click()")

    def write(self, field: str, text: str) -> None:
        """Write into a field, as keys do."""
        self.page.value(f"document.getElementById('{self.user}-{field}').focus()")
        self.page.type(text)

    def field(self, field: str) -> str:
        return str(self.page.value(f"document.getElementById('{self.user}-{field}').value"))

    def say(self, text: str) -> None:
        self.write("message", text)
        self.page.press(*ENTER)

    def sees(self, text: str, within: str = "") -> None:
        """Wait until a text is there."""
        self.page.wait(f"{self.place(within)}?.textContent.includes({json.dumps(text)})")

    def sees_no(self, text: str, within: str = "") -> None:
        self.page.wait(f"{self.place(within)}?.textContent.includes({json.dumps(text)}) === false")

    def is_in(self, phase: str) -> None:
        self.page.wait(f"{self.place()}.dataset.phase === '{phase}'")

    def has_focus(self, selector: str) -> bool:
        """Whether the keyboard goes on in a part of it."""
        return bool(self.page.value(f"{self.place(selector)}.contains(document.activeElement)"))

    def texts(self, selector: str) -> list[str]:
        found = f"document.querySelectorAll({json.dumps(f'#{self.user} {selector}')})"
        return list(self.page.value(f"[...{found}].map(one => one.textContent)"))


def halves(page: Page) -> tuple[Half, Half]:
    """Both, once their sessions are live."""
    page.wait(LIVE)
    return Half(page, "ann"), Half(page, "bob")
