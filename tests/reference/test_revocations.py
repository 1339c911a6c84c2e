"""Tokens that were taken back before their end: which those are, and what becomes of their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.reference.bench import START, Bench, token

from omnisession_reference.core import Settings
from omnisession_reference.keys import AccessError
from omnisession_reference.log import Log
from omnisession_reference.revocations import Credential, Revocations, read_revoked
from omnisession_reference.token_keys import Ring, TokenRules

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference.bench import Body

HOUR_S = 3_600


class Told(Log):
    """What was logged."""

    def __init__(self) -> None:
        super().__init__("error")
        self.errors: list[str] = []

    def error(self, event: str, **members: Any) -> None:
        self.errors.append(f"{event}: {members['why']}")


def test_a_file_names_tokens_by_their_ids_and_users_by_a_time(tmp_path: Path) -> None:
    path = tmp_path / "revoked"
    lines = '{"jti": "a"}\n\n{"sub": "ann", "before": 100}\n{"sub": "ann", "before": 90.5}\n'
    path.write_text(lines)
    revoked = read_revoked(path)
    assert revoked.has(Credential("bob", "a", 500))
    assert not revoked.has(Credential("bob", "A", 500))
    assert not revoked.has(Credential("bob"))
    assert revoked.has(Credential("ann", "b", 99.9))
    assert revoked.has(Credential("ann", "b"))
    assert not revoked.has(Credential("ann", "b", 100))


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{}",
        '{"jti": ""}',
        '{"jti": 5}',
        '{"jti": "a", "sub": "b"}',
        '{"sub": "ann"}',
        '{"sub": "", "before": 1}',
        '{"sub": "ann", "before": "1"}',
        '{"sub": "ann", "before": true}',
        '{"jti": "a"',
        '{"jti": "a", "jti": "b"}',
    ],
)
def test_a_line_that_revokes_nothing_is_a_fault(tmp_path: Path, line: str) -> None:
    path = tmp_path / "revoked"
    path.write_text(f"\n{line}\n")
    with pytest.raises(AccessError, match=f"--revocations: {path}: line 2 is no"):
        read_revoked(path)


def test_a_file_that_is_not_there_is_a_fault_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="cannot be read"):
        Revocations(tmp_path / "none")


def test_it_is_read_again_and_a_fault_keeps_what_was_known(tmp_path: Path) -> None:
    path, log, now = tmp_path / "revoked", Told(), 0.0
    path.write_text("")
    revocations = Revocations(path, log, lambda: now)
    credential = Credential("ann", "a")

    def written(text: str) -> bool:
        nonlocal now
        path.write_text(text)
        now += 1
        return revocations.has(credential)

    assert not revocations.has(credential)
    assert written('{"jti": "a"}')
    assert written('{"jti": ')
    assert written('{"jti":  ')
    assert [line.partition(":")[0] for line in log.errors] == ["revocations_kept"]
    path.unlink()
    now += 1
    assert revocations.has(credential)
    assert not written("")


def opened(bench: Bench, session: str, **claims: Any) -> Body:
    return bench.request(
        "ann",
        session,
        "session.open",
        protocol=["1.0"],
        kinds=["chat"],
        features=[],
        auth={"scheme": "bearer", "token": token("ann", exp=START // 1_000 + HOUR_S, **claims)},
        client={"name": "bench", "version": "1"},
    )


def test_what_a_revoked_token_has_opened_ends_and_it_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "revoked"
    path.write_text("")
    rules = TokenRules(revocations=path)
    bench = Bench(settings=Settings(tokens=rules, end_with_token=True))
    bench.core.control._auth.ring = Ring(  # pyright: ignore[reportPrivateUsage]
        "a secret of at least thirty-two bytes",
        now=lambda: bench.clock.elapsed_ms() / 1_000,
        revocations=path,
    )
    for session, token_id in (("s1", "a"), ("s2", "b"), ("s3", "a"), ("s3", "b"), ("s4", "b")):
        assert opened(bench, session, jti=token_id)["type"] == "session.opened"
    path.write_text('{"jti": "b"}\n')
    bench.clock.move(2_100)
    closed = {
        sent.body["session_id"]: sent.body["data"]
        for sent in bench.sent
        if sent.body["type"] == "session.closing"
    }
    over = {"code": 4013, "reconnect": False, "after_ms": 0}
    assert closed == {"s2": over, "s3": over, "s4": over}
    assert bench.request("ann", "s1", "session.ping")["type"] == "session.pong"
    assert bench.request("ann", "s2", "session.ping")["data"]["error"]["code"] == 4101
    assert opened(bench, "s5", jti="b")["data"]["error"]["code"] == 4013
    assert opened(bench, "s6", jti="c")["type"] == "session.opened"
