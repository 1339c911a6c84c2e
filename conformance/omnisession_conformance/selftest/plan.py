"""Which trials are made: what was asked for, the sample, and the part of the suite for each variant.

Pure. A seed chooses sample and parts, so that the same seed makes the same trials anywhere.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.plan import Selection
from omnisession_conformance.errors import NothingToRunError, UsageError
from omnisession_conformance.protocol.areas import area_of
from omnisession_conformance.protocol.registry import closest
from omnisession_conformance.selftest.listing import Fault, Listing, Variant
from omnisession_conformance.selftest.trial import (
    FAULT_VARIABLE,
    VARIANT_VARIABLE,
    Kind,
    Scope,
    Trial,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omnisession_conformance.engine.plan import Catalogue
    from omnisession_conformance.protocol.registry import Registry

SHARDS = 16
"""Parts of the suite: a variant meets one of them, and all in as many consecutive seeds."""
SMALL = 2 * SHARDS
"""Of a suite of so many cases a variant meets all."""
SAMPLED = 3
"""Faults that are also given the whole suite."""
DRAWN = 12
"""Faults that are tried on a variant, where not all of them are."""
NARROW_LIMIT_S = 150.0
"""A server that never answers keeps a case waiting for its whole limit, and a client that hangs keeps seven
cases with garbage waiting, one after the other."""
WHOLE_LIMIT_S = 660.0
OF_INSTANCES, INSTANCES, DURABLE = "DUR", 2, "durable"
"""The area whose faults are those of several instances, and how many are started."""
NODES, OF_NODES = 3, frozenset({"DUR-002", "DUR-013", "DUR-019", "DUR-020"})
"""How many nodes of a broker are started for faults of what needs more than one, and what that is."""
LIMIT_OF_INSTANCES_S = 400.0
"""They are ended and started again, one after the other, and those that do not serve are waited for."""
MOST_GENERATED_S = 90.0
"""A slow server is not given all programs; what other processes take of the machine does not count."""
BUSY_GENERATED = 4
"""How many times as long that may take on a machine that is busy with other things."""
GENERATED = 20
"""Faults that are tried by generated traffic, where not all of them are."""
GENERATED_AREAS = (
    *("STATE", "EVENT", "ORDER", "ACTION", "RESUME"),
    *("ART", "EDIT", "CHAT", "URL", "USER"),
)
"""The areas that generated traffic is about: what it says of a fault elsewhere is chance."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of the self-test were asked for."""

    faults: bool = True
    variants: bool = True
    nulls: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: parts, names (`only`), the seed, and whether nothing is left to samples.

    `on` is the variant on top of which faults are tried, None for the plain server. With `programs`
    so many generated programs alone are what they are tried by.
    """

    parts: Parts = Parts()
    only: tuple[str, ...] = ()
    seed: int = 0
    whole: bool = False
    on: str | None = None
    programs: int | None = None

    @property
    def filtered(self) -> bool:
        """Whether anything was left out by choice: such a self-test proves only what it tried."""
        special = self.on is not None or self.programs is not None
        return special or bool(self.only) or self.parts != Parts()


@dataclass(frozen=True, slots=True)
class Suite:
    """What of the suite matters here: its cases, and the requirements that only sweeps judge."""

    cases: tuple[str, ...]
    swept: frozenset[str] = frozenset()

    @property
    def small(self) -> bool:
        """Whether it is too small to be dealt out: a part would be a case or none."""
        return len(self.cases) <= SMALL

    @classmethod
    def of(cls, catalogue: Catalogue) -> Suite:
        """The suite of a catalogue."""
        fed = {requirement for case in catalogue.cases for requirement in case.requirements}
        swept = {requirement for rule in catalogue.rules for requirement in rule.requirements}
        return cls(tuple(case.name for case in catalogue.cases), frozenset(swept - fed))

    def part(self, number: int) -> tuple[str, ...]:
        """Every sixteenth case: some of each area."""
        return self.cases[number::SHARDS]


def choose(listing: Listing, registry: Registry, wish: Wish) -> Listing:
    """What of the listing was asked for.

    Raises UsageError for a name that nothing has, NothingToRunError when nothing is left.
    """
    for name in wish.only:
        _known(name, listing, registry)
    if wish.on is not None:
        _known_variant(wish.on, listing)
    if wish.programs is not None:
        return _by_generation(listing, wish)
    if wish.on is not None:
        return _on_a_variant(listing, wish)
    chosen = Listing(
        tuple(f for f in listing.faults if wish.parts.faults and _wanted(f, wish.only)),
        tuple(
            v
            for v in listing.variants
            if wish.parts.variants and (not wish.only or v.name in wish.only)
        ),
        tuple(
            n for n in listing.nulls if wish.parts.nulls and (not wish.only or n.name in wish.only)
        ),
    )
    if chosen == Listing() and not demanded(registry, wish):
        raise NothingToRunError(
            "There is nothing to try: the target lists nothing of what was asked for."
        )
    return chosen


def _known_variant(name: str, listing: Listing) -> None:
    names = [v.name for v in listing.variants]
    if name not in names:
        close = closest(name, names)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise UsageError(f"There is no variant '{name}' to try faults on.{hint}")


def _on_a_variant(listing: Listing, wish: Wish) -> Listing:
    """The faults that are tried on top of a variant: those that were named, all, or some."""
    faults = tuple(
        f for f in listing.faults if _wanted(f, wish.only) and (wish.only or not of_instances(f))
    )
    if not (wish.only or wish.whole):
        drawn = sample((f.name for f in faults), wish.seed, DRAWN)
        faults = tuple(f for f in faults if f.name in drawn)
    if not faults:
        raise NothingToRunError("There is no such fault to try on the variant.")
    return Listing(faults)


def _by_generation(listing: Listing, wish: Wish) -> Listing:
    """What generated traffic is tried on: faults that it is about, and variants where they are wanted."""
    named = wish.parts != Parts()
    faults = tuple(
        f
        for f in listing.faults
        if wish.parts.faults and area_of(f.requirement) in GENERATED_AREAS and _wanted(f, wish.only)
    )
    if not (wish.only or wish.whole):
        drawn = sample((f.name for f in faults), wish.seed, GENERATED)
        faults = tuple(f for f in faults if f.name in drawn)
    variants = tuple(
        v
        for v in listing.variants
        if wish.on is None
        and not v.profile
        and (
            (v.name in wish.only)
            or (not wish.only and wish.parts.variants and (named or wish.whole))
        )
    )
    if not (faults or variants):
        raise NothingToRunError("There is nothing of that to try by generated traffic.")
    return Listing(faults, variants)


def _wanted(fault: Fault, only: Sequence[str]) -> bool:
    names = (fault.name, fault.requirement, area_of(fault.requirement))
    return not only or any(name in only for name in names)


def _known(name: str, listing: Listing, registry: Registry) -> None:
    known = [entry.name for entry in (*listing.faults, *listing.variants, *listing.nulls)]
    if name in known or name in registry or name in registry.areas:
        return
    ids = [r.id for r in registry]
    close = closest(name, known) or closest(name.upper(), (*ids, *registry.areas))
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    raise UsageError(
        f"There is no fault, variant, null target, requirement or area '{name}'.{hint}"
    )


def demanded(registry: Registry, wish: Wish) -> tuple[str, ...]:
    """The requirements that must have a fault: every MUST of the registry that can be observed."""
    if not wish.parts.faults or wish.on is not None or wish.programs is not None:
        return ()
    return tuple(
        r.id
        for r in registry
        if r.mandatory
        and r.excluded is None
        and (not wish.only or r.id in wish.only or r.area in wish.only)
    )


def sample(names: Iterable[str], seed: int, size: int = SAMPLED) -> frozenset[str]:
    """Some of the names, the same for the same seed whatever their order."""
    known = sorted(names)
    return frozenset(random.Random(seed).sample(known, min(size, len(known))))  # noqa: S311


def shard(variant: str, seed: int, of: int = SHARDS) -> int:
    """The number of the part that a variant meets; consecutive seeds go through all of them."""
    return (zlib.crc32(variant.encode()) + seed) % of


def make_trials(chosen: Listing, suite: Suite, wish: Wish) -> tuple[Trial, ...]:
    """Every trial that is known from the start, in the order in which they are made."""
    if wish.programs is not None:
        return tuple(_beside(trial, wish.on) for trial in _generated(chosen, wish.programs))
    return tuple(_beside(trial, wish.on) for trial in _trials(chosen, suite, wish))


def _generated(chosen: Listing, programs: int) -> Iterator[Trial]:
    """The trials by generated traffic: of the plain server, of faults and of variants."""
    tried = (
        (Kind.CONTROL, "control", dict[str, str]()),
        *((Kind.FAULT, f.name, {FAULT_VARIABLE: f.name}) for f in chosen.faults),
        *((Kind.VARIANT, v.name, {VARIANT_VARIABLE: v.name}) for v in chosen.variants),
    )
    for kind, name, env in tried:
        yield Trial(
            kind,
            name,
            Scope.GENERATED,
            env=env,
            limit_s=BUSY_GENERATED * MOST_GENERATED_S + NARROW_LIMIT_S,
            programs=programs,
        )


def _beside(trial: Trial, variant: str | None) -> Trial:
    """The trial with a variant beside what it is about."""
    if variant is None:
        return trial
    return replace(trial, env={VARIANT_VARIABLE: variant, **trial.env})


def _trials(chosen: Listing, suite: Suite, wish: Wish) -> tuple[Trial, ...]:
    return (
        *_control(chosen, wish),
        # Null targets keep the kit waiting: at the end nothing else would run meanwhile.
        *(
            Trial(
                Kind.NULL,
                n.name,
                Scope.WHOLE,
                Selection(profiles=(n.profile,) if n.profile else ()),
                command=n.command,
                limit_s=LIMIT_OF_INSTANCES_S if n.profile else NARROW_LIMIT_S,
                start_timeout_s=n.start_timeout_s,
            )
            for n in chosen.nulls
        ),
        *(narrow(f, suite) for f in chosen.faults),
        *_sampled(chosen.faults, suite, wish),
        *(_variant(v, suite, wish) for v in chosen.variants),
    )


def _control(chosen: Listing, wish: Wish) -> Iterator[Trial]:
    if chosen.variants or (chosen.faults and not wish.only):
        yield Trial(Kind.CONTROL, "control", Scope.WHOLE, limit_s=WHOLE_LIMIT_S)
    elif chosen.faults:
        ids = tuple(dict.fromkeys(f.requirement for f in chosen.faults))
        yield Trial(
            Kind.CONTROL, "control", Scope.REQUIREMENT, Selection(only=ids), limit_s=WHOLE_LIMIT_S
        )


def narrow(fault: Fault, suite: Suite) -> Trial:
    """The trial of a fault by the requirement that it breaks, with the cases that feed it.

    Where only a sweep judges it, all cases feed it, and some of them are tried first.
    """
    cases = suite.part(0) if fault.requirement in suite.swept else ()
    return Trial(
        Kind.FAULT,
        fault.name,
        Scope.REQUIREMENT,
        Selection(only=(fault.requirement,), cases=cases),
        {FAULT_VARIABLE: fault.name},
        limit_s=LIMIT_OF_INSTANCES_S if of_instances(fault) else NARROW_LIMIT_S,
        instances=INSTANCES if of_instances(fault) else 1,
        nodes=nodes_for(fault),
    )


def of_instances(fault: Fault) -> bool:
    """Whether a fault is tried on several instances."""
    return area_of(fault.requirement) == OF_INSTANCES


def nodes_for(fault: Fault) -> int:
    """How many nodes of a broker a fault is tried on."""
    return NODES if fault.requirement in OF_NODES else 1


def widened(trial: Trial) -> Trial:
    """The same by the whole suite."""
    # Of several instances it is what they are judged by: a journal is heard by the kit as all else is.
    profiles = (DURABLE,) if trial.instances > 1 else ()
    whole = Selection(role=trial.selection.role, profiles=profiles)
    return replace(trial, scope=Scope.WHOLE, selection=whole, limit_s=WHOLE_LIMIT_S)


def _sampled(faults: Sequence[Fault], suite: Suite, wish: Wish) -> Iterator[Trial]:
    # A journal is heard by the kit as all else is: what other rules say of it is no news of the fault.
    faults = [fault for fault in faults if not of_instances(fault)]
    names = frozenset[str]() if wish.on else frozenset(f.name for f in faults)
    if not wish.whole and not wish.on:
        names = frozenset[str]() if wish.only else sample(names, wish.seed)
    for fault in faults:
        if fault.name in names:
            yield widened(narrow(fault, suite))


def _variant(variant: Variant, suite: Suite, wish: Wish) -> Trial:
    whole = Trial(
        Kind.VARIANT,
        variant.name,
        Scope.WHOLE,
        env={VARIANT_VARIABLE: variant.name},
        limit_s=WHOLE_LIMIT_S,
    )
    if variant.profile:
        selection = Selection(profiles=(variant.profile,))
        several = INSTANCES if variant.profile == DURABLE else 1
        return replace(whole, selection=selection, instances=several, limit_s=LIMIT_OF_INSTANCES_S)
    # Who asks for a variant by its name wants to know whether it is clean.
    if wish.whole or suite.small or variant.name in wish.only:
        return whole
    number = shard(variant.name, wish.seed)
    return replace(
        whole,
        scope=Scope.SHARD,
        selection=Selection(cases=suite.part(number)),
        part=f"{number + 1}/{SHARDS}",
    )
