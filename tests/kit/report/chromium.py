"""Runs Chromium without a window, as `chromium --headless`."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from tests.needs import program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
TIMEOUT_S = 90


def run(folder: Path, *arguments: str) -> str:
    """Call Chromium with a profile of its own in a folder; returns what it printed."""
    profile = folder / "profile"
    done = subprocess.run(
        [program("chromium"), *FLAGS, f"--user-data-dir={profile}", *arguments],
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
        env={**os.environ, "HOME": str(folder)},
    )
    shutil.rmtree(profile, ignore_errors=True)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2_000:]
    return done.stdout.decode("utf-8")


def dump_dom(page: Path, fragment: str = "") -> str:
    """The page as it is once its script has run."""
    return run(page.parent, "--dump-dom", f"{page.as_uri()}{fragment}")


def in_frames(page: Path, fragments: Sequence[str], *, width: int, told: str) -> list[Any]:
    """What an expression about the `page` says for each fragment, all of them in one start."""
    frame = page.with_name("frame.html")
    frames = "".join(
        f'<iframe src="{page.name}{html.escape(f)}" width="{width}" height="800"></iframe>'
        for f in fragments
    )
    script = (
        "addEventListener('load', () => { document.querySelector('pre').textContent ="
        " JSON.stringify([...document.querySelectorAll('iframe')].map((frame) => {"
        f" const page = frame.contentDocument.documentElement; return {told}; }})); }});"
    )
    frame.write_text(f"<pre></pre><script>{script}</script>{frames}", "utf-8")
    dom = run(page.parent, "--allow-file-access-from-files", "--dump-dom", frame.as_uri())
    written = re.search(r"<pre>(.*?)</pre>", dom, re.DOTALL)
    assert written is not None
    return json.loads(html.unescape(written[1]))
