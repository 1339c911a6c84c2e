"""Bad input is refused with one clear message that names the thing and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK, Ran, omnisession
from tests.kit.report.samples import failures
from tests.kit.report.stream import write_stream

from omnisession_conformance.report import REPORTS

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
    "[target.env]\nDEBUG = true\n": "target.env.DEBUG: a text or a number is needed here",
    "[target.env]\nDAY = 2026-01-01\n": "target.env.DAY: a text or a number is needed here",
    f"[target.env]\nBIG = 0x{'f' * 5000}\n": "target.env.BIG: a text or a number is needed here",
    '[target.env]\nX = "a\\u0000"\n': "target.env.X: a NUL character",
    "[target]\nstart_timeout = '9'\n": "target.start_timeout: a number of seconds above 0 is needed",
    "[target]\nstart_timeout = true\n": "target.start_timeout: a number of seconds above 0 is needed",
    "[target]\nstart_timeout = 0\n": "target.start_timeout: a number of seconds above 0 is needed",
    "[target]\nstart_timeout = inf\n": "target.start_timeout: a number of seconds above 0 is needed",
    "[fixture]\ntakes_null = 'yes'\n": "true or false is needed here",
    "[fixture.rights]\nowner = []\n": "fixture.rights.owner",
    '[target]\ncommand = "a\\u0000b"\n': "target.command: a NUL character stands in it",
    '[target]\ncommand = ["a", "\\u0000"]\n': "target.command[1]: a NUL character stands in it",
    '[hooks]\nstop = "\\u0000"\n': "hooks.stop: a NUL character stands in it",
    '[broker]\nurl = "a\\u0000"\n': "broker.url: a NUL character stands in it",
    '[target.env]\n"A=B" = "x"\n': "target.env: the name of a variable is 'A…', with '=' or NUL in it",
    '[target.env]\n"A\\u0000" = "x"\n': "target.env: the name of a variable is",
    '[target.env]\n"" = "x"\n': "target.env: the name of a variable is empty",
    '[target.env]\nA = "\\u0000"\n': "target.env.A: a NUL character stands in it",
    f"a = {'[' * 5_000}": "is no configuration: it is nested too deeply",
    f"a = {'{a = ' * 3_000}": "is no configuration: it is nested too deeply",
    f"a = {'9' * 5_000}": "a number in it has too many digits",
    '"\\u001b[31m" = 1': "\\x1b[31m: there is no such setting",
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
        pytest.param("", *OPTIONS[-1], marks=pytest.mark.dear),
        pytest.param("", *OPTIONS[4], marks=pytest.mark.dear),
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
    assert "refused the probe's session.open: 4010 UNAUTHENTICATED, " in ran.footer["reason"]
    assert "{" not in ran.out


DEEP = "[" * 100_000 + "]" * 100_000
HEADER = '{"line":"transcript","schema":"x"}\n'
MESSAGE = '{"line":"message","n":N,"t_ns":0,"at_ms":0,"from":"target","subject":"a",BODY}\n'


def message(body: str, n: str = "0") -> str:
    return HEADER + MESSAGE.replace("BODY", body).replace('"n":N', f'"n":{n}')


@pytest.mark.parametrize(
    "arguments",
    [
        *(("report", "x"), ("diff", "x", "x"), ("baseline", "write", "x", "--reason", "r")),
        *(("judge", "x"), ("check", *QUICK, "--expected-failures", "x")),
    ],
    ids=lambda words: words[0],
)
def test_a_file_that_is_nested_too_deeply(arguments: tuple[str, ...], inside: Inside) -> None:
    (inside.folder / "x").write_text(f"{DEEP}\n")
    assert_refused(inside.omnisession(*arguments), 4, "nested too deeply")


def test_a_message_that_is_nested_too_deeply_is_not_valid(inside: Inside) -> None:
    (inside.folder / "x").write_text(DEEP)
    assert inside.omnisession("validate", "x").code == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (message('"text":"\\ud800"'), "line 2: 'utf-8' codec can't encode"),
        (message('"base64":"a"'), "line 2: Invalid base64-encoded string"),
        (message('"base64":"!!!!"'), "line 2: Only base64 data is allowed"),
        (message('"text":""', "-1"), "line 2: /n: expected a number of messages"),
        (message('"text":""', "9" * 30), "line 2: /n: expected a number of messages"),
        (message('"text":""', "9" * 5_000), "line 2: a number in it has too many digits"),
    ],
)
def test_a_transcript_that_no_kit_wrote(text: str, said: str, inside: Inside) -> None:
    (inside.folder / "x").write_text(text)
    assert_refused(inside.omnisession("judge", "x"), 4, said)


def test_a_secret_that_is_no_text(inside: Inside) -> None:
    ran = inside.omnisession("check", "--secret", "a\udcff", *QUICK)
    assert_refused(ran, 4, "--secret (or OMNISESSION_SECRET): bytes stand in it that are no UTF-8")


@pytest.mark.parametrize("name", ["config", "expected-failures", "report"])
def test_a_name_with_a_nul_character(name: str, inside: Inside) -> None:
    ran = inside.omnisession("check", f"--{name}", "a\0b", *QUICK)
    assert_refused(ran, 4, "NUL character")


@pytest.mark.parametrize("odd", ["\\ud800", "\\udfff\\ud800", "\\u0000\\u001b[31m"])
def test_results_that_hold_what_is_no_character(odd: str, inside: Inside) -> None:
    path = inside.folder / "results.jsonl"
    write_stream(failures(), path)
    path.write_text(path.read_text("utf-8").replace('"title":"', f'"title":"{odd}'), "utf-8")
    ran = inside.omnisession("report", "results.jsonl", "--to", "report")
    assert ran.code == 1, ran.err
    assert {file.name for file in ran.folder.iterdir()} == set(REPORTS)


def test_results_whose_footer_has_no_exit_code_of_a_run(inside: Inside) -> None:
    path = inside.folder / "results.jsonl"
    write_stream(failures(), path)
    path.write_text(path.read_text("utf-8").replace('"exit_code":1', '"exit_code":77'), "utf-8")
    for arguments in (("report", "results.jsonl"), ("diff", "results.jsonl", "results.jsonl")):
        assert_refused(
            inside.omnisession(*arguments), 4, "/exit_code: 77 is none that a run ends with"
        )


def test_a_command_for_a_shell_is_told_that_none_runs_it(inside: Inside) -> None:
    for name in ("check", "doctor"):
        ran = inside.omnisession(name, "--server-cmd", "PORT=1 ./server")
        assert ran.code == 3
        assert ran.err.startswith(
            "omnisession: note: no shell runs the command, so that `PORT=…` is taken for the program"
        )
