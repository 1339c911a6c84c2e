"""What is judged, a server or a client: by options, by the file, and what goes with neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.environment.asked import FOR_SERVERS, NOT_FOR_PAIRS, Asked
from omnisession_conformance.environment.config import load_config
from omnisession_conformance.environment.settings import Settings, read_settings
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.roles import PROFILES_OF, ROLES
from omnisession_conformance.suite import roles

if TYPE_CHECKING:
    from pathlib import Path

OF_A_CLIENT = '[target]\nrole = "client"\ncommand = "./adapter"\n'
OF_A_SERVER = '[broker]\nurl = "nats://b"\n[target]\ncommand = "./server"\n[bounds]\ntimeout = 9\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "omnisession.toml"
    file.write_text(text, "utf-8")
    return file


def settings(asked: Asked, file: Path | None = None, url: str | None = None) -> Settings:
    return read_settings(file, url, asked.server_command, None, seed=1, asked=asked)[0]


@pytest.mark.parametrize(
    ("asked", "role", "command"),
    [
        (Asked(), "server", None),
        (Asked(server_command="./s -p 0"), "server", ("./s", "-p", "0")),
        (Asked(client_command="./c"), "client", ("./c",)),
        (Asked("client"), "client", None),
        (Asked("client", client_command="./c"), "client", ("./c",)),
    ],
)
def test_options_say_the_role(asked: Asked, role: str, command: tuple[str, ...] | None) -> None:
    found = settings(asked)
    assert (found.role, found.command) == (role, command)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            Asked("server", "./s", "./c"),
            "--server-cmd and --client-cmd together run a server and a client, and --role server",
        ),
        (
            Asked("interop", client_command=""),
            "--client-cmd is empty: give the command that starts",
        ),
        *(
            (
                Asked(None, "./s", "./c", given=(f"--{name}",)),
                f"--{name} is not for a server with a client",
            )
            for name in NOT_FOR_PAIRS
        ),
        (Asked("client", "./s"), "--server-cmd starts a server, and --role client judges a client"),
        (Asked("server", None, "./c"), "--client-cmd starts a client, and --role server"),
        (Asked(None, None, ""), "--client-cmd is empty: give the command that starts the client"),
        (
            Asked(None, None, "./c", attach="a.b"),
            "--client-attach is for a client that runs already, and --client-cmd starts one",
        ),
        (
            Asked(carrier="lines", attach="a.b"),
            "--client-attach names a subject: a client that runs",
        ),
        (Asked(attach="a.*"), "--client-attach: 'a.\\*' is no subject for requests"),
        (
            Asked(None, "./s", attach="a.b"),
            "--client-attach is for clients, and --server-cmd starts",
        ),
        (Asked(None, "./s", carrier="lines"), "--client-carrier is for clients, and --server-cmd"),
        (
            Asked("server", attach="a.b"),
            "--client-attach and --client-carrier are for a client, and --role server",
        ),
        (Asked("client", carrier="subject"), "The reference client speaks on lines"),
        (Asked("client", given=("--omni-nats",)), "--omni-nats is for servers: a client is judged"),
        *(
            (Asked("client", given=(f"--{name}",)), f"--{name} is for servers: ")
            for name in FOR_SERVERS
        ),
    ],
)
def test_what_goes_with_no_role_is_refused(asked: Asked, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        settings(asked)


def test_options_say_the_carrier() -> None:
    assert (settings(Asked("client")).carrier, settings(Asked()).carrier) == ("lines", "lines")
    on_lines = settings(Asked(client_command="./c", carrier="lines"))
    assert (on_lines.carrier, on_lines.attach, on_lines.start_timeout_s) == ("lines", None, 30)
    page = settings(Asked(client_command="./c", carrier="subject"))
    assert (page.carrier, page.attach, page.attaches) == ("subject", None, False)
    assert page.start_timeout_s == 60
    # A browser alone takes more memory than a run may.
    assert page.bounds.watched_bytes - on_lines.bounds.watched_bytes == 1_500_000_000
    running = settings(Asked(attach="omni.testee.mine"))
    assert (running.role, running.carrier, running.attach) == (
        "client",
        "subject",
        "omni.testee.mine",
    )
    assert running.attaches


def test_a_file_says_the_carrier_and_options_come_first(tmp_path: Path) -> None:
    file = written(tmp_path, f'{OF_A_CLIENT}carrier = "subject"')
    assert settings(Asked(), file).carrier == "subject"
    assert settings(Asked(carrier="lines"), file).carrier == "lines"
    file = written(tmp_path, '[target]\nrole = "client"\nattach = "a.b"')
    assert settings(Asked(), file).attach == "a.b"
    assert settings(Asked(attach="c"), file).attach == "c"
    started = settings(Asked(client_command="./c"), file)
    assert (started.attach, started.carrier) == (None, "lines")


def test_a_server_is_refused_none_of_them() -> None:
    given = tuple(f"--{name}" for name in FOR_SERVERS)
    assert settings(Asked(given=given), url="nats://x").url == "nats://x"


def test_what_the_environment_says_for_servers_breaks_no_run_on_a_client() -> None:
    found = read_settings(
        None, "nats://somebody", None, "s", topology="leaf", disguise=True, asked=Asked("client")
    )[0]
    assert (found.url, found.fixture.secret, found.disguise) == (None, None, False)
    assert found.broker.plain


def test_a_file_is_about_a_client(tmp_path: Path) -> None:
    found = settings(Asked(), written(tmp_path, OF_A_CLIENT))
    assert (found.role, found.command, found.passed_over) == ("client", ("./adapter",), "")
    assert found.start_timeout_s == 30


def test_a_file_about_another_role_gives_its_bounds_and_says_so(tmp_path: Path) -> None:
    found = settings(Asked("client"), written(tmp_path, OF_A_SERVER))
    assert (found.role, found.command, found.url) == ("client", None, None)
    assert found.bounds.timeout_s == 9
    assert found.passed_over == (
        "the configuration is about a server: of it a client takes the bounds and the seed alone "
        "(target.role says what a file is about)"
    )
    only_bounds = written(tmp_path, "[bounds]\ntimeout = 9\n")
    assert settings(Asked("client"), only_bounds).passed_over == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[target]\nrole = "robot"',
            "target.role: there is no role 'robot'; known are server, client",
        ),
        (f'{OF_A_CLIENT}[broker]\nurl = "nats://b"', "broker.url: this is for servers"),
        (f"{OF_A_CLIENT}env = {{}}", "target.env: this is for servers"),
        (f'{OF_A_CLIENT}carrier = "pigeon"', "there is no carrier 'pigeon'; known are lines, subj"),
        (
            f'{OF_A_CLIENT}attach = "a.b"',
            "target.attach: it runs already, and target.command starts",
        ),
        (
            '[target]\nrole = "client"\nattach = "a.b"\ncarrier = "lines"',
            "target.attach: a client that runs already has no lines",
        ),
        ('[target]\nrole = "client"\nattach = "a b"', "target.attach: 'a b' is no subject"),
        (
            '[target]\nattach = "a.b"',
            "target.attach: this is for clients, and target.role is server",
        ),
        (
            '[target]\nclient_command = "c"',
            "target.client_command: this is for a server with a client",
        ),
        ('[target]\nrole = "interop"\n[hooks]\nstop = "x"', "hooks.stop: this is for servers"),
        (f'{OF_A_CLIENT}[hooks]\nstop = "x"', "hooks.stop: this is for servers"),
        (f'{OF_A_CLIENT}[fixture]\nsecret = "x"', "fixture.secret: this is for servers"),
        (f"{OF_A_CLIENT}[run]\ndisguise = true", "run.disguise: this is for servers"),
        (
            f'{OF_A_CLIENT}[claim]\nprofiles = ["durable"]',
            "there is no 'durable'",
        ),
        ('[claim]\nprofiles = ["states"]', "there is no 'states'"),
    ],
)
def test_what_is_not_for_the_role_of_a_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_config(written(tmp_path, text))


def test_what_is_expected_of_a_client_has_its_names(tmp_path: Path) -> None:
    claim = load_config(written(tmp_path, f'{OF_A_CLIENT}[claim]\nprofiles = ["states"]')).claim
    assert claim is not None
    assert claim.profiles == ("states",)


def test_both_commands_make_a_pair() -> None:
    found = settings(Asked(None, "./s", "./c x"))
    assert (found.role, found.command, found.client_command) == ("interop", ("./s",), ("./c", "x"))
    both = settings(Asked("interop"))
    assert (both.role, both.command, both.client_command) == ("interop", None, None)
    page = settings(Asked(None, "./s", "./c", carrier="subject"))
    assert (page.role, page.carrier) == ("interop", "subject")


def test_a_file_is_about_a_pair_and_about_each_side_of_it(tmp_path: Path) -> None:
    text = '[target]\nrole = "interop"\ncommand = "./s"\nclient_command = "./c"\n[fixture]\nsecret = "x"'
    file = written(tmp_path, text)
    both = settings(Asked(), file)
    assert (both.role, both.command, both.client_command) == ("interop", ("./s",), ("./c",))
    server = settings(Asked("server"), file)
    assert (server.command, server.client_command) == (("./s",), None)
    assert server.fixture.secret == "x"
    client = settings(Asked("client"), file)
    assert (client.command, client.fixture.secret) == (("./c",), None)
    other = settings(Asked("interop", client_command="./d"), file)
    assert (other.command, other.client_command) == (("./s",), ("./d",))


def test_a_file_about_one_side_gives_it_to_a_pair(tmp_path: Path) -> None:
    server = written(tmp_path, '[target]\ncommand = "./s"\n[fixture]\nsecret = "x"')
    found = settings(Asked("interop", client_command="./c"), server)
    assert (found.command, found.client_command) == (("./s",), ("./c",))
    assert (found.fixture.secret, found.passed_over) == ("x", "")
    client = written(tmp_path, OF_A_CLIENT)
    found = settings(Asked("interop", "./s"), client)
    assert (found.command, found.client_command) == (("./s",), ("./adapter",))
    running = written(tmp_path, '[broker]\nurl = "nats://b"')
    with pytest.raises(UsageError, match="about a server that is running already"):
        settings(Asked("interop", client_command="./c"), running)


def test_every_role_of_the_suite_has_its_profiles_told_below_it() -> None:
    assert {role.name: role.profiles for role in roles()} == PROFILES_OF
    assert tuple(PROFILES_OF) == ROLES
