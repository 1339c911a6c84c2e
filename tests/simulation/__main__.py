"""`python -m tests.simulation`: plays drawn schedules for some minutes, and keeps what fails."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.simulation import kept
from tests.simulation.games import GAMES, Game, of_file
from tests.simulation.shrink import shrink

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.simulation.games import Playable

AT_A_TIME = 50
MOST_SHOWN = 10
"""So many of the seeds that failed are shown."""
REPORT = "report-simulate"
LONG = 5_000
"""So many schedules are a long run."""


class Batch(NamedTuple):
    """What some schedules of a game were made of, and the seeds that failed, each with its rule."""

    game: str
    played: int
    virtual_ms: int
    counts: Counter[str]
    failed: list[tuple[str, int]]


def play_some(what: tuple[str, int]) -> Batch:
    """Play the schedules of some seeds in a row."""
    name, first = what
    game = GAMES[name]
    batch = Batch(name, AT_A_TIME, 0, Counter(), [])
    virtual_ms = 0
    for seed in range(first, first + AT_A_TIME):
        played = game.play(game.draw(seed))
        virtual_ms += played.lasted_ms
        batch.counts.update(played.counts)
        if played.finding is not None:
            batch.failed.append((played.finding.rule, seed))
    return batch._replace(virtual_ms=virtual_ms)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play until the time is over, or one schedule again; the exit code says whether anything was found."""
    options = _parser().parse_args(arguments)
    if options.replay is not None:
        game = of_file(options.replay)
        schedule = game.read(options.replay.read_text("utf-8"))
        return _replay(game, schedule, all_of_it=options.trace)
    if options.only is not None:
        game = GAMES[(options.game or ["clients"])[0]]
        return _replay(game, game.draw(options.only), all_of_it=options.trace)
    return _search(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description="Clients and a server, or instances and a journal, on a virtual clock, over a "
        "network that fails.",
    )
    parser.add_argument(
        "--game",
        action="append",
        choices=list(GAMES),
        help="what to play; all of them in turn, with --only the clients",
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to play [10]")
    parser.add_argument("--schedules", type=int, help="how many to play, instead of a time")
    parser.add_argument("--seed", type=int, help="where to begin; without it where nobody was yet")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes [1]")
    parser.add_argument("--only", type=int, metavar="SEED", help="play the schedule of one seed")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="play a schedule of a file")
    parser.add_argument(
        "--trace", action="store_true", help="with one of these: show every message"
    )
    parser.add_argument("--report", type=Path, default=Path(REPORT), help=f"a folder [{REPORT}]")
    return parser


def _replay(game: Game, schedule: Playable, *, all_of_it: bool) -> int:
    played = game.play(schedule, keep_lines=all_of_it)
    sys.stdout.write(schedule.lines())
    sys.stdout.writelines(f"{line}\n" for line in played.lines)
    sys.stdout.write(f"digest {played.digest}, {played.lasted_ms} ms of virtual time\n")
    if played.finding is None:
        sys.stdout.write("nothing was found\n")
        return 0
    sys.stdout.write(f"{played.finding}\n")
    return 1


def _search(options: argparse.Namespace) -> int:
    seed = options.seed if options.seed is not None else time.time_ns() // 1_000_000
    _say(f"seed {seed}")
    began = time.monotonic()
    totals = {name: Batch(name, 0, 0, Counter(), []) for name in options.game or GAMES}
    for batch in _batches(seed, list(totals), options):
        total = totals[batch.game]
        totals[batch.game] = total = Batch(
            batch.game,
            total.played + batch.played,
            total.virtual_ms + batch.virtual_ms,
            total.counts + batch.counts,
            total.failed + batch.failed,
        )
        for rule, failed in batch.failed:
            _say(f"{batch.game}, seed {failed} fails: {rule}")
        _progress(total)
    _say(f"{time.monotonic() - began:.0f} s in all")
    return max([_tell(total, options.report) for total in totals.values()])


def _batches(seed: int, names: Sequence[str], options: argparse.Namespace) -> Iterator[Batch]:
    until = time.monotonic() + options.minutes * 60
    count = None if options.schedules is None else -(-options.schedules // AT_A_TIME)

    def firsts() -> Iterator[tuple[str, int]]:
        number = 0
        while (count is None and time.monotonic() < until) or (count or 0) > number:
            for name in names:
                yield name, seed + number * AT_A_TIME
            number += 1

    if options.jobs == 1:
        yield from map(play_some, firsts())
        return
    # A pool takes all numbers at once from `imap`; each round has one batch for each process.
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        waiting = firsts()
        while some := [first for _, first in zip(range(options.jobs), waiting, strict=False)]:
            yield from pool.imap(play_some, some)


def _progress(total: Batch) -> None:
    if total.played % (AT_A_TIME * 20) == 0:
        _say(f"{total.game}: {total.played} schedules, {len(total.failed)} failed")


def _tell(total: Batch, folder: Path) -> int:
    hours = total.virtual_ms / 3_600_000
    _say(f"{total.game}: {total.played} schedules, {hours:.1f} hours of virtual time")
    for name, count in sorted(total.counts.items()):
        _say(f"  {count:>9} {name}")
    # One of each rule is made short: more of them tell the same.
    for seed in dict(reversed(total.failed)).values():
        _keep(total.game, seed, folder)
    if total.failed:
        shown = ", ".join(f"{seed} ({rule})" for rule, seed in total.failed[:MOST_SHOWN])
        _say(f"{len(total.failed)} schedules failed: {shown}")
        return 1
    missing = [name for name in GAMES[total.game].needed if not total.counts[name]]
    if missing and total.played >= LONG:
        _say(f"these never happened, so nothing is known of them: {', '.join(missing)}")
        return 1
    _say("nothing was found")
    return 0


def _keep(name: str, seed: int, folder: Path) -> None:
    game = GAMES[name]
    schedule = game.draw(seed)
    finding = game.play(schedule).finding
    if finding is None:
        _say(f"seed {seed} fails no second time: something comes from outside of the seed")
        return

    def fails(one: Playable) -> bool:
        again = game.play(one).finding
        return again is not None and again.rule == finding.rule

    shorter = shrink(schedule, fails, game.simpler)
    found = game.play(shorter).finding or finding
    path = kept.keep(folder, shorter, found)
    _say(f"\nseed {seed}, {game.steps(shorter)} steps of {game.steps(schedule)}:\n{found}")
    _say(shorter.lines())
    _say(f"kept in {path}; again: python -m tests.simulation --replay {path}\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
