"""How long things take, in milliseconds: what is safe rests on `lease` and `routes` alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Margins:
    """The times of an instance; all instances of a journal have the same `lease` and `routes`."""

    beat: int = 150
    """An instance appends a beat so often."""
    lease: int = 700
    """A beat that came back lets its writer speak for so long, counted from when it was sent."""
    farewell: int = 150
    """So long before its lease is over an owner steps down: more than two ticks."""
    routes: int = 100
    """So long what was written on one way through a cluster may be overtaken by another way. It also
    covers clocks of which one runs a few percent faster than another. It is an assumption (decision 161):
    where it does not hold clients drop what comes from a lower epoch."""
    dead: int = 1_000
    """An owner that was not heard to speak for so long is taken over. No safety rests on it, only haste:
    above `lease`, so that whoever takes over need not wait, and long enough to begin a term."""
    steady: int = 450
    """Who claims has been able to speak for so long without a break: an instance that is just too slow
    would claim, fail and claim again, and keep those away who are quick enough."""
    claim: int = 300
    """A claim that did not come back is made again after so long."""
    resend: int = 300
    """An entry that did not come back is appended again after so long, and then after twice as long."""
    longest_resend: int = 2_400
    answer: int = 1_500
    """Who has no answer for so long is told that nobody knows: the rest of ACTION-001's 2 s is for ways."""
    decide: int = 1_500
    """An instance that is to leave ends so long after its lease, also where its last word is not stored."""
    tick: int = 50
    """How often an instance looks at its times."""
