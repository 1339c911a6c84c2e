"""Other limits than the usual ones."""

from omnisession_faults.floors import FLOOR_OF_RATE, FLOORS
from omnisession_faults.variants.registry import Variant, enter, variant
from omnisession_reference.departed import Departed

enter(
    Variant(
        "limits-at-their-floors",
        "Every limit that has a floor is at it: sizes, lists, sessions and the rate.",
        limits=FLOORS,
        rate=FLOOR_OF_RATE,
    )
)
enter(
    Variant(
        "high-limits",
        "Every limit is above the usual one.",
        limits={
            "action": 250_000,
            "event": 300_000,
            "state": 1_000_000,
            "article_content": 150_000,
            "article_rest": 2_200,
            "chat_content": 4_500,
            "target_url": 2_500,
            "articles": 250,
            "revisions": 60,
            "editors": 250,
            "urls": 210,
            "chat_messages": 120,
            "participants": 520,
            "sessions": 40,
        },
    )
)
enter(
    Variant(
        "more-limits",
        "Limits are told that the protocol does not name.",
        limits={"x_uploads": 3, "x_per_minute": 0},
    )
)


@variant("outcomes-kept-longer", limits={"outcomes_ms": 120_000})
class OutcomesKeptLonger(Departed):
    """Outcomes are kept for longer than `limits.outcomes_ms`: for as long as the server runs."""

    def forget(self, user_id: str) -> None:
        """Forget nobody."""


enter(
    Variant(
        "outcomes-kept-for-good",
        "No `limits.outcomes_ms` is told: outcomes do not age.",
        untold=("outcomes_ms",),
    )
)
enter(
    Variant(
        "rate-limited",
        "A session may send so many actions a second; what is above gets 4290.",
        rate=40,
    )
)
