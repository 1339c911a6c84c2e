"""A Chromium without a window, asked by its DevTools protocol over two pipes: no port, no library."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from tests.kit.report.chromium import FLAGS
from tests.needs import program

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 60
"""Bounds a hang; nothing is decided by it."""
STARTS = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium takes requests on descriptor 3 and answers on 4."""
WAITS = """new Promise((resolve) => {
  const look = () => {
    const seen = (() => %s)();
    if (!seen) return;
    watch.disconnect();
    resolve(seen);
  };
  const watch = new MutationObserver(look);
  const all = {subtree: true, childList: true, attributes: true, characterData: true};
  watch.observe(document, all);
  look();
})"""


class Browser:
    """One process with a profile of its own; each page is a tab of it."""

    def __init__(self, folder: Path) -> None:
        ours, theirs = _pipe(), _pipe()
        flags = [*FLAGS, f"--user-data-dir={folder / 'profile'}", "--remote-debugging-pipe"]
        command = [program("chromium"), *flags, "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", STARTS, str(ours[0]), str(theirs[1]), *command],
            pass_fds=(ours[0], theirs[1]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder)},
            start_new_session=True,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._to, self._from = ours[1], theirs[0]
        self._numbers = itertools.count(1)
        self._rest = b""
        self.thrown: list[str] = []
        """What scripts of its pages threw and nobody caught, and what their policy forbade."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Ask for something and wait for the answer."""
        number = next(self._numbers)
        asked = {"id": number, "method": method, "params": params}
        if session is not None:
            asked["sessionId"] = session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_S
        while (told := self._next(deadline, method)).get("id") != number:
            self._hear(told)
        assert "error" not in told, f"{method}: {told['error']}"
        return told["result"]

    def _hear(self, told: dict[str, Any]) -> None:
        """Keep what it tells unasked, as far as it is about a fault of a page."""
        params = told.get("params", {})
        if told.get("method") == "Runtime.exceptionThrown":
            self.thrown.append(str(params["exceptionDetails"]))
        elif told.get("method") == "Log.entryAdded" and params["entry"]["source"] == "security":
            self.thrown.append(str(params["entry"]["text"]))

    def _next(self, deadline: float, what: str) -> dict[str, Any]:
        while b"\0" not in self._rest:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self._from], [], [], max(0, left))
            assert ready, f"no answer to {what} within {PATIENCE_S} s"
            part = os.read(self._from, 1 << 20)
            assert part, "Chromium has ended"
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        return json.loads(line)

    def open(self, url: str, *, width: int, height: int = 900, dark: bool = False) -> Page:
        """Open an address in a tab so many CSS pixels wide."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        told = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        page = Page(self, told["sessionId"])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        page.ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.ask("Emulation.setEmulatedMedia", features=[scheme])
        # A tab that nobody looks at is slowed down.
        page.ask("Emulation.setFocusEmulationEnabled", enabled=True)
        for domain in ("Page", "Runtime", "Log"):
            page.ask(f"{domain}.enable")
        page.ask("Page.navigate", url=url)
        page.wait("document.readyState === 'complete'")
        return page


class Page:
    """A tab: what it shows is asked by expressions, what a user does is done by its input."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.ask(method, self._session, **params)

    def value(self, expression: str) -> Any:
        """What an expression, or the promise that it is, comes to."""
        told = self.ask(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait(self, expression: str) -> Any:
        """Wait until an expression about the document is true, looking whenever that changes."""
        return self.value(WAITS % expression)

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self.ask("Input.insertText", text=text)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key and let it go."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **named)

    def named(self, *roles: str) -> list[tuple[str, str]]:
        """What a reader of the screen is told of everything that has one of some roles: role and name."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        found = [node for node in nodes if node.get("role", {}).get("value") in roles]
        assert {node["role"]["value"] for node in found} == set(roles)
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in found]

    def reload(self) -> None:
        """Load it again."""
        self.value("globalThis.isOld = true")
        self.ask("Page.reload")
        while self.value("globalThis.isOld === true || document.readyState !== 'complete'"):
            pass


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are above the two descriptors that Chromium takes."""
    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 16) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]
