"""What a run draws: of allowed forms, the same by the same seed, and no id twice."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from omnisession_conformance.engine.case import Phase
from omnisession_conformance.engine.plan import order_cases
from omnisession_conformance.environment.draws import (
    App,
    Chance,
    Draws,
    Shape,
    Style,
    new_seed,
)
from omnisession_conformance.environment.marks import Marks
from omnisession_conformance.protocol.schemas import schemas_folder
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.protocol.vocabulary.forms import (
    ACTION_IDS,
    INBOXES,
    KIT_NAME,
    SESSION_BITS,
    SESSION_IDS,
    SLUGS,
    USER_IDS,
    Form,
)
from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = range(60)
COMMON = json.loads((schemas_folder() / "v1" / "common.schema.json").read_text("utf-8"))


def drawn(form: Form) -> list[str]:
    """Ids of a form at its shortest, its longest and some other length."""
    lengths = (form.shortest, form.longest, (form.shortest + form.longest) // 2)
    return [form.before + Shape(form, length).drawn() for length in lengths for _ in range(20)]


def allowed(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**COMMON, "$ref": f"#/$defs/{name}"})


@pytest.mark.parametrize(
    ("forms", "name", "in_subjects"),
    [
        (SESSION_IDS, "session_id", True),
        (USER_IDS, "user_id", True),
        (ACTION_IDS, "action_id", False),
        (SLUGS, "short_code", True),
    ],
)
def test_ids_of_every_form_are_allowed(
    forms: tuple[Form, ...], name: str, in_subjects: bool
) -> None:
    assert len({form.name for form in forms}) == len(forms)
    valid = allowed(name)
    for form in forms:
        ids = drawn(form)
        assert len(set(ids)) == len(ids), form
        for id_ in ids:
            valid.validate(id_)
            assert id_ == id_.strip()
            assert not in_subjects or tok(id_) == id_, form


def test_session_ids_hold_as_many_random_bits_as_the_protocol_wants() -> None:
    for form in SESSION_IDS:
        letters = form.shortest - (2 if form.groups else 0)
        # Of a UUID two digits tell its version; the half of one is drawn.
        bits = letters * math.log2(len(form.alphabet)) + (2 if form.groups else 0)
        assert bits >= SESSION_BITS, form


def shapes(draws: Draws) -> list[Any]:
    """All that a server sees of a run but for the characters of its ids."""
    chance = draws.rng("a case")
    apps = [draws.app(chance) for _ in range(5)]
    return [
        [(a, len(draws.session_id(a)), len(draws.action_id(a)), len(draws.inbox(a))) for a in apps],
        len(draws.user_id()),
        len(draws.slug()),
        draws.text("title")[:4],
        draws.connection_name("actors"),
        draws.pause_s("a case", slow=False),
        [c.name for c in order_cases(catalogue().cases, draws.rng("order"))],
    ]


def test_the_same_seed_draws_the_same_shapes_and_no_id_twice() -> None:
    for seed in (0, 1, 2**40):
        assert shapes(Draws(seed)) == shapes(Draws(seed))
        one, other = Draws(seed), Draws(seed)
        app = one.app(one.rng("x"))
        assert one.user_id() != other.user_id()
        assert one.session_id(app) != other.session_id(app)
        assert one.action_id(app) != other.action_id(app)
        assert one.email() != other.email()
        assert one.text("title") != other.text("title")
    assert shapes(Draws(0)) != shapes(Draws(1))


VARIES: dict[str, Callable[[Draws, App], object]] = {
    "the client's name": lambda _, app: app.name,
    "its version": lambda _, app: app.version,
    "session ids": lambda _, app: app.session_ids,
    "action ids": lambda _, app: app.action_ids,
    "inboxes": lambda _, app: app.inboxes,
    "how JSON is written": lambda _, app: app.style,
    "user ids": lambda draws, _: Counter(map(str.isalnum, draws.user_id())).total(),
    "slugs": lambda draws, _: len(draws.slug()),
    "words": lambda draws, _: draws.text("title").partition("-")[0],
    "domains": lambda draws, _: draws.email().partition("@")[2],
    "connections": lambda draws, _: draws.connection_name("tap"),
    "pauses": lambda draws, _: draws.pause_s("a case", slow=True),
    "the order of claims": lambda draws, _: tuple(draws.claims({"a": 1, "b": 2, "exp": 3})),
    "the life of tokens": lambda draws, _: draws.token_s,
    "the first case": lambda draws, _: order_cases(catalogue().cases, draws.rng("order"))[0].name,
    "the number of cases at a time": lambda draws, _: draws.at_a_time,
}


@pytest.mark.parametrize("what", VARIES)
def test_nothing_is_the_same_with_every_seed(what: str) -> None:
    found = Counter(
        VARIES[what](draws, draws.app(draws.rng("a case"))) for draws in map(Draws, SEEDS)
    )
    assert len(found) > 1
    assert found.most_common(1)[0][1] < len(SEEDS) * 2 / 3, found


def test_every_form_is_drawn_by_some_seed() -> None:
    seen: set[object] = set()
    for seed in range(2_000):
        draws = Draws(seed)
        seen.add(("user", draws.users.form))
        for app in draws.apps:
            seen |= {("session", app.session_ids.form), ("action", app.action_ids.form)}
            seen.add(tuple(shape.form for shape in app.inboxes))
    assert {("session", form) for form in SESSION_IDS} <= seen
    assert {("action", form) for form in ACTION_IDS} <= seen
    assert {("user", form) for form in USER_IDS} <= seen
    assert set(INBOXES) <= seen


def test_the_order_of_cases_keeps_to_phases_and_to_what_must_come_first() -> None:
    whole = order_cases(catalogue().cases)
    mixed = order_cases(catalogue().cases, Chance(7))
    assert set(mixed) == set(whole)
    assert mixed != whole
    phases = list(Phase)

    def rank(cases: tuple[Any, ...]) -> list[object]:
        return [(phases.index(c.phase), c.alone, not c.slow) for c in cases]

    assert rank(mixed) == rank(whole) == sorted(rank(whole), key=str)


def test_json_is_the_same_however_it_is_written() -> None:
    body = {"v": "1.0", "type": "x", "data": {"b": [1, {"z": 1, "a": 2}], "a": "é"}, "n": None}
    written = {Style(separators, order).encode(body) for separators, order in STYLES}
    assert len(written) > len(STYLES) / 2
    assert all(json.loads(text) == body for text in written)
    again = {Style(separators, order).encode(dict(body)) for separators, order in STYLES}
    assert again == written, "copies are the same bytes"


STYLES = [(sep, order) for sep in ((",", ":"), (", ", ": ")) for order in (None, 1, 2, 3)]


def test_the_kit_is_known_by_its_name_unless_it_hides() -> None:
    for seed in SEEDS:
        known, hidden = Draws(seed, "0.1.0"), Draws(seed)
        for draws, there in ((known, True), (hidden, False)):
            told = [draws.app(draws.rng(str(n))).client["name"] for n in range(9)]
            told += [str(draws.connection_name(what)) for what in ("tap", "actors", "probe")]
            assert {KIT_NAME in name for name in told} == {there}
            assert {"omnisession" in name for name in told} == {there}
        # The name alone is another: the rest is drawn as ever.
        assert [a.session_ids for a in known.apps] == [a.session_ids for a in hidden.apps]


def test_seeds_that_nobody_chose_are_short_and_differ() -> None:
    found = {new_seed() for _ in range(50)}
    assert len(found) > 40
    assert all(0 <= seed < 1_000_000 for seed in found)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_a_run_has_drawn_is_known_for_its_own(seed: int) -> None:
    draws, others = Draws(seed), Draws(seed)
    app = draws.app(draws.rng("x"))
    ids = [draws.user_id(), draws.session_id(app), draws.inbox(app), draws.slug()]
    ids += [draws.text("title"), draws.email(), draws.display_name(draws.rng("y"))]
    for id_ in ids:
        assert draws.marks.among(f'{{"x":"{id_}"}}'), id_
        assert draws.marks.among(f"some.{id_.upper()}.thing".encode()), id_
        assert not others.marks.among(id_), id_
    # Another run of the same seed has made up others.
    app = others.app(others.rng("x"))
    assert not draws.marks.among(others.user_id(), others.session_id(app), others.text("title"))


def test_a_word_is_known_though_something_was_cut_off_or_put_to_it() -> None:
    marks = Marks()
    marks.learn("0123456789abcdef", before="usr_")
    assert marks.among("usr_0123456789abcdef", "nothing")
    assert marks.among("x-usr_0123456789abcdef")
    assert marks.among("789abcdef-56789abcdef")
    assert not marks.among("usr_0123456789abcde"), "the end is what it is known by"
    assert not marks.among("usr_012345"), "what stands before it is no mark"
    marks.learn("fedcba9876543210")
    assert marks.among("fedcba98765", b"fedcba9876\xff")
    assert not marks.among("")
