"""Nothing secret leaves any command, whatever it is made of and whoever would print it."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from tests.kit.broker.running import nats_server
from tests.kit.command.tool import QUICK, Ran, clean_environment, omnisession

from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.results.jsonl import PACKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.kit.command.inside import Inside

SUITE = ("--pyargs", "omnisession_conformance.suite")
PASSWORDS = {
    "plain": "correct-horse-battery",
    "of addresses": "p/a@s:s#w?r%d,x",
    "encoded already": "p%2Fa%40s%25x",
    "quotes": 'it\'s "said" `so` $HOME',
    "markup": "<b>&amp;[red]x[/]</b>",
    "pattern": "(a+)+$|.*[^x]{2}",
    "backslashes": "c:\\new\\table\\u0041",
    "lines": "first line\nsecond\tline",
    "spaces": "two  spaces   here ",
    "other alphabets": "пароль-ünï-密码-😀",
    "short": "zq7",
    "short and odd": "q@7",
    "two letters": "zq",
    "prefix": "hunter2-hunter2",
    "token": "t0k.en+/=Ab~",
}
"""Passwords of the broker's user; the secret of the tokens is `OTHER`, which one is a beginning of."""
OTHER = "hunter2-hunter2-and-more-of-it-0123456789"
TELLS = (
    "import os, sys\n"
    "told = [f'{n}={v}' for n, v in os.environ.items() if n.startswith(('NATS', 'OMNI'))]\n"
    "print(told, *told, sys.argv, os.environ['NATS_URL'], sep='\\n', flush=True)\n"
)
DIES = TELLS + "sys.exit(7)\n"
SERVES = TELLS + "os.execv(sys.executable, [sys.executable, '-m', 'omnisession_reference'])\n"


def forms(secret: str) -> Iterator[str]:
    """A secret as it may be written somewhere."""
    yield secret
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (html.escape(secret), escape(secret), escape(secret, {'"': "&quot;"}))
    yield from (repr(secret)[1:-1], shlex.quote(secret), " ".join(secret.split()))
    if len(secret.encode()) >= 8:
        yield base64.b64encode(secret.encode()).decode().rstrip("=")


def seen(secret: str, text: str) -> str | None:
    """The form in which a secret stands in a text; one of a few letters counts as a word."""
    for form in forms(secret):
        pattern = re.escape(form)
        if len(secret) < 6:
            pattern = rf"(?<!\w){pattern}(?!\w)"
        if found := re.search(pattern, text):
            return text[max(0, found.start() - 60) : found.end() + 20]
    return None


def assert_hidden(ran: Ran, folder: Path, *secrets: str, besides: tuple[str, ...] = ()) -> None:
    """Look through all that a command has written."""
    texts = {"stdout": ran.out, "stderr": ran.err}
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in besides:
            data = path.read_bytes()
            packed = path.suffix == PACKED
            texts[path.name] = (gzip.decompress(data) if packed else data).decode(
                "utf-8", "replace"
            )
    for secret in secrets:
        for name, text in texts.items():
            assert (found := seen(secret, text)) is None, f"{name}: {found!r}"


def toml(value: object) -> str:
    """A value in TOML, which has no surrogates."""
    return json.dumps(value, ensure_ascii=False)


def configure(folder: Path, password: str, script: str, places: Mapping[str, str]) -> str:
    """A file with credentials in every place that has any; gives the address with them in it."""
    (folder / "target.py").write_text(script, "utf-8")
    command = [sys.executable, str(folder / "target.py"), "--password", password, f"KEY={password}"]
    broker = {"url": f"nats://{places['nats']}", "user": "kit", "password": password}
    lines = ["[broker]", *(f"{n} = {toml(v)}" for n, v in broker.items())]
    lines += ["[target]", f"command = {toml(command)}"]
    lines += ["[target.env]", f"MY_PASSWORD = {toml(password)}"]
    lines += ["[fixture]", f"secret = {toml(OTHER)}", ""]
    (folder / "omnisession.toml").write_text("\n".join(lines), "utf-8")
    return f"nats://kit:{quote(password, safe='')}@{places['nats']}"


INPUTS = ("omnisession.toml", "target.py")


def broker_of(password: str) -> str:
    written = json.dumps([{"user": "kit", "password": password}], ensure_ascii=False)
    return f"authorization {{ users: {written} }}\n"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, id=n, marks=() if n == "of addresses" else pytest.mark.dear)
        for n in PASSWORDS
    ],
)
def test_no_password_leaves_a_command(name: str, inside: Inside) -> None:
    password, folder = PASSWORDS[name], inside.folder
    with nats_server(broker_of(password)) as places:
        url = configure(folder, password, DIES, places)
        for arguments in (("doctor",), ("check", *QUICK), ("doctor", "--nats", url)):
            ran = inside.omnisession(*arguments)
            assert ran.code == 3, ran.out + ran.err
            assert "ended before it answered" in " ".join((ran.out + ran.err).split())
            assert_hidden(ran, folder, password, OTHER, besides=INPUTS)
        configure(folder, password, SERVES, places)
        for arguments in (
            ("check", *QUICK),
            ("check", "--nats", url, "--secret", OTHER, *QUICK, "--report", "report"),
            ("report", "report/results.jsonl"),
            ("judge", f"report/{TRANSCRIPT_FILE}", "--report", "judged"),
            ("diff", "report/results.jsonl", "report/results.jsonl"),
            ("baseline", "report/results.jsonl"),
            ("validate", "omnisession.toml"),
        ):
            ran = inside.omnisession(*arguments)
            assert "Traceback" not in ran.err
            assert arguments[0] != "check" or ran.code == 0, ran.out + ran.err
            assert_hidden(ran, folder, password, OTHER, besides=INPUTS)
        wrong = url.replace("nats://kit:", "nats://other:")
        for arguments in (
            ("doctor", "--nats", wrong),
            ("check", "--nats", wrong),
            ("check", "--nats", f"{url},x://"),
            ("check", "--server-cmd", f"run --password {shlex.quote(password)} '"),
            ("check", f"--secret={password}", "--only", password),
        ):
            ran = inside.omnisession(*arguments)
            assert ran.code in (3, 4), ran.out + ran.err
            assert_hidden(ran, folder, password, OTHER, besides=INPUTS)


@pytest.mark.dear
@pytest.mark.parametrize("raw", ["pw/w0rd", "pw@w0rd", "pw:w0rd", "pw#w0rd", "pw%w0rd", "pw?w0rd"])
def test_an_address_that_is_not_encoded_is_not_shown(raw: str, tmp_path: Path) -> None:
    for command in ("check", "doctor"):
        ran = omnisession(command, "--nats", f"nats://kit:{raw}@127.0.0.1:1", cwd=tmp_path)
        assert ran.code in (3, 4), ran.out + ran.err
        assert_hidden(ran, tmp_path, raw)
        assert "w0rd" not in ran.out + ran.err
    ran = omnisession(
        "serve", "--nats", f"nats://kit:{raw}@127.0.0.1:1", "--secret", OTHER, cwd=tmp_path
    )
    assert ran.code in (3, 4)
    assert_hidden(ran, tmp_path, raw, OTHER)


@pytest.mark.dear
@pytest.mark.parametrize("script", [DIES, SERVES])
@pytest.mark.parametrize("name", ["of addresses", "lines", "quotes", "prefix"])
def test_no_password_leaves_pytest_and_the_self_test(
    name: str, script: str, tmp_path: Path
) -> None:
    password = PASSWORDS[name]
    with nats_server(broker_of(password)) as places:
        configure(tmp_path, password, script, places)
        tested = run_pytest(*SUITE, "-k", "CTRL-013", "--omni-report", "report", cwd=tmp_path)
    assert_hidden(tested, tmp_path, password, OTHER, besides=INPUTS)
    text = (tmp_path / "omnisession.toml").read_text("utf-8")
    alone = text[text.index("[target]") :]
    (tmp_path / "omnisession.toml").write_text(alone, "utf-8")
    proved = omnisession("selftest", "--variants", "--only", "CTRL-013", cwd=tmp_path)
    assert "Traceback" not in proved.err
    assert_hidden(proved, tmp_path, password, OTHER, besides=INPUTS)


def run_pytest(*arguments: str, cwd: Path) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr, cwd / "report")
