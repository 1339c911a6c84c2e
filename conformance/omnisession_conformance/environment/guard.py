"""Runs one command as a child that cannot outlive the kit, and neither can what it starts.

`python -I -S guard.py [--memory-mb=N] [--may-leave] [--talks=IN,OUT] COMMAND…` starts the command in a
process group of its own, with no more memory than N MB where that is said, and watches its own standard
input, a pipe that only the kit holds open: when the kit goes, even by SIGKILL, the pipe closes and
everything is killed. SIGTERM, SIGINT and SIGHUP are passed on, and SIGUSR1 and SIGUSR2 let all of it stand
still and go on. The guard ends with the command's own exit code (128 + signal if one ended it).

A process may leave the group, or the session, or its parent. On Linux the guard inherits those whose
parent ends, so that it finds them all, and what is left ends with the command; elsewhere only the group
does. `--may-leave` is for a command that starts what is to stay. Its standard input is empty, and its
standard output that of the guard, but for one that talks: these are then two descriptors of the guard's.

It imports little, since it starts with every child, and nothing of the kit, since it runs outside any
environment.
"""

import contextlib
import os
import resource
import select
import signal
import sys
import time

POSIX_SIGNAL_BASE = 128
MEMORY = "--memory-mb="
MAY_LEAVE = "--may-leave"
TALKS = "--talks="
PASSED_ON = (signal.SIGTERM, signal.SIGINT)
RELOADS = signal.SIGHUP
"""Asks for no end: a broker reads its configuration again."""
HOLDS = {signal.SIGUSR1: signal.SIGSTOP, signal.SIGUSR2: signal.SIGCONT}
"""What lets the command stand still and go on: nobody can catch the signals themselves and pass them on."""
GRACE_S = 1.0
"""How long those outside of the group may take to end once the command, which was told to, has ended."""
LONGEST_S = 4.0
"""How long what is killed again and again may take to be gone; the kit waits a little longer."""
LOOK_S = 0.01
SET_PDEATHSIG, SET_CHILD_SUBREAPER = 1, 36
"""Numbers of Linux's prctl."""


class Guard:
    """The command and all that it has started, as far as the system tells."""

    def __init__(self) -> None:
        self.pid = 0
        self.status: int | None = None
        """The command's end as `waitpid` tells it, None while it runs."""
        self.asked = False
        self.heir = False
        """Whether it inherits whose parent has ended."""

    def signal(self, number: int) -> None:
        """Send a signal to the group, and to those who have left it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
        if self.heir:
            for pid in descendants():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    if os.getpgid(pid) != self.pid:
                        os.kill(pid, number)

    def pass_on(self, number: int, frame: object) -> None:
        """Ask all of them to end."""
        del frame
        self.asked = True
        self.signal(number)

    def hold(self, number: int, frame: object) -> None:
        """Let all of them stand still, or go on."""
        del frame
        self.signal(HOLDS[signal.Signals(number)])

    def reap(self) -> bool:
        """Look who has ended; whether anybody is left."""
        while True:
            try:
                done, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not done:
                return True
            if done == self.pid:
                self.status = status

    def end_rest(self) -> None:
        """The command has ended: what it left in its group is killed, and all others before long."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        begun = time.monotonic()
        while self.heir and self.reap():
            past = time.monotonic() - begun
            if past > LONGEST_S:
                return
            gone = not self.asked or past > GRACE_S or closed(0)
            if gone:
                self.signal(signal.SIGKILL)
            time.sleep(LOOK_S)


def main(argv: list[str]) -> int:
    """Run the command and return its exit code; 127 if it cannot be started."""
    most_mb = _numbers(argv, MEMORY)
    guard, prctl = Guard(), None
    if argv[0] == MAY_LEAVE:
        argv.pop(0)
    else:
        prctl = find_prctl()
        guard.heir = prctl is not None and prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    talks = _numbers(argv, TALKS)
    # One that came between the fork and the handlers would end the guard alone, and free the command.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (*PASSED_ON, RELOADS, *HOLDS))
    guard.pid = os.fork()
    if guard.pid == 0:
        if prctl is not None:
            # Whoever kills the guard has not freed the command.
            prctl(SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _become(argv, before, most_mb, talks)
    for number in talks:
        # Held here as well, its ends would not be told.
        os.close(number)
    # The group exists before a signal can be passed on, whichever side runs first.
    with contextlib.suppress(OSError):
        os.setpgid(guard.pid, guard.pid)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, _wake)
    handlers = dict.fromkeys(PASSED_ON, guard.pass_on) | dict.fromkeys(HOLDS, guard.hold)
    for number, handle in handlers.items():
        signal.signal(number, handle)
    signal.signal(RELOADS, lambda number, _: guard.signal(number))
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    watched = [0, wake_read]
    while True:
        guard.reap()
        if guard.status is not None:
            guard.end_rest()
            return _exit_code(guard.status)
        ready, _, _ = select.select(watched, [], [])
        if wake_read in ready:
            os.read(wake_read, 512)
        if 0 in ready and not os.read(0, 512):
            guard.asked = False
            guard.signal(signal.SIGKILL)
            watched = [wake_read]


def _numbers(argv: list[str], option: str) -> list[int]:
    """Take an option off the front, and give its numbers; none where it is not there."""
    if not argv[0].startswith(option):
        return []
    return [int(number) for number in argv.pop(0).removeprefix(option).split(",")]


def find_prctl():  # noqa: ANN201 - what ctypes gives has no name
    """Find the system's call that makes heirs, None where there is none."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes  # noqa: PLC0415 - only here

        return ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return None


def descendants() -> list[int]:
    """All that descend from this process, nearest first."""
    children: dict[int, list[int]] = {}
    with os.scandir("/proc") as entries:
        pids = [int(entry.name) for entry in entries if entry.name.isdigit()]
    for pid in pids:
        # It may be gone between two looks.
        with contextlib.suppress(OSError, IndexError):
            children.setdefault(_parent(pid), []).append(pid)
    found = [os.getpid()]
    for pid in found:
        found += children.get(pid, ())
    return found[1:]


def _parent(pid: int) -> int:
    file = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    try:
        # The name of a program may have brackets and spaces in it.
        return int(os.read(file, 1024).rpartition(b")")[2].split()[1])
    finally:
        os.close(file)


def closed(number: int) -> bool:
    """Whether whoever held the other end of a pipe is gone."""
    ready, _, _ = select.select([number], [], [], 0)
    return bool(ready) and not os.read(number, 512)


def _wake(number: int, frame: object) -> None:
    """Nothing to do: the wake-up pipe has told already."""


def _become(argv: list[str], mask: set[int], most_mb: list[int], talks: list[int]) -> None:
    os.setpgid(0, 0)
    for size in most_mb:
        resource.setrlimit(resource.RLIMIT_DATA, (size << 20, size << 20))
    for own, number in enumerate(talks or [os.open(os.devnull, os.O_RDONLY)]):
        os.dup2(number, own)
        os.close(number)
    # Python would make an exception of it, which the command knows nothing of.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - the command is the user's, as it is
    except OSError as error:
        os.write(2, f"cannot run '{argv[0]}': {error.strerror}\n".encode("utf-8", "replace"))
        os._exit(127)


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return POSIX_SIGNAL_BASE - code if code < 0 else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
