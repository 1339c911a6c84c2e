"""The demo by its page: the command as its users call it, a real broker, server and browser."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from tests.kit.demo.demo import demo, gone, kill
from tests.kit.demo.halves import LIVE, REST, Half, halves

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.demo.browser import Browser, Page

pytestmark = [
    pytest.mark.dear,
    pytest.mark.needs("node", "chromium"),
    pytest.mark.usefixtures("built_page"),
]
WIDE, NARROW = 1280, 390
TOO_LONG = "x" * 4_097
HOSTILE = "<img src=x onerror=\"document.title='pwned'\">"


def test_two_users_side_by_side(tmp_path: Path, browser: Browser) -> None:
    with demo(folder=tmp_path) as running:
        page = browser.open(running.url, width=WIDE)
        ann, bob = halves(page)
        beside = "{}.getBoundingClientRect().top === {}.getBoundingClientRect().top"
        assert page.value(beside.format(ann.place(), bob.place()))
        assert no_wider_than(page, WIDE)
        articles_are_shared(ann, bob)
        the_chat_is_one_room(ann, bob)
        what_is_too_large_is_refused(ann)
        what_is_done_away_waits(ann, bob)
        the_second_to_save_is_refused(ann, bob)
        what_is_not_hers_is_refused(ann, bob)
        assert page.value("document.title") == "Omnisession demo"
        assert running.end(signal.SIGINT) == 0


def articles_are_shared(ann: Half, bob: Half) -> None:
    ann.write("title", "First light")
    ann.press("Create")
    bob.sees("First light", ".articles")
    ann.press("First light")
    ann.press("Edit")
    # An editor sees the drafts of all, and who is at work on them.
    bob.sees("Ann editing", ".articles")
    ann.write("edit-content", "It was dark.")
    ann.press("Save")
    ann.sees("revision 2", ".article")
    assert ann.has_focus(".article")
    bob.sees_no("Ann editing", ".articles")
    ann.press("Publish")
    bob.sees("published", ".articles")
    bob.press("First light")
    bob.sees("It was dark.", ".article")
    ann.page.wait(REST)


def the_chat_is_one_room(ann: Half, bob: Half) -> None:
    bob.write("message", "abc")
    ann.sees("Bob is typing", ".typing")
    # What comes meanwhile takes neither the focus nor the place in the text.
    bob.page.press("ArrowLeft", 37)
    ann.page.value(ann.place("[aria-label=Messages]") + ".scrollTop")
    ann.press("Close", ".article")
    bob.page.type("x")
    assert bob.field("message") == "abxc"
    bob.page.press("Enter", 13, "\r")
    ann.sees("abxc", ".log")
    ann.sees_no("typing", ".typing")
    bob.press("Correct")
    bob.page.type("!")
    bob.page.press("Enter", 13, "\r")
    ann.sees("corrected", ".log")
    assert bob.has_focus(".chat")
    bob.press("Take back")
    ann.sees_no("abxc", ".log")
    ann.say(HOSTILE)
    bob.sees(HOSTILE, ".log")


def what_is_too_large_is_refused(ann: Half) -> None:
    ann.write("message", TOO_LONG)
    ann.press("Send")
    ann.sees("(4130) Your text is kept.", ".notices")
    assert ann.field("message") == TOO_LONG
    ann.press("Dismiss")
    ann.page.value("document.getElementById('ann-message').select()")
    ann.page.press("Delete", 46)


def what_is_done_away_waits(ann: Half, bob: Half) -> None:
    ann.press("Cut the line")
    ann.is_in("offline")
    ann.say("written away")
    ann.write("title", "Away")
    ann.press("Create")
    # Both are shown at once, marked as what they are.
    assert ann.texts(".message.is-waiting .said") == ["written away"]
    assert ann.texts(".entry.is-waiting .name") == ["Away"]
    assert ann.texts(".queue code") == ["chat.send", "article.create"]
    bob.say("meanwhile")
    bob.sees("meanwhile", ".log")
    bob.page.wait(f"{bob.place('.queue.is-waiting')} === null")
    assert "written away" not in bob.texts(".log")[0]
    ann.press("Join the line")
    ann.is_in("live")
    ann.page.wait(REST)
    bob.sees("written away", ".log")
    bob.sees("Away", ".articles")
    assert ann.texts(".message.is-waiting, .entry.is-waiting") == []


def the_second_to_save_is_refused(ann: Half, bob: Half) -> None:
    for half in (ann, bob):
        if half is ann:
            half.press("First light")
        half.press("Edit")
    ann.write("edit-content", " Ann.")
    bob.write("edit-content", " Bob.")
    ann.press("Save")
    bob.sees("Saving will be refused", ".form")
    bob.press("Save")
    bob.sees("(4090) Your text is kept.", ".notices")
    assert bob.field("edit-content").endswith(" Bob.")
    bob.press("Save")
    ann.sees(" Bob.", ".article")
    bob.press("Dismiss")
    assert bob.texts(".notices p") == []


def what_is_not_hers_is_refused(ann: Half, bob: Half) -> None:
    bob.write("title", "Of Bob")
    bob.press("Create")
    bob.press("Of Bob")
    bob.sees("Of Bob", ".article")
    bob.press("Publish")
    ann.press("Of Bob")
    ann.sees("Of Bob", ".article")
    ann.press("Edit")
    ann.sees("(4030)", ".notices")
    ann.page.wait(f"{ann.place('.form')} === null")


def test_on_a_phone(tmp_path: Path, browser: Browser) -> None:
    with demo(folder=tmp_path) as running:
        page = browser.open(running.url, width=NARROW, height=844, dark=True)
        ann, bob = halves(page)
        below = "{}.getBoundingClientRect().bottom <= {}.getBoundingClientRect().top"
        assert page.value(below.format(ann.place(), bob.place()))
        ann.write(
            "title", "An article whose title is a good deal longer than any line of a telephone"
        )
        ann.press("Create")
        bob.press("An article")
        bob.press("Edit")
        ann.sees("Bob editing", ".articles")
        ann.say("One_word_that_has_no_end_" * 8)
        bob.sees("One_word", ".log")
        ann.press("Cut the line")
        ann.is_in("offline")
        ann.say("away")
        ann.sees("chat.send", ".queue")
        assert no_wider_than(page, NARROW)
        assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(16, 19, 24)"
        assert all(name for _, name in page.named("button", "textbox", "log"))
        small = "[...document.querySelectorAll('button, input, textarea')].filter(one =>"
        assert page.value(f"{small} one.getBoundingClientRect().height < 24).length") == 0


def test_each_is_killed_and_started_again_once(tmp_path: Path, browser: Browser) -> None:
    with demo(folder=tmp_path) as first:
        page = browser.open(first.url, width=WIDE)
        ann, bob = halves(page)

        kill(first.child("omnisession_reference"))
        assert "the server has ended (exit code 137), and is started again" in first.said()
        # What is said meanwhile waits for the new one, and is not lost.
        ann.say("who is there")
        bob.say("I am")
        for half in (ann, bob):
            half.sees("who is there", ".log")
            half.sees("I am", ".log")
        page.wait(f"{LIVE} && {REST}")

        kill(first.child("nats-server"))
        assert "the broker has ended (exit code 137), and is started again" in first.said()
        ann.say("still there")
        bob.sees("still there", ".log")
        page.wait(f"{LIVE} && {REST}")

        port, children = first.port, first.children()
        first.process.kill()
        first.process.wait()
        ann.is_in("offline")
    with demo("--port", str(port), folder=tmp_path) as second:
        assert second.url == first.url
        assert gone(children)
        page.reload()
        ann, bob = halves(page)
        ann.say("a new beginning")
        bob.sees("a new beginning", ".log")
        children = second.children()
        assert second.end(signal.SIGTERM) == 0
        assert gone(children)


def no_wider_than(page: Page, width: int) -> bool:
    return int(page.value("document.documentElement.scrollWidth")) <= width
