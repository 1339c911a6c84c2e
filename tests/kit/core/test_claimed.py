"""What a configuration expects a target to declare, and what comes of it where the target does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.environment.config import Config, load_config
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.protocol.promise import Promise

if TYPE_CHECKING:
    from pathlib import Path

HAS = Declared(
    profiles=frozenset({"core", "events", "articles"}),
    kinds=("articles",),
    actions=frozenset({"session.noop", "article.create", "article.update"}),
)


def config(folder: Path, text: str) -> Config:
    file = folder / "omnisession.toml"
    file.write_text(text)
    return load_config(file)


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        (Promise(), ()),
        (Promise(profiles=("core",), kinds=("articles",), actions=("article.create",)), ()),
        (Promise(profiles=("core", "events", "articles")), ()),
        (Promise(profiles=("chat",)), ("no profile chat",)),
        (
            Promise(profiles=("digests", "chat", "core", "url")),
            ("no profile digests, chat or url",),
        ),
        (Promise(kinds=("chat", "chat")), ("no kind chat",)),
        (
            Promise(
                kinds=("user",), actions=("article.delete", "article.create", "article.publish")
            ),
            ("no kind user", "no action article.delete or article.publish"),
        ),
    ],
)
def test_what_is_missing_is_told_and_more_is_as_good(
    claim: Promise, missing: tuple[str, ...]
) -> None:
    assert claim.broken(HAS) == missing


def test_a_target_of_which_nothing_is_known_lacks_all() -> None:
    assert Promise(profiles=("events",), actions=("session.noop",)).broken(Declared()) == (
        "no profile events",
        "no action session.noop",
    )


def test_so_many_requirements_are_to_be_judged() -> None:
    claim = Promise(requirements=160)
    assert claim.too_few(160) == claim.too_few(170) == ()
    assert claim.too_few(159) == ("159 requirements judged, not 160 or more",)
    assert Promise().too_few(0) == ()


def test_the_file_says_what_is_expected(tmp_path: Path) -> None:
    assert config(tmp_path, "").claim is None
    assert config(tmp_path, "[claim]\n").claim is None
    text = """
[claim]
profiles = ["core", "chat"]
kinds = ["chat"]
actions = ["chat.send", "session.noop"]
requirements = 120
"""
    assert config(tmp_path, text).claim == Promise(
        ("core", "chat"), ("chat",), ("chat.send", "session.noop"), 120
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'profiles = ["core", "chatt"]',
            r"claim\.profiles\[1\]: there is no 'chatt'; did you mean 'chat'",
        ),
        ('kinds = ["article"]', r"claim\.kinds\[0\]: .*did you mean 'articles'"),
        ('actions = ["chat.sent"]', r"claim\.actions\[0\]: .*did you mean 'chat\.send'"),
        ('actions = ["xyz"]', r"claim\.actions\[0\]: .*known are session\.noop, "),
        ('profiles = "core"', r"claim\.profiles: a list of texts"),
        ('profiles = [""]', r"claim\.profiles\[0\]: a text that is not empty"),
        ("requirements = 0", r"claim\.requirements: an integer above 0"),
        ("requirements = -3", r"claim\.requirements: an integer above 0"),
        ("requirements = 1.5", r"claim\.requirements: an integer above 0"),
        ("requirements = true", r"claim\.requirements: an integer above 0"),
        (
            'profile = ["core"]',
            r"claim\.profile: there is no such setting; did you mean 'profiles'",
        ),
    ],
)
def test_a_wrong_name_is_refused_with_the_closest(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        config(tmp_path, f"[claim]\n{line}\n")
