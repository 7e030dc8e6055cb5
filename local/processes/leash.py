"""Run a command as a container would: `python -m local.processes.leash COMMAND…`.

When the command ends, everything it started ends; when our standard input closes, which is when
our parent dies, however it dies, everything ends too. Prints the command's process id first.
Without Linux's child subreaper, a grandchild whose parent has died escapes.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

import psutil

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_descendants() -> None:
    """Kill until nothing below this process lives."""
    while alive := [
        process
        for process in psutil.Process().children(recursive=True)
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]:
        for process in alive:
            process.kill()
        time.sleep(0.02)


def kill_when_alone() -> None:
    """Block until standard input closes, then end everything, ourselves last."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    kill_descendants()
    os._exit(128 + signal.SIGKILL)


def main() -> int:
    """Return the command's exit status, as a shell would."""
    adopt_orphans()
    # The command's output joins our standard error, so that standard output carries its id alone.
    log = sys.stderr.fileno()
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def forward(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, forward)
    print(child.pid, flush=True)
    threading.Thread(target=kill_when_alone, daemon=True).start()
    code = child.wait()
    kill_descendants()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
