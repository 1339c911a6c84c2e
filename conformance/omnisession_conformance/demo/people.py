"""Who the two users of the demo are, and the tokens by which the server knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.fixture import Fixture
from omnisession_conformance.environment.users import DEFAULT_RIGHTS, FixtureConfig

if TYPE_CHECKING:
    from omnisession_conformance.protocol.json import Object

TOKEN_S = 24 * 3_600


@dataclass(frozen=True, slots=True)
class Person:
    """A user, with the role that says its rights and a sentence about them."""

    id: str
    name: str
    role: str
    about: str


PEOPLE = (
    Person("ann", "Ann", "author", "Author: writes her own articles"),
    Person("bob", "Bob", "editor", "Editor: reads and writes all articles"),
)


def with_tokens(secret: str) -> list[Object]:
    """The users as the page is told them, each with a token of now; the secret signs it."""
    fixture = Fixture(FixtureConfig(secret=secret))
    return [
        {
            "id": person.id,
            "name": person.name,
            "about": person.about,
            "token": fixture.sign(
                {"sub": person.id, "name": person.name, "perm": list(DEFAULT_RIGHTS[person.role])},
                lifetime_s=TOKEN_S,
            ),
        }
        for person in PEOPLE
    ]
