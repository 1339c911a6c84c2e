"""Why a broker could not be reached, in one sentence with the way out."""

from __future__ import annotations

import re
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nats.errors import Error as NatsError

from omnisession_conformance.errors import BrokerError, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.environment.address import Address
    from omnisession_conformance.environment.keys import Signer

START_IT = (
    "Start it, or name another one with --nats nats://HOST:PORT; "
    "without --nats the kit starts a broker of its own."
)
_REFUSED = re.compile("authorization|authentication (?!timeout)")
"""What the broker says to credentials that it does not take."""
_EXPIRED, _OTHER_NAME, _OTHER_IP = 10, 62, 64
"""Codes of OpenSSL for what is wrong with a certificate."""
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")


class PlainBrokerError(Exception):
    """A broker that offers no TLS, where nothing may be said in clear."""


class RefusedError(BrokerError):
    """Every broker that was tried is there, and does not take who was told to it."""


class ClosedError(Exception):
    """A broker that closed the connection before it had taken the client."""


_LOST = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, ClosedError)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failed attempt: the error, and what the broker had said of itself before."""

    access: Access
    address: Address
    error: BaseException
    info: Mapping[str, Any]
    connected: bool
    """Whether anybody took the connection."""

    def told(self) -> str:
        """The sentence."""
        return self._of_broker() or self._of_connection()

    @property
    def answered(self) -> bool:
        """Whether a broker is there, which would not take the client, or was not to be trusted."""
        return self._of_broker() is not None

    @property
    def of_credentials(self) -> bool:
        """Whether the broker would not take who it was told, or nobody without a certificate."""
        return self._of_credentials() is not None or self._lacks_certificate()

    def _lacks_certificate(self) -> bool:
        tls, found = self.access.tls, _cause(self.error)
        given = tls is not None and tls.cert_file is not None
        theirs = isinstance(found, ssl.SSLCertVerificationError)
        alert = isinstance(found, ssl.SSLError) and "ALERT" in (found.reason or "")
        ended = alert or isinstance(found, _LOST)
        return self._wants_certificate() and not given and not theirs and ended

    def _of_broker(self) -> str | None:
        return self._of_credentials() or self._of_tls()

    @property
    def _at(self) -> str:
        return f"the broker at {self.address.url}"

    def _of_credentials(self) -> str | None:
        words = str(self.error).lower()
        if not isinstance(self.error, NatsError) or not _REFUSED.search(words):
            return None
        login, signer = self.access.login_at(self.address), self.access.signer_at(self.address)
        if login.token is not None:
            return f"{self._refused()}: check the token."
        if login:
            return f"{self._refused()}: check user and password."
        return self._without_credentials() if signer is None else self._of_signer(signer)

    def _of_signer(self, signer: Signer) -> str:
        if signer.jwt is None:
            return f"{self._refused()}: check that it knows the nkey {signer.public}, of {signer.path}."
        if signer.expires_s is not None and signer.expires_s <= time.time():
            ended = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(signer.expires_s))
            return f"{self._refused()}: those in {signer.path} expired at {ended} UTC."
        return (
            f"{self._refused()}: check that those in {signer.path} are of an account that it trusts, "
            "and were not revoked."
        )

    def _refused(self) -> str:
        return f"{self._at} refused the credentials"

    def _without_credentials(self) -> str:
        tls = self.access.tls
        if tls is not None and tls.cert_file is not None:
            return (
                f"{self._refused()}: check that it knows a user of the certificate {tls.cert_file}."
            )
        return (
            f"{self._at} asks for credentials, and none were given: write them into the address "
            "(nats://USER:PASSWORD@HOST:PORT), or into [broker] of omnisession.toml."
        )

    def _of_tls(self) -> str | None:
        error = self.error
        if isinstance(error, PlainBrokerError):
            return (
                f"{self._at} offers no TLS, and nothing is said in clear: take the settings of TLS away, "
                "or name the broker's port for TLS."
            )
        found = _cause(error)
        if isinstance(found, ssl.SSLCertVerificationError):
            return self._of_their_certificate(found)
        if isinstance(found, ssl.SSLError):
            return self._of_handshake(found)
        if isinstance(found, TimeoutError) and self.connected:
            return self._no_tls_first() if self._begins_with_tls() else self._silent()
        if isinstance(found, _LOST) and (self._wants_certificate() or self._begins_with_tls()):
            return self._no_certificate()
        return None

    def _of_their_certificate(self, error: ssl.SSLCertVerificationError) -> str:
        theirs = f"the certificate of {self._at}"
        if error.verify_code == _EXPIRED:
            return f"{theirs} has expired, or a clock is wrong: renew it."
        if error.verify_code in (_OTHER_NAME, _OTHER_IP):
            tls = self.access.tls
            name = tls.server_name if tls is not None and tls.server_name else self.address.host
            return (
                f"{theirs} is not for {name}: set server_name in [broker] to a name that it is for, "
                "or connect to that."
            )
        named = self.access.tls.ca_file if self.access.tls is not None else None
        trusted = f"the CA in {named}" if named is not None else "a CA that this system trusts"
        return (
            f"{theirs} is not signed by {trusted} ({error.verify_message}): set ca_file in [broker] to "
            "the file with its CA's certificate."
        )

    def _of_handshake(self, error: ssl.SSLError) -> str:
        reason = error.reason or ""
        if reason in _NO_TLS:
            return self._no_tls_first()
        if "ALERT" in reason and (self._wants_certificate() or "CERTIFICATE" in reason):
            return self._no_certificate()
        if "UNKNOWN_CA" in reason:
            return self._no_certificate()
        return f"the TLS handshake with {self._at} failed: {reason or sentence(error)}."

    def _no_tls_first(self) -> str:
        return (
            f"{self._at} does not begin with TLS: take tls_first out of [broker], or check the port and "
            "the scheme of the address."
        )

    def _silent(self) -> str:
        return (
            f"{self._at} takes the connection, and says nothing: it hangs, or it begins with TLS, and "
            "needs tls_first = true in [broker]."
        )

    def _begins_with_tls(self) -> bool:
        return self.access.tls is not None and self.access.tls.first

    def _wants_certificate(self) -> bool:
        return self.info.get("tls_verify") is True

    def _no_certificate(self) -> str:
        tls = self.access.tls
        if tls is None or tls.cert_file is None:
            return (
                f"{self._at} asks for a client certificate, and none was given: set cert_file and "
                "key_file in [broker]."
            )
        why = f" ({self.error.reason})" if isinstance(self.error, ssl.SSLError) else ""
        return (
            f"{self._at} refused the client certificate{why}: check that {tls.cert_file} is signed by a "
            "CA that the broker trusts, and has not expired."
        )

    def _of_connection(self) -> str:
        reason = str(self.error).removeprefix("nats: ") or type(self.error).__name__
        return f"cannot connect to {self._at}: {reason}."


def _cause(error: BaseException) -> BaseException:
    """What the library for WebSockets wraps, else the error itself."""
    inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    return inner if isinstance(inner, BaseException) else error


def failure(refusals: Sequence[Refusal]) -> BrokerError:
    """The error of a client that no broker took: RefusedError where all of them only did not want it."""
    refused = bool(refusals) and all(refusal.of_credentials for refusal in refusals)
    return (RefusedError if refused else BrokerError)(_told(refusals))


def _told(refusals: Sequence[Refusal]) -> str:
    """What became of all attempts, and how to begin where no broker was there at all."""
    texts = [refusal.told() for refusal in refusals]
    if not any(refusal.answered for refusal in refusals):
        texts.append(START_IT)
    return " ".join(text[:1].upper() + text[1:] for text in texts)
