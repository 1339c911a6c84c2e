"""Runs one command as a child that cannot outlive the kit.

`python -I -S guard.py [--memory-mb=N] COMMAND…` starts the command in a process group of its own, with
no more memory than N MB where that is said, and watches its own standard input, a pipe that only the
kit holds open: when the kit goes, even by SIGKILL, the pipe closes and the whole group is killed.
SIGTERM and SIGINT are passed on to the group. The guard ends with the command's own exit code (128 +
signal if one ended it). It imports little, since it starts with every child, and nothing of the kit,
since it runs outside any environment.
"""

import contextlib
import os
import resource
import select
import signal
import sys

POSIX_SIGNAL_BASE = 128
MEMORY = "--memory-mb="
PASSED_ON = (signal.SIGTERM, signal.SIGINT)


def main(argv: list[str]) -> int:
    """Run the command and return its exit code; 127 if it cannot be started."""
    most_mb = int(argv.pop(0).removeprefix(MEMORY)) if argv[0].startswith(MEMORY) else None
    # One that came between the fork and the handlers would end the guard alone, and free the command.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    pid = os.fork()
    if pid == 0:
        _become(argv, before, most_mb)
    # The group exists before a signal can be passed on, whichever side runs first.
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, _wake)
    for number in PASSED_ON:
        signal.signal(number, lambda signum, _: _signal_group(pid, signum))
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    watched = [0, wake_read]
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            # What the command left behind in its group goes with it.
            _signal_group(pid, signal.SIGKILL)
            return _exit_code(status)
        ready, _, _ = select.select(watched, [], [])
        if wake_read in ready:
            os.read(wake_read, 512)
        if 0 in ready and not os.read(0, 512):
            _signal_group(pid, signal.SIGKILL)
            watched = [wake_read]


def _wake(number: int, frame: object) -> None:
    """Nothing to do: the wake-up pipe has told already."""


def _become(argv: list[str], mask: set[int], most_mb: int | None) -> None:
    os.setpgid(0, 0)
    if most_mb is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (most_mb << 20, most_mb << 20))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    # Python would make an exception of it, which the command knows nothing of.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - the command is the user's, as it is
    except OSError as error:
        os.write(2, f"cannot run '{argv[0]}': {error.strerror}\n".encode("utf-8", "replace"))
        os._exit(127)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return POSIX_SIGNAL_BASE - code if code < 0 else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
