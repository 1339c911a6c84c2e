"""The registry of requirements: the unit of verdicts, read from `requirements/`."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import yaml

from omnisession_conformance.errors import KitError, UsageError
from omnisession_conformance.protocol.areas import area_of
from omnisession_conformance.protocol.json import as_object, is_list
from omnisession_conformance.protocol.roles import whole_name
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.protocol.version import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

# libyaml reads the file ten times as fast, and every run of the command waits for it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnknownRequirementError(UsageError):
    """An id that the registry does not have."""


class RegistryError(KitError):
    """The registry's file is missing or is not what it should be."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence of the specification that can be kept or broken.

    `level` is MUST, MUST NOT, SHOULD or SHOULD NOT; `role` is whom it binds, where `any` means servers
    and clients; `spec` is the page and anchor below `docs/spec/`; `excluded` is the reason why no
    check can exist, else None; `faults` are the faults of the reference server that break it.
    """

    id: str
    level: str
    role: str
    profile: str
    title: str
    text: str
    spec: str
    since: str
    observe: str
    excluded: str | None = None
    faults: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """The id's prefix."""
        return area_of(self.id)

    @property
    def whole_profile(self) -> str:
        """Its profile as it is called where more than one role is told of; what binds all says no role."""
        return self.profile if self.role == "any" else whole_name(self.role, self.profile)

    def is_of(self, profile: str) -> bool:
        """Whether it belongs to a profile, by its name or by that with the role."""
        return profile in (self.profile, whole_name(self.role, self.profile))

    @property
    def mandatory(self) -> bool:
        """Whether breaking it makes a target non-conformant."""
        return self.level.startswith("MUST")

    @classmethod
    def of(cls, entry: Mapping[str, Any], where: str) -> Self:
        """Read one entry of the file; RegistryError names what it lacks."""
        values: dict[str, Any] = {f.name: entry.get(f.name) for f in fields(cls)}
        faults = values.pop("faults") or ()
        lacking = [n for n, v in values.items() if n != "excluded" and not isinstance(v, str)]
        if lacking:
            raise RegistryError(
                f"{where}: {entry.get('id', 'an entry')} lacks {', '.join(lacking)}"
            )
        return cls(**values, faults=tuple(faults))


@dataclass(frozen=True, slots=True)
class Registry:
    """All requirements of one version, in the order of the specification."""

    version: str
    requirements: tuple[Requirement, ...]
    _by_id: dict[str, Requirement] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {r.id: r for r in self.requirements})
        if len(self._by_id) != len(self.requirements):
            ids = [r.id for r in self.requirements]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            raise RegistryError(f"requirement ids used twice: {', '.join(twice)}")

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements)

    def __len__(self) -> int:
        return len(self.requirements)

    def __contains__(self, requirement: object) -> bool:
        return requirement in self._by_id

    def __getitem__(self, requirement: str) -> Requirement:
        """The requirement of an id; UnknownRequirementError names the closest ones there are."""
        found = self._by_id.get(requirement)
        if found is None:
            raise UnknownRequirementError(self._unknown(requirement))
        return found

    def _unknown(self, requirement: str) -> str:
        close = closest(requirement.upper(), tuple(self._by_id))
        guess = f"Did you mean {' or '.join(close)}? " if close else ""
        return (
            f"There is no requirement '{requirement}' in version {self.version}. "
            f"{guess}`omnisession list` shows them all."
        )

    def binding(self, roles: Collection[str]) -> Registry:
        """The requirements whose `role` is one of some, in the same order."""
        return Registry(self.version, tuple(r for r in self.requirements if r.role in roles))

    def only(self, ids: Collection[str]) -> Registry:
        """The requirements of some ids, in the same order."""
        return Registry(self.version, tuple(r for r in self.requirements if r.id in ids))

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas, in order of first appearance."""
        return tuple(dict.fromkeys(r.area for r in self.requirements))

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that some requirement binds, in order of first appearance; `any` is none."""
        return tuple(dict.fromkeys(r.role for r in self.requirements if r.role != "any"))

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that some requirement belongs to, in order of first appearance.

        Where more than one role is bound, each is there with its role as well.
        """
        plain = dict.fromkeys(r.profile for r in self.requirements)
        if len(self.roles) < 2:
            return tuple(plain)
        return tuple(plain | dict.fromkeys(r.whole_profile for r in self.requirements))


def closest(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """Up to three known names that a mistyped one may have meant, the likeliest first."""
    return tuple(difflib.get_close_matches(name, known, n=3, cutoff=0.7))


@cache
def load_registry(schemas: Path | None = None, version: str = PROTOCOL) -> Registry:
    """Read the registry of a protocol version below the schemas folder (None: the kit's own).

    Raises RegistryError when the file is missing, is no YAML, or an entry lacks a member.
    """
    path = (schemas or schemas_folder()) / "requirements" / f"{version}.yaml"
    try:
        loaded: Any = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 - a safe loader
    except OSError as error:
        raise RegistryError(f"cannot read the requirements: {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise RegistryError(f"the requirements are no YAML: {path}: {error}") from error
    document = as_object(loaded)
    entries = document.get("requirements")
    if not is_list(entries):
        raise RegistryError(f"{path}: there is no list 'requirements'")
    return Registry(
        version=str(document.get("version", version)),
        requirements=tuple(Requirement.of(e, str(path)) for e in entries),
    )
