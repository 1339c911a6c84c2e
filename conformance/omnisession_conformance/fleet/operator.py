"""What a broker in operator mode is told: whom it trusts, which accounts there are, and its certificate."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from omnisession_conformance.environment.user_jwt import UNBOUNDED, VERSION, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.environment.keys import SigningKey
    from omnisession_conformance.fleet.authority import Certificates
    from omnisession_conformance.fleet.keyring import Keyring

_LIMITS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), UNBOUNDED),
    "wildcards": True,
}
_JETSTREAM: Final[Mapping[str, Any]] = dict.fromkeys(
    ("mem_storage", "disk_storage", "streams", "consumer"), UNBOUNDED
)


def configuration(keys: Keyring, files: Certificates) -> str:
    """Lines of nats-server: everybody needs a token of the account, and nothing is said in clear.

    JetStream is the account's alone: nats-server does not start where it is the system account's. None of
    the lines is a secret, as the tokens in them say what is known to everybody who connects.
    """
    # A broker that reads its configuration again does not take another token of its operator.
    operator = _said(keys.operator, keys.operator, "operator", {"type": "operator"}, keys.made_s)
    # With nothing about JetStream in its token an account has none.
    system = {"type": "account", "limits": _LIMITS}
    sessions = {
        "type": "account",
        "limits": {**_LIMITS, **_JETSTREAM},
        "signing_keys": [key for key in (keys.signing.public, keys.before) if key is not None],
    }
    accounts = {
        keys.system.public: _said(keys.operator, keys.system, "system", system, keys.made_s),
        keys.account.public: _said(
            keys.operator, keys.account, "sessions", sessions, int(time.time())
        ),
    }
    lines = [
        f'operator: "{operator}"',
        f'system_account: "{keys.system.public}"',
        "resolver: MEMORY",
        "resolver_preload {",
        *(f'  {public}: "{token}"' for public, token in accounts.items()),
        "}",
        "tls {",
        f"  cert_file: {json.dumps(str(files.broker))}",
        f"  key_file: {json.dumps(str(files.key))}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _said(by: SigningKey, whose: SigningKey, name: str, nats: Mapping[str, Any], at_s: int) -> str:
    claims = {
        "iss": by.public,
        "sub": whose.public,
        "name": name,
        "iat": at_s,
        "nats": {"version": VERSION, **nats},
    }
    return encoded(claims, by)
