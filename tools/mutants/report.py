"""How the scores are told: a table for people, one line a mutant for programs. Pure."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from mutants.mutant import flat
from mutants.triage import drafted
from mutants.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mutants.pool import Ran
    from mutants.score import Score


def line(target: str, seed: int, ran: Ran, triage_class: str | None) -> str:
    """Write one run as a line of JSON."""
    mutant, trial = ran.mutant, ran.trial
    members = {
        "target": target,
        "seed": seed,
        "id": mutant.id,
        "file": mutant.file,
        "line": mutant.line,
        "function": mutant.function,
        "operator": mutant.operator,
        "before": flat(mutant.before),
        "after": flat(mutant.after),
        "outcome": str(trial.outcome),
        "told": trial.told,
        "class": triage_class,
        "seconds": round(trial.seconds, 1),
    }
    return json.dumps(members, ensure_ascii=False)


def table(scores: Sequence[Score], seed: int) -> str:
    """Write what came out, one server a line, then survivors by operator."""
    rows: list[tuple[str, ...]] = [("server", "run", *Outcome, "right", "score")]
    for score in scores:
        counts = (str(score.count[outcome]) for outcome in Outcome)
        share = "-" if score.share is None else f"{score.share:.1%}"
        rows.append((score.target, str(score.run), *counts, str(len(score.right)), share))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    told = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    told += ["", *(one for score in scores for one in _operators(score))]
    return "\n".join((f"Mutants in the order of seed {seed}", "", *told))


def _operators(score: Score) -> Iterator[str]:
    ran = Counter(r.mutant.operator for r in score.runs if r.trial.outcome is not Outcome.NOT_BUILT)
    alive = Counter(r.mutant.operator for r in score.alive)
    shares = ", ".join(f"{name} {alive[name]} of {ran[name]}" for name in sorted(ran))
    yield f"{score.target}, not noticed by operator: {shares}"


def survivors(score: Score, sources: Mapping[str, bytes]) -> Iterator[str]:
    """Write each mutant of which nothing is known, with its change and a draft of its entry."""
    for ran in score.new:
        source = sources.get(ran.mutant.file)
        yield f"NEW SURVIVOR ({ran.trial.outcome}) {ran.mutant.title}"
        if ran.trial.told:
            yield f"  {ran.trial.told.strip()}"
        if source is not None:
            yield ran.mutant.diff(source)
        yield drafted(ran.mutant)
