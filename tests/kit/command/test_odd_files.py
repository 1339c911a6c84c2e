"""Whatever stands in the place of a file, each command says so in one sentence, and soon."""

from __future__ import annotations

import gzip
import os
import socket
import time
import tomllib
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK

from omnisession_conformance import files
from omnisession_conformance.environment.config import load_config
from omnisession_conformance.environment.settings import read_settings
from omnisession_conformance.errors import UsageError
from omnisession_conformance.results import jsonl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.command.inside import Inside

LINE = b'{"line":"transcript","schema":"x"}\n'
BYTES = {
    "zeros": bytes(1_000),
    "a NUL in it": b'{"line":"header","kit":"\0"}\n',
    "deep": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "a long number": b'{"line":' + b"9" * 200_000 + b"}\n",
    "an infinite number": b'{"line":"header","started_at":1e400}\n',
    "a mark of its order": b"\xef\xbb\xbf{}",
    "UTF-16": '{"line":"header"}\n'.encode("utf-16"),
    "halves of characters": b'{"line":"\\ud800"}\n\xed\xa0\x80',
    "bytes": bytes(range(256)),
    "half a packed file": gzip.compress(LINE * 1_000)[:40],
    "the head of a packed file": b"\x1f\x8b",
    "more behind a packed file": gzip.compress(LINE) + b"more",
    "a long name": b".".join([b"a"] * 100_000) + b" = 1\n",
    "a long name of a table": b"[" + b".".join([b"a"] * 100_000) + b"]\nb = 1\n",
    "another list": b"[1, 2]\n",
    "aliases": b"a: &a [x, x]\nb: [*a, *a, *b]\n",
}
COMMANDS = {
    "check": ("check", *QUICK, "--config"),
    "doctor": ("doctor", "--config"),
    "selftest": ("selftest", "--config"),
    "expected": ("check", *QUICK, "--expected-failures"),
    "report": ("report",),
    "diff": ("diff", "good"),
    "baseline": ("baseline", "write", "--reason", "r"),
    "judge": ("judge",),
    "validate": ("validate",),
}
PLACES = ("folder", "pipe", "socket", "loop", "zero", "random", "hole", "missing", "long")


def make(place: str, folder: Path) -> str:
    """Something in the place of a file."""
    path = folder / place
    match place:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "socket":
            # Its name must be short: it is bound to where the test is.
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(place)
        case "loop":
            path.symlink_to(path)
        case "zero" | "random":
            return f"/dev/{'u' if place == 'random' else ''}{place}"
        case "hole":
            with path.open("wb") as file:
                file.truncate(2**42)
        case "long":
            return "x" * 5_000
        case _:
            pass
    return place


def assert_one_sentence(inside: Inside, command: str, file: str) -> None:
    ran = inside.omnisession(*COMMANDS[command], file)
    assert ran.code in ((1, 4) if command == "validate" else (4,)), ran.out + ran.err
    assert "Traceback" not in ran.err
    if ran.code == 4:
        assert len(ran.err.splitlines()) == 1
        assert ran.out == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_odd_bytes(command: str, inside: Inside) -> None:
    for name, data in BYTES.items():
        (inside.folder / "odd").write_bytes(data)
        (inside.folder / "good").write_bytes(data)
        if name == "another list" and command == "validate":
            continue
        assert_one_sentence(inside, command, "odd")


@pytest.mark.parametrize("command", COMMANDS)
def test_odd_places(command: str, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WRITER_WITHIN_S", 0.01)
    monkeypatch.chdir(inside.folder)
    (inside.folder / "good").write_bytes(b"{}")
    for place in PLACES:
        assert_one_sentence(inside, command, make(place, inside.folder))


@pytest.mark.parametrize("place", ["folder", "pipe", "loop"])
def test_an_odd_configuration_is_not_passed_over(
    place: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WRITER_WITHIN_S", 0.01)
    make(place, inside.folder)
    (inside.folder / place).rename(inside.folder / "omnisession.toml")
    ran = inside.omnisession("check", *QUICK)
    assert ran.code == 4
    assert ran.err.startswith("omnisession: Cannot read the configuration omnisession.toml: ")


def bomb(size: int, line: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = line * (2**20 // len(line))
    return b"".join([*(packer.compress(block) for _ in range(size >> 20)), packer.flush()])


@pytest.mark.parametrize("line", [b"\0", b"\0" * 1023 + b"\n"], ids=["one line", "lines"])
@pytest.mark.parametrize("command", ["judge", "report"])
def test_a_packed_file_that_holds_very_much(
    line: bytes, command: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "MOST_OF_LINE", 2**23)
    (inside.folder / "odd").write_bytes(bomb(2**26, line))
    assert_one_sentence(inside, command, "odd")
    ran = inside.omnisession(*COMMANDS[command], "odd")
    assert ("a line of it is longer than 8 MB" if len(line) == 1 else "line 1") in ran.err


def test_time_grows_with_a_long_line_and_no_more(tmp_path: Path) -> None:
    def took(size: int) -> float:
        (tmp_path / "odd").write_bytes(bomb(size, b"\0"))
        begun = time.process_time()
        assert len(list(jsonl.read_lines(tmp_path / "odd"))) == 1
        return time.process_time() - begun

    took(2**22)
    assert took(2**26) < 8 * 4 * max(took(2**24), 0.005)


def test_lines_come_as_they_stand(tmp_path: Path) -> None:
    for data in (
        b"",
        b"\n\n",
        b"a",
        b"a\n",
        b"a\n\nb\xff",
        b"\na\r\nb" + b"x" * (3 << 20) + b"\nc\n",
    ):
        told = data.decode("utf-8", "replace")
        expected = [(n, text) for n, text in enumerate(told.split("\n"), 1) if text]
        for packed in (data, gzip.compress(data)):
            (tmp_path / "file").write_bytes(packed)
            lines = list(jsonl.read_lines(tmp_path / "file"))
            assert [(line.number, line.text) for line in lines] == expected
            assert all(line.whole for line in lines[:-1])
            assert not lines or lines[-1].whole is told.endswith("\n")


def test_a_pipe_to_which_somebody_writes_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, LINE)
    os.close(writer)
    try:
        assert files.read_file(Path(f"/dev/fd/{reader}"), 100) == LINE
    finally:
        os.close(reader)


VALUES = (
    *("1", "-1", "0", "1.5", "inf", "nan", "true", '""', '"\\u0000"', '"x"', "[]", "[1]", "[[]]"),
    *("{}", "{a = 1}", "[{}]", "1979-05-27", "9223372036854775808", '"\\U0010ffff"', '["", "\\n"]'),
    *('"nats://"', '"nats://[::1"', '"\'"', '"a \\\\"', '"%zz://@:x"', '["x", "x"]', '"\\ufeff"'),
)
SETTINGS = (
    *("broker", "target", "fixture", "hooks", "bounds", "other"),
    *(f"broker.{n}" for n in ("url", "user", "password", "token", "credentials", "nkey_seed_file")),
    *(f"broker.{n}" for n in ("ca_file", "cert_file", "key_file", "server_name", "tls_first")),
    *(f"target.{n}" for n in ("command", "env", "env.A", "private_subjects", "start_timeout")),
    *(f"fixture.{n}" for n in ("secret", "secret_env", "takes_null", "rights", "users", "expired")),
    *("fixture.rights.editor", "fixture.expired.id", "fixture.expired.token"),
    *("hooks.stop", "hooks.start", "bounds.timeout", "bounds.memory", "bounds.messages"),
)
USER = {"id": '"a"', "token": '"t"', "roles": '["editor"]'}


def config_texts() -> Iterator[str]:
    for value in VALUES:
        for name in SETTINGS:
            yield f"{name} = {value}\n"
        for member in (*USER, "username", "email", "permissions", "other"):
            told = {**USER, member: value}
            yield "[[fixture.users]]\n" + "".join(f"{n} = {v}\n" for n, v in told.items())


def test_any_value_of_any_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "omnisession.toml"
    refused, taken = list[str](), 0
    for text in config_texts():
        tomllib.loads(text)
        file.write_text(text, "utf-8")
        try:
            load_config(file)
            read_settings(file, None, None, None)
        except UsageError as error:
            refused.append(str(error))
        else:
            taken += 1
    assert not [words for words in refused if not words.startswith(str(file)) or "\n" in words]
    assert len(refused) > taken > 100
