"""Standard output and standard error, which may be closed, full or gone at any moment.

What cannot be printed must not turn into an exit code that means something else: Python ends with 1 for
an error of its own, with 120 where the last flush fails, and rich and click end with 1 at a closed pipe.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

from omnisession_conformance.errors import OutputError, sentence
from omnisession_conformance.plain import ESCAPED

if TYPE_CHECKING:
    from collections.abc import Callable


def open_streams() -> None:
    """Have all three streams open, so that no file of ours takes the place of one that was closed.

    What is written to a closed standard output is lost, and an error, as it is for any other program;
    nobody misses what is written to a closed standard error. Characters that a stream cannot hold are
    written as escapes, signs of the kit's own in ASCII.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # `serve` hands its streams on to the program that takes its place.
            os.set_inheritable(os.open(os.devnull, flags), True)
    # Python sets the name of a stream that was closed to None.
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=ESCAPED)


def flush_stdout() -> None:
    """Have everything written that was printed; raises OutputError."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise output_error(error) from error


def output_error(error: OSError) -> OutputError:
    """The error of a command whose words cannot be written."""
    return OutputError(f"The output could not be written: {sentence(error)}.")


def is_read_no_more(stream: TextIO) -> bool:
    """Whether a stream is a pipe whose reader has closed it, such as `head` once it has its lines."""
    try:
        looked = select.poll()
        looked.register(stream.fileno(), 0)
        return any(seen & (select.POLLERR | select.POLLHUP) for _, seen in looked.poll(0))
    except (OSError, ValueError):
        return False


def say(words: str) -> None:
    """Tell people something beside the output; where nobody can be told, nothing happens."""
    from omnisession_conformance.report.text import quoted  # noqa: PLC0415 - most say nothing

    write_aside(quoted(words))


def write_aside(line: str) -> None:
    """Write a line to standard error as it is; where nobody can be told, nothing happens."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def let_go_of_streams() -> None:
    """Have the end of the process flush into nothing what could not be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            let_go(stream)


def let_go(stream: TextIO) -> None:
    """Send what is left of a stream into nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
