"""`omnisession doctor` says before any verdict whether a run would be possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kit.command.tool import null, omnisession

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


def test_all_is_well_with_the_reference(tmp_path: Path) -> None:
    ran = omnisession("doctor", cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    marks = {line.split()[1]: line.split()[0] for line in ran.out.splitlines() if line[:1] != " "}
    assert marks["target"] == marks["broker"] == marks["permissions"] == "ok"
    assert "bad" not in marks.values()
    assert list(tmp_path.iterdir()) == [], "it leaves nothing"


def test_what_is_no_server_is_told(inside: Inside) -> None:
    ran = inside.omnisession("doctor", "--server-cmd", null("echo"))
    assert ran.code == 3, ran.out + ran.err
    assert "bad" in ran.out
    assert "no session server" in " ".join(ran.out.split())


def test_no_broker_is_told(inside: Inside) -> None:
    ran = inside.omnisession("doctor", "--nats", "127.0.0.1:1", "--secret", "s" * 32)
    assert ran.code == 3, ran.out + ran.err
    assert "Cannot connect to the broker" in " ".join(ran.out.split())
