"""Bad input is refused with one clear message that names the thing and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK, Ran, omnisession

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

CONFIGS = {
    "[broker\n": "is no valid TOML",
    "[brokr]\n": "did you mean 'broker'?",
    "[target]\ncommando = 'x'\n": "target.commando: there is no such setting; did you mean 'command'?",
    "[target]\ncommand = 5\n": "target.command: a text that is not empty is needed here",
    '[target]\ncommand = "a \'b"\n': "is no command line",
    "[[fixture.users]]\nid = 'a'\n": "fixture.users[0]: 'token' is missing",
    "[[fixture.users]]\nid='a'\ntoken='t'\nroles=['boss']\n": "no role 'boss'",
    "[fixture]\nsecret_env = 'NOT_SET_ANYWHERE'\n": "NOT_SET_ANYWHERE is not set",
    "[target]\nstart_timeout = '9'\n": "target.start_timeout: a number of seconds above 0 is needed",
    "[target]\nstart_timeout = true\n": "target.start_timeout: a number of seconds above 0 is needed",
    "[target]\nstart_timeout = 0\n": "target.start_timeout: a number of seconds above 0 is needed",
    "[target]\nstart_timeout = inf\n": "target.start_timeout: a number of seconds above 0 is needed",
    "[fixture]\ntakes_null = 'yes'\n": "true or false is needed here",
    "[fixture.rights]\nowner = []\n": "fixture.rights.owner",
}


OPTIONS = [
    (("--only", "CTRL-099"), 4, "There is no requirement, check, area or case 'CTRL-099'"),
    (("--only", "ctrl-013"), 4, "Did you mean CTRL-013"),
    (("--case", "no-such-case"), 4, "There is no case 'no-such-case'"),
    (("--profile", "article"), 4, "Did you mean articles"),
    (("--only", "CTRL-013", "--skip", "CTRL-013"), 5, "The selection matches no check"),
    (("--only", "CTRL-013", "--profile", "digests"), 5, "The selection matches no check"),
    (("--server-cmd", ""), 4, "--server-cmd is empty"),
    (("--server-cmd", "a 'b"), 4, "is no command line"),
    (("--start-timeout", "-1"), 4, "--start-timeout: a number of seconds above 0 is needed"),
    (("--start-timeout", "nan"), 4, "--start-timeout: a number of seconds above 0 is needed"),
    (("--start-timeout", "soon"), 4, "'soon' is not a valid float"),
    (("--config", "nowhere.toml"), 4, "Cannot read the configuration nowhere.toml"),
    (("--no-such-option",), 4, "No such option"),
]


def assert_refused(ran: Ran, code: int, said: str) -> None:
    assert ran.code == code, ran.out + ran.err
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not ran.folder.exists()


@pytest.mark.parametrize(("text", "said"), CONFIGS.items())
def test_broken_configuration(text: str, said: str, inside: Inside) -> None:
    (inside.folder / "omnisession.toml").write_text(text)
    ran = inside.omnisession("check", *QUICK)
    assert_refused(ran, 4, said)
    assert "omnisession.toml" in ran.err


@pytest.mark.parametrize(("arguments", "code", "said"), OPTIONS)
def test_bad_options(arguments: tuple[str, ...], code: int, said: str, inside: Inside) -> None:
    assert_refused(inside.omnisession("check", *arguments), code, said)


@pytest.mark.parametrize(
    ("text", "arguments", "code", "said"),
    [
        ("[broker\n", (), 4, "is no valid TOML"),
        ("", *OPTIONS[-1]),
        ("", *OPTIONS[4]),
    ],
)
def test_the_program_itself_says_the_same(
    text: str, arguments: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "omnisession.toml").write_text(text)
    assert_refused(omnisession("check", *arguments, cwd=tmp_path), code, said)


def test_fixture_that_can_open_nothing(inside: Inside, broker: str) -> None:
    ran = inside.omnisession("check", "--nats", broker)
    assert ran.code == 4
    assert "neither a secret nor users" in ran.err


def test_report_folder_that_is_a_file(inside: Inside) -> None:
    (inside.folder / "report").write_text("mine")
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 4
    assert "report" in ran.err
    assert (inside.folder / "report").read_text() == "mine"


def test_wrong_secret(inside: Inside) -> None:
    (inside.folder / "omnisession.toml").write_text(
        "[target]\nenv = {OMNISESSION_SECRET = 'another secret of thirty-two bytes!'}\n"
    )
    ran = inside.omnisession("check")
    assert ran.code == 3
    assert "refused the probe's session.open" in ran.footer["reason"]
    assert "4010" in ran.footer["reason"]
