"""What a server lists is read strictly: a line that is not understood would be a fault not tried."""

from __future__ import annotations

import pytest
from tests.kit.selftest.made import REGISTRY

from omnisession_conformance.errors import UsageError
from omnisession_conformance.selftest.listing import Fault, Variant, parse_faults, parse_variants


def test_faults_and_variants_are_read() -> None:
    assert parse_faults("late\tCTRL-007\tIt is late.\n", REGISTRY) == (
        Fault("late", "CTRL-007", "It is late."),
    )
    assert parse_variants("slow\t-\tIt is slow.\nodd\tDISC-001\tIt is odd.\n", REGISTRY) == (
        Variant("slow", (), "It is slow."),
        Variant("odd", ("DISC-001",), "It is odd."),
    )
    assert parse_faults("", REGISTRY) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("late\tCTRL-007\n", "not NAME, tab"),
        ("Late one\tCTRL-007\tIt is late.\n", "not NAME, tab"),
        ("late\tCTRL-999\tIt is late.\n", "no such requirement"),
        ("late\tCTRL-020\tIt is late.\n", "cannot be observed"),
        ("late\tCTRL-007\tIt is late.\nlate\tCTRL-008\tAgain.\n", "'late' twice"),
    ],
)
def test_bad_lines_of_faults(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        parse_faults(text, REGISTRY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("odd\tDISC-999\tIt is odd.\n", "no such requirement"),
        ("odd\tCTRL-007\tIt is odd.\n", "it is a MUST"),
        ("odd\n", "not NAME, tab"),
    ],
)
def test_bad_lines_of_variants(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        parse_variants(text, REGISTRY)
