"""Ids of actions."""

import secrets
from hashlib import sha256
from typing import Any

from omnisession_client_faults import shells
from omnisession_client_faults.faults import fault
from omnisession_client_faults.shells import Doing

DISPATCH = "shell.Shell.dispatch"
Told = tuple[str, str | None]


@fault("has-one-action-id", breaks="HYB-013", replaces=DISPATCH)
async def one_id(_original: Any, shell: Any, type_: str, data: Any, expect: Any) -> Told:
    """All actions of a session have one id."""
    name = f"action-{shell.state.session_id}"
    return await shells.dispatch(shell, Doing(type_, data, expect), name)


@fault("counts-its-actions", breaks="HYB-013", replaces=DISPATCH)
async def counts(_original: Any, shell: Any, type_: str, data: Any, expect: Any) -> Told:
    """Ids of actions are counted in each session, so two sessions of a user have the same."""
    shell.actions = getattr(shell, "actions", 0) + 1
    return await shells.dispatch(shell, Doing(type_, data, expect), f"action-{shell.actions}")


@fault("names-actions-by-their-content", breaks="HYB-013", replaces=DISPATCH)
async def by_content(_original: Any, shell: Any, type_: str, data: Any, expect: Any) -> Told:
    """The id of an action is made from what it does, so a second one like it has the same."""
    content = f"{shell.state.session_id} {type_} {data}"
    name = sha256(content.encode()).hexdigest()
    return await shells.dispatch(shell, Doing(type_, data, expect), name)


@fault("uses-each-action-id-twice", breaks="HYB-013", replaces=DISPATCH)
async def twice(_original: Any, shell: Any, type_: str, data: Any, expect: Any) -> Told:
    """Every other action has the id of the one before."""
    before, shell.own_action = getattr(shell, "own_action", None), None
    name = before or secrets.token_hex(16)
    told = await shells.dispatch(shell, Doing(type_, data, expect), name)
    if before is None and told[1] is None:
        shell.own_action = name
    return told


@fault("names-actions-by-their-number", breaks="HYB-013", replaces=DISPATCH)
async def by_number(_original: Any, shell: Any, type_: str, data: Any, expect: Any) -> Told:
    """The id of an action is made from its user and number, so each session has the same."""
    name = f"{shell.state.config.user_id}-{shell.state.next_number}"
    return await shells.dispatch(shell, Doing(type_, data, expect), name)
