"""Looks what a client may do that proves who it is by nothing at all.

A broker without permissions gives every client the rights that the kit needs: that is convenient for
tests, and means that anybody who reaches it reads all sessions and acts as every user.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.environment.address import NOBODY
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.protocol.rights import OF_ANYBODY
from omnisession_conformance.traffic.rights import try_rights

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.access import Access

CODE, WHAT = "broker.anybody", "anybody"


async def anybody(run: Run) -> Finding:
    """What a client without credentials may do on the broker; a `warn`ing where that is too much."""
    access = _of_nobody(run.access)
    if access is None:
        return Finding("ok", WHAT, "only clients with a certificate get in", CODE)
    try:
        tried = await try_rights(
            access, OF_ANYBODY, [run.tag], run.tag, run.draws.connection_name("rights")
        )
    except BrokerError:
        return Finding("ok", WHAT, "clients without credentials do not get in", CODE)
    may = [one.right.what for one in tried if not one.refused]
    if not may:
        told = "clients without credentials may neither read sessions nor act as their users"
        return Finding("ok", WHAT, told, CODE)
    everything = (
        "every client may do all of this" if len(may) == len(tried) else "they may not do it all"
    )
    told = (
        f"clients without credentials may {', '.join(may)}: {everything}. On a broker for tests that is "
        "as it should be; one that others reach needs permissions (Security, What a deployment provides)"
    )
    return Finding("warn", WHAT, told, CODE)


def _of_nobody(access: Access) -> Access | None:
    """The same way without credentials; None where the certificate of the kit is its credential."""
    if access.tls is not None and access.tls.cert_file is not None:
        return None
    addresses = tuple(replace(address, login=NOBODY) for address in access.addresses)
    return replace(access, addresses=addresses, login=NOBODY, signer=None)
