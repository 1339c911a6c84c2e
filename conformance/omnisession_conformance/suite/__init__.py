"""The conformance suite: cases and rules of each role, and the catalogue of all that the kit can judge."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.plan import Catalogue
from omnisession_conformance.engine.role import SERVER
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.suite import client, deployment, interop, server

if TYPE_CHECKING:
    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.role import Role
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.protocol.verdict import CheckId


@cache
def roles() -> tuple[Role[Any, Any, Any], ...]:
    """Every role that the kit can test."""
    return (server.role(), client.role(), interop.role(), deployment.role())


@cache
def everything() -> Catalogue:
    """The requirements of the protocol, and all roles."""
    return Catalogue(load_registry(), roles())


@cache
def catalogue(role: str = SERVER) -> Catalogue:
    """What a run on a target of one role can judge; UsageError for a role that there is not."""
    return everything().of(role)


def cases() -> tuple[Case[Any], ...]:
    """Every case of the suite."""
    return everything().cases


def rules() -> tuple[Rule[Any], ...]:
    """Every rule of the suite."""
    return everything().rules


def checks() -> tuple[CheckId, ...]:
    """Every check that the kit can make, in the order of the registry."""
    return tuple(everything().checks())
