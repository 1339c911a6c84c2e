"""Wrong clients: each can be asked for by name, and is unlike the right one in some scene."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nats
import pytest
from tests.client.kit_alone import KIT_ALONE
from tests.client.listed import MAY_LEAVE, ROWS, is_of_the_shell, registry
from tests.client.lives import Spies, over_a_cut
from tests.client.scenes import is_unlike

from omnisession_client import testee
from omnisession_client_faults.faults import FAULTS, Fault
from omnisession_client_faults.faults.registry import enter
from omnisession_client_faults.places import Replacement, find, in_force, put, replacing
from omnisession_conformance.selftest.listing import parse_faults

if TYPE_CHECKING:
    from tests.client.scenes.stage import Log

# It would end the process of the tests.
PURE = [
    one
    for one in FAULTS.values()
    if not is_of_the_shell(one.replacements) and one.name != "ends-its-process-at-garbage"
]
SHELL = [one for one in FAULTS.values() if is_of_the_shell(one.replacements)]
BRIEF_S = 2


def test_the_list_is_one_that_the_kit_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert testee.main(["--list-faults"]) == 0
    listed = parse_faults(capsys.readouterr().out, registry())
    assert [one.name for one in listed] == list(FAULTS)


def test_each_requirement_has_a_fault() -> None:
    broken = [one.requirement for one in FAULTS.values()]
    assert set(broken) == ROWS.keys()
    thin = {name for name in ROWS if name not in MAY_LEAVE and broken.count(name) < 2}
    assert thin == set(), "one way to break a requirement says little"


def test_sentences_are_sentences() -> None:
    for one in FAULTS.values():
        assert one.sentence[0].isupper()
        assert one.sentence.endswith(".")
        assert "\t" not in one.sentence


def test_what_it_replaces_is_replaced_and_comes_back() -> None:
    # One test for all: hundreds of them cost more to keep apart than to do.
    for one in FAULTS.values():
        before = [getattr(*find(part.place)) for part in one.replacements]
        with in_force(one.replacements):
            for part, original in zip(one.replacements, before, strict=True):
                owner, name = find(part.place)
                assert getattr(owner, name) is not original or not callable(original), one.name
        assert [getattr(*find(part.place)) for part in one.replacements] == before, one.name


@pytest.mark.dear
@pytest.mark.parametrize("one", PURE, ids=lambda one: one.name)
def test_it_is_unlike_the_right_client_in_some_scene_or_listed(
    one: Fault, right: tuple[Log, ...]
) -> None:
    with in_force(one.replacements):
        assert is_unlike(right) is (one.name not in KIT_ALONE)


def test_only_wrong_clients_are_listed_as_shown_by_the_kit_alone() -> None:
    assert {one.name for one in PURE} >= KIT_ALONE


@pytest.mark.dear
@pytest.mark.parametrize("one", SHELL, ids=lambda one: one.name)
def test_its_own_code_runs(server_url: str, one: Fault) -> None:
    async def scenario() -> None:
        spies = Spies(one.replacements)
        other = await nats.connect(server_url)  # pyright: ignore[reportUnknownMemberType]
        # What comes of it is for a kit to say; here it is that all of it is used.
        failures = contextlib.suppress(AssertionError, KeyError, TimeoutError)
        with in_force(spies.all), failures:
            await over_a_cut(server_url, other, BRIEF_S)
        await other.close()
        assert spies.waiting == set()

    asyncio.run(scenario())


def ran(program: str) -> int:
    return subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode


def test_nothing_of_it_is_there_until_it_is_asked_for() -> None:
    loaded = (
        "import sys; from omnisession_client import testee; testee.unlike.put_in_force({}, None)"
    )
    told = "; sys.exit(any('_faults' in name for name in sys.modules))"
    assert ran(loaded.format("None") + told) == 0
    assert ran(loaded.format("'never-pings'") + told) == 1


@pytest.mark.dear
def test_the_process_of_one_of_them_ends_at_garbage() -> None:
    client = (
        "from omnisession_client import hearing, unlike; from omnisession_client.values import *\n"
        "unlike.put_in_force('ends-its-process-at-garbage', None)\n"
        "hearing.heard(State(Config('ann', ('chat',))), Raw('session.ann.s.events', b'{}'))\n"
    )
    assert ran(client) == 0
    assert ran(client.replace("{}", "{")) == 1


def test_a_module_that_has_imported_a_function_has_the_other_one() -> None:
    from omnisession_client import shell
    from omnisession_client import update as module

    def as_ever(original: Any, *rest: Any) -> Any:
        return original(*rest)

    before = module.update
    with in_force([Replacement("update.update", as_ever)]):
        assert shell.update is module.update
        assert shell.update is not before
    assert shell.update is module.update is before


def test_who_changes_the_outbox_of_one_action_at_a_time_is_that_client() -> None:
    for one in FAULTS.values():
        alone = any(part.place.startswith("outbox.") for part in one.replacements)
        assert one.mode == "pure" or not alone
    assert FAULTS["never-repeats-the-silent"].mode == "pure"
    assert FAULTS["takes-a-cause-for-its-outcome"].mode == "pure"
    assert FAULTS["tells-no-nack"].mode is None


@pytest.mark.parametrize(
    "place", ["stream.gapp", "heard.gap", "shell.Shell.halt", "gap", "kinds.url"]
)
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(TypeError, match=place):
        replacing(place)
    with pytest.raises(TypeError, match=place):
        enter(Fault("new", "CLI-006", "A sentence.", (Replacement(place, lambda *_: None),)))
    with pytest.raises(TypeError, match=place):
        put([Replacement(place, lambda *_: None)])
    assert "new" not in FAULTS


def test_a_fault_needs_a_name_of_its_own_a_sentence_and_something_to_replace() -> None:
    part = Replacement("stream.gap", lambda *_: None)
    for wrong in (
        Fault("ignores-gaps", "CLI-006", "A sentence.", (part,)),
        Fault("new", "CLI-006", "", (part,)),
        Fault("new", "CLI-006", "A sentence.", ()),
        Fault("new", "CLI-006", "A sentence.", (part, part)),
    ):
        with pytest.raises(ValueError, match=wrong.name):
            enter(wrong)
    assert "new" not in FAULTS
