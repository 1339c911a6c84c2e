"""Other limits than the usual ones."""

from omnisession_faults.variants.registry import Variant, enter, variant
from omnisession_reference.departed import Departed

enter(
    Variant(
        "short-lists",
        "Lists are cut after a few entries.",
        limits={"articles": 5, "revisions": 2, "editors": 2, "urls": 4, "chat_messages": 3},
    )
)
enter(
    Variant(
        "few-sessions",
        "A user has at most three live sessions.",
        limits={"sessions": 3},
    )
)
enter(
    Variant(
        "small-texts",
        "Texts and actions may be a few hundred bytes long.",
        limits={
            "action": 6_000,
            "event": 80_000,
            "article_content": 1_500,
            "article_rest": 1_200,
            "chat_content": 300,
            "target_url": 250,
        },
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
