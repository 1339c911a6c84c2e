"""How a command ends: 0, 1 and 5 are its own answers, and whatever else happens is none.

Python, click and rich end with 1 where something breaks, and 1 says here that a server is not conformant.
"""

from __future__ import annotations

import errno
import io
import sys
from typing import TYPE_CHECKING

import click

from omnisession_conformance.cli.signals import SIGNALS
from omnisession_conformance.cli.veil import all_known
from omnisession_conformance.errors import Interrupted, KitError, UsageError, cause, sentence
from omnisession_conformance.exits import Exit
from omnisession_conformance.outputs.streams import (
    flush_stdout,
    is_read_no_more,
    let_go_of_streams,
    output_error,
    say,
    write_aside,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_OF_STREAMS = frozenset(
    {errno.EPIPE, errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO, errno.EBADF}
)
_OF_ARGUMENTS = "embedded null"
"""How Python refuses a name with a NUL character in it."""


def guarded(command: Callable[[], object]) -> int:
    """Call a command, and say in one sentence what kept it from its answer, if anything did.

    Returns its exit code; raises nothing.
    """
    try:
        try:
            code = _answered(command)
        except BaseException as error:  # noqa: BLE001 - this is where everything ends
            SIGNALS.ending()
            code = _ended(error)
        SIGNALS.ending()
    except Interrupted as stop:
        # It came in the moment before no more are raised.
        code = _ended(stop)
    let_go_of_streams()
    return int(code)


def _answered(command: Callable[[], object]) -> int:
    code = command()
    flush_stdout()
    return code if isinstance(code, int) else 0


def _ended(whole: BaseException) -> int:
    error = cause(whole)
    if isinstance(error, click.ClickException):
        from omnisession_conformance.report.text import quoted  # noqa: PLC0415 - stay light

        shown, message = io.StringIO(), error.format_message()
        error.show(shown)
        write_aside(shown.getvalue().rstrip("\n").replace(message, quoted(message)))
        return Exit.USAGE
    if isinstance(error, Interrupted | KeyboardInterrupt | click.Abort):
        say(f"omnisession: interrupted: {error}" if str(error) else "omnisession: interrupted")
        return Exit.INTERRUPTED
    if isinstance(error, SystemExit):
        # A library's: nothing in the kit ends that way.
        return Exit.NO_VERDICT if error.code else Exit.CONFORMANT
    known = _known(error)
    if known is None:
        return _unexpected(whole)
    if isinstance(error.__cause__ or error, BrokenPipeError) and is_read_no_more(sys.stdout):
        # Whoever reads has enough: that is no news to them.
        return known.exit_code
    say(f"omnisession: {known}")
    return known.exit_code


def _known(error: BaseException) -> KitError | None:
    """The error in the words of the kit, None where it has none."""
    if isinstance(error, KitError):
        return error
    if isinstance(error, OSError) and error.errno in _OF_STREAMS and error.filename is None:
        return output_error(error)
    if isinstance(error, ValueError) and str(error).startswith(_OF_ARGUMENTS):
        return UsageError("A name has a NUL character in it, which none can have: leave it out.")
    return None


def _unexpected(error: BaseException) -> int:
    # Imported when it is needed: no other end of a command looks for secrets.
    from omnisession_conformance.outputs.crash import where_told  # noqa: PLC0415

    what = sentence(cause(error))
    if isinstance(cause(error), MemoryError):
        what = "there is not enough memory"
    told = where_told(error, redactor=all_known())
    say(f"omnisession: No verdict, the kit failed: {what}. {told}")
    return Exit.NO_VERDICT
