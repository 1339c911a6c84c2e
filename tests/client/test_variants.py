"""Unusual clients: each can be asked for by name, is unlike the usual one, and comes to the same slices."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import nats
import pytest
from tests.client.kit import Adapter
from tests.client.listed import ROWS, is_of_the_shell, registry
from tests.client.lives import Spies, over_a_cut
from tests.client.moves import comes_to_rest
from tests.client.scenes import is_unlike

from omnisession_client import testee
from omnisession_client_faults.places import Replacement, find, in_force
from omnisession_client_faults.variants import VARIANTS, Variant
from omnisession_client_faults.variants.registry import enter
from omnisession_conformance.selftest.listing import parse_variants

if TYPE_CHECKING:
    from tests.client.scenes.stage import Log

PURE = [one for one in VARIANTS.values() if not is_of_the_shell(one.replacements)]
SHELL = [one for one in VARIANTS.values() if is_of_the_shell(one.replacements)]


def test_the_list_is_one_that_the_kit_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert testee.main(["--list-variants"]) == 0
    listed = parse_variants(capsys.readouterr().out, registry())
    assert [one.name for one in listed] == list(VARIANTS)
    assert [one.warns for one in listed] == [one.warns for one in VARIANTS.values()]


def test_each_says_which_requirements_leave_the_choice() -> None:
    for one in VARIANTS.values():
        assert one.of
        assert set(one.of) <= ROWS.keys()
        assert one.sentence.endswith(".")


@pytest.mark.parametrize("one", PURE, ids=lambda one: one.name)
def test_it_is_unlike_the_usual_client_in_some_scene(one: Variant, right: tuple[Log, ...]) -> None:
    with in_force(one.replacements):
        assert is_unlike(right)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.dear) for seed in (2, 3, 4, 5))]
)
@pytest.mark.parametrize("one", PURE, ids=lambda one: one.name)
def test_at_rest_it_holds_what_the_server_does(one: Variant, seed: int) -> None:
    with in_force(one.replacements):
        assert comes_to_rest(seed, one.mode or "optimistic")


@pytest.mark.dear
@pytest.mark.parametrize("one", SHELL, ids=lambda one: one.name)
def test_it_comes_back_over_a_cut(server_url: str, one: Variant) -> None:
    async def scenario() -> None:
        spies = Spies(one.replacements)
        other = await nats.connect(server_url)  # pyright: ignore[reportUnknownMemberType]
        with in_force(spies.all):
            await over_a_cut(server_url, other)
        await other.close()
        # A life may be without a gap, a refusal and a ping.
        assert spies.waiting <= {"stream.gap", "answers.refused", "answers.pong"}

    asyncio.run(scenario())


@pytest.mark.parametrize("option", ["--fault", "--variant"])
def test_a_name_that_is_none_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        testee.main([option, "no-such"])
    assert ended.value.code == 2
    assert f"there is no {option[2:]} 'no-such'" in capsys.readouterr().err


def test_two_at_one_place_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    before = getattr(*find("asking.next_ping"))
    with pytest.raises(SystemExit):
        testee.main(["--fault", "never-pings", "--variant", "pings-often"])
    assert "change the same place" in capsys.readouterr().err
    assert getattr(*find("asking.next_ping")) is before


@pytest.mark.dear
def test_the_adapter_is_what_was_asked_for_by_option_or_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hello(*arguments: str) -> str:
        async with Adapter(*arguments) as adapter:
            return json.dumps(await adapter.done("hello", contract=1))

    async def scenario() -> None:
        assert '"handled": false' in await hello("--variant", "counts-nothing")
        both = await hello("--variant", "runs-one-session", "--fault", "never-pings")
        assert '"sessions": 1,' in both
        monkeypatch.setenv("OMNISESSION_VARIANT", "keeps-its-own-times")
        assert '"timers": false' in await hello()

    asyncio.run(scenario())


def test_a_variant_needs_a_sentence_and_requirements_that_leave_the_choice() -> None:
    part = Replacement("stream.gap", lambda *_: None)
    for wrong in (
        Variant("syncs-instead", "A sentence.", (part,), of=("CLI-006",)),
        Variant("new", "", (part,), of=("CLI-006",)),
        Variant("new", "A sentence.", (part,), of=()),
        Variant("new", "A sentence.", (part, part), of=("CLI-006",)),
    ):
        with pytest.raises(ValueError, match=wrong.name):
            enter(wrong)
    wrong_place = Replacement("stream.gapp", part.made)
    with pytest.raises(TypeError, match=r"stream\.gapp"):
        enter(replace(VARIANTS["syncs-instead"], name="new", replacements=(wrong_place,)))
    assert "new" not in VARIANTS
