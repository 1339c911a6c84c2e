"""What a simulation finds: a rule that was broken, and the requirement that it comes from."""

from __future__ import annotations

from dataclasses import dataclass

RULES = {
    "core-fails": ("", "neither core fails on any message"),
    "time-goes-on": ("", "no alarm is set for the moment in which it rings, again and again"),
    "client-closed": ("CLI-030", "no client is closed that its user has not left"),
    "client-valid": ("CLI-034", "all that a client publishes is valid"),
    "server-valid": ("ENV-004", "all that a server publishes is valid"),
    "one-recovery": ("CLI-026", "one recovery at a time is under way on a connection"),
    "no-recovery-in-a-stop": ("CLI-018", "nothing is asked before after_ms have passed"),
    "position": ("CLI-005", "a position goes back in no epoch"),
    "fold": ("CLI-024", "a live client holds the fold of all up to its position"),
    "view": ("HYB-005", "the view is the fold of what is pending over the slices"),
    "numbers": ("HYB-001", "the numbers of a session go up one by one"),
    "same-bytes": ("HYB-007", "copies of an action in a session are the same bytes"),
    "own-id": ("HYB-013", "an action has one id, and no two have the same"),
    "settled": ("HYB-002", "what is not pending any more is counted at the client's position"),
    "refused-is-over": ("HYB-002", "what was refused for good is not pending any more"),
    "told": (
        "HYB-015",
        "the user is told of a code that the server has given, and of nothing else",
    ),
    "dropped": ("HYB-002", "no action vanishes without an outcome"),
    "once": ("ACTION-005", "an action is done once at most in a store"),
    "once-carried": ("HYB-019", "nothing is taken along that the server may have forgotten"),
    "acked-is-done": ("ACTION-001", "what was acked is done"),
    "nacked-is-not": ("ACTION-006", "what was refused for good has no effect"),
    "seq": ("ORDER-002", "the seqs of a session go up by one"),
    "counted-last": ("ORDER-006", "an action is counted by its last effect, and none comes behind"),
    "event-once": ("EVENT-001", "an event is told once in a session"),
    "replay": ("RESUME-003", "a replay is what was published behind the place that was asked"),
    "resume-mode": ("RESUME-001", "a resume is current at the head and nowhere else"),
    "outcome-stays": ("ACTION-006", "what was refused for good is not acked later"),
    "position-told": ("ORDER-007", "no push names a place that the stream has not reached"),
    "server-fold": ("EVENT-001", "what a server says folds to what it holds"),
    "server-shows": ("STATE-002", "what a session shows is what the store has"),
    "rest": ("HYB-011", "a minute after the faults nothing is pending, and two heartbeats agree"),
    "slices": ("CLI-013", "at rest the slices of a client are those of its session"),
    "view-at-rest": ("HYB-011", "at rest the view is the slices"),
    "converge": ("STATE-002", "two sessions of a user show the same"),
}
"""By name: the requirement that it comes from, and what has to hold."""
RULES.update(
    {
        "deposed": ("ORDER-003", "nobody speaks after a later term has begun to speak"),
        "positions": ("ORDER-001", "no place comes twice, late, or after a hole"),
        "epoch-begins": ("ORDER-003", "an epoch begins at seq 1, with the states of its kinds"),
        "counted": ("ORDER-005", "last_action_seq never goes back"),
        "state-is-fold": ("EVENT-001", "a state shows what the events before it fold to"),
        "first-position": (
            "ACTION-005",
            "copies are told the first position, as long as its epoch is",
        ),
        "pong-covers": ("ACTION-004", "a pong that is asked for after an ack is past its effects"),
        "acked-is-there": ("ACTION-001", "what was acked has its effect in the journal"),
        "once-in-journal": ("ACTION-005", "an action has its effect once in the journal"),
        "refused-is-not-done": (
            "ACTION-006",
            "what was refused for good has no effect in the journal",
        ),
        "one-winner": ("ART-007", "of two that expect the same, one has its way"),
        "hinted": ("ART-014", "a hint of late is said by whoever takes over"),
        "limits": ("LIMIT-004", "no limit is passed, however much comes at once"),
        "same-folds": ("", "the same entries give the same fold in every instance"),
        "shows-journal": ("STATE-002", "at rest every session shows what the journal has"),
        "takeover-shows": ("STATE-002", "whoever takes over shows what was shown before"),
        "expires": (
            "CTRL-016",
            "who was silent for two windows and a half is gone, whoever took over meanwhile",
        ),
        "expires-late": ("CTRL-016", "nobody expires within a window after a sign of life"),
        "no-haste": (
            "",
            "where nothing but a few entries is lost or late, no owner is deposed that gives signs",
        ),
        "begin": ("", "who has not folded the begin of the journal says nothing"),
        "audit": ("", "the records of the audit fold to the domain, and none is missing"),
        "subscribed": ("SUBJ-006", "who is no owner hears nothing of what clients send"),
        "halts": ("", "an instance ends by itself only for its reasons"),
        "everybody-is-done": ("", "after the last fault every client comes to its outcomes"),
        "everybody-follows": ("", "after the last fault every instance folds the whole journal"),
        "one-outcome": ("ACTION-001", "a copy has one outcome at most"),
    }
)
"""Of instances that share a journal."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that was broken, when, by whom, and how it shows."""

    rule: str
    at_ms: int
    where: str
    what: str

    def __str__(self) -> str:
        requirement, sentence = RULES[self.rule]
        named = f"{self.rule}, {requirement}" if requirement else self.rule
        return f"[{named}] {sentence}\n  at {self.at_ms} ms, {self.where}: {self.what}"


class FoundError(BaseException):
    """The run ends here: what comes after a broken rule shows nothing new.

    It goes through whatever is tried, which catches what it has to when something in it fails.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding
