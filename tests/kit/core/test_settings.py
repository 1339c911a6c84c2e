"""Settings of a run: options come before the file, and what nobody says has a default."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.engine.case import Case
from omnisession_conformance.engine.time_limits import limit_s
from omnisession_conformance.environment.config import START_TIMEOUT_S
from omnisession_conformance.environment.private import problem
from omnisession_conformance.environment.settings import Settings, read_settings
from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.roles.server.context import Context


def settings(folder: Path, text: str, start_timeout_s: float | None = None) -> Settings:
    path = folder / "omnisession.toml"
    path.write_text(text, "utf-8")
    return read_settings(path, None, None, None, start_timeout_s)[0]


@pytest.mark.parametrize(
    ("text", "option", "seconds"),
    [
        ("", None, START_TIMEOUT_S),
        ("[target]\nstart_timeout = 3\n", None, 3.0),
        ("[target]\nstart_timeout = 0.5\n", None, 0.5),
        ("[target]\nstart_timeout = 3\n", 7.5, 7.5),
        ("", 7.5, 7.5),
    ],
)
def test_time_to_start(text: str, option: float | None, seconds: float, tmp_path: Path) -> None:
    assert settings(tmp_path, text, option).start_timeout_s == seconds


@pytest.mark.parametrize(
    ("needs", "start_timeout_s", "limit"),
    [
        ((), START_TIMEOUT_S + 30, 5.0),
        (("hook:restart",), START_TIMEOUT_S, 5.0),
        (("hook:restart",), START_TIMEOUT_S + 30, 35.0),
        (("hook:restart",), 1.5, 5.0),
    ],
)
def test_a_case_that_restarts_a_slow_target_has_more_time(
    needs: tuple[str, ...], start_timeout_s: float, limit: float
) -> None:
    async def nothing(_: Context) -> None:
        raise NotImplementedError

    case = Case("restart", ("CTRL-017",), nothing, needs=needs, limit_ms=5_000)
    assert limit_s(case, start_timeout_s) == limit


def test_variables_are_texts_and_numbers(tmp_path: Path) -> None:
    text = '[target.env]\nPORT = 8080\nEMPTY = ""\nRATE = 0.5\nLOW = -1\nNAME = "x"\n'
    told = {"PORT": "8080", "EMPTY": "", "RATE": "0.5", "LOW": "-1", "NAME": "x"}
    assert settings(tmp_path, text).env == told


def test_without_a_file_everything_has_a_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings(None, None, None, None, seed=7)[0] == Settings(seed=7)


def test_a_broker_without_a_scheme_is_one_of_nats(tmp_path: Path) -> None:
    path = tmp_path / "omnisession.toml"
    path.write_text('[broker]\nurl = "nats://of-the-file"\n', "utf-8")
    assert read_settings(path, "of-the-option", None, None)[0].url == "nats://of-the-option"
    assert read_settings(path, None, None, None)[0].url == "nats://of-the-file"


@pytest.mark.parametrize(
    "prefix",
    [
        *("session", "session.", "session.>", "session.leak", "session.a.b.state"),
        *("user", "user.actions", "user.actions.ann", "chat", "chat.messages", "article"),
        *(
            "article.edit",
            "_INBOX",
            "_INBOX.mine",
            "$SYS",
            "",
            ".",
            ">",
            "*",
            "my.*.server",
            "a..b",
        ),
    ],
)
def test_a_private_prefix_among_the_subjects_of_the_protocol_is_refused(prefix: str) -> None:
    assert problem(prefix) is not None


@pytest.mark.parametrize("prefix", ["myserver.", "myserver", "sessions.", "s", "user.private.>"])
def test_a_private_prefix_of_its_own_is_taken(prefix: str) -> None:
    assert problem(prefix) is None


def test_settings_say_what_they_keep_from_being_judged(tmp_path: Path) -> None:
    assert settings(tmp_path, "").weakened == ()
    text = """
[target]
private_subjects = ["myserver."]
[fixture]
secret = "s"
takes_null = true
rights = { reader = ["post_edit_any"], editor = ["post_edit_any"], author = [] }
"""
    told = settings(tmp_path, text).weakened
    assert [sentence.partition(":")[0] for sentence in told] == [
        "private_subjects",
        "takes_null",
        "rights.reader",
    ]
    with pytest.raises(UsageError, match=r"target\.private_subjects.*'session\.leak' lies among"):
        settings(tmp_path, '[target]\nprivate_subjects = ["session.leak"]\n')
