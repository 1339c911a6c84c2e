"""What the kit says when it cannot go on: each error names the thing and the way out."""

from __future__ import annotations

import errno
from typing import cast


def first_line(reason: str) -> str:
    """What happened, without the words that lead to what a child said, and without those."""
    line = reason.partition("\n")[0]
    return line.removesuffix("; it said:").removesuffix(" It said:")


def sentence(error: BaseException) -> str:
    """What an error says, in one line: the system's words, else its kind with its own words."""
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{place}"
    words = " ".join(str(error).split())
    if isinstance(error, KitError) and words:
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def cause(error: BaseException) -> BaseException:
    """The error itself, or the first one in a group of them."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


def kit_failed(error: BaseException) -> str:
    """The reason of a run that something ended which nobody had expected."""
    return f"the kit failed: {sentence(cause(error))}"


class Interrupted(BaseException):
    """A signal asks for the end; no `except Exception` on its way takes it for a fault."""


class KitError(Exception):
    """A run that cannot start or go on; `exit_code` is the command's (see `exits`)."""

    exit_code = 3


class UsageError(KitError):
    """The command, the configuration or a name in it is wrong (exit 4)."""

    exit_code = 4


class NothingToRunError(KitError):
    """The selection matches nothing (exit 5)."""

    exit_code = 5


class OutputError(KitError):
    """What a command prints cannot be written (exit 3)."""


_SHORT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE})
"""Errors of a machine that is short of something; all others are those of a place badly chosen."""


def cannot_write(what: str, error: OSError, another: str) -> KitError:
    """The error of a file that cannot be written: wrong usage, or a disk that is full (exit 3)."""
    words = f"Cannot write {what}: {error.strerror or sentence(error)}."
    if error.errno in _SHORT:
        return OutputError(f"{words} Make room there, or name {another}.")
    return UsageError(f"{words} Name {another}.")


class BrokerError(KitError):
    """There is no broker to be had, or it does not answer (exit 3)."""


class TargetError(KitError):
    """The target cannot be started or reached (exit 3)."""
