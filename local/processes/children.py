"""Processes of the local stack: started once, found again by their notes, stopped whole."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

_STOP_WITHIN_SECONDS = 10.0
# Our own children, whom only we can reap; with a leash it also holds the end that must stay open.
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "LOG_LEVEL")


class NotReady(RuntimeError):
    """A process ended or did not answer in time; the message shows the end of its log."""


@dataclass(frozen=True)
class Command:
    """One process of the stack.

    Attributes:
        health_url: answers anything at all once the process serves.
    """

    name: str
    arguments: tuple[str, ...]
    folder: Path
    home: Path
    health_url: str

    @property
    def note(self) -> Path:
        return self.home / "run" / f"{self.name}.json"

    @property
    def log(self) -> Path:
        return self.home / "logs" / f"{self.name}.log"


def bare_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a process of the stack may inherit: no credential of this shell."""
    return {name: environment[name] for name in _PASSED_ON if name in environment}


def start(command: Command, *, leashed: bool, within_seconds: float = 90.0) -> None:
    """Start a process and return once it answers.

    Args:
        leashed: it ends with us, however we end; otherwise it stays until `stop`.

    Raises:
        NotReady: it ended, or does not answer; it has been stopped.
    """
    command.log.parent.mkdir(parents=True, exist_ok=True)
    command.note.parent.mkdir(parents=True, exist_ok=True)
    python, *arguments = command.arguments
    # After `-m module`, before a worker's own command.
    arguments[2:2] = ["--leashed"] if leashed else []
    with command.log.open("wb") as log:
        process = subprocess.Popen(
            [python, *arguments],
            cwd=command.folder,
            env=bare_environment(),
            # The other end of this pipe is ours until we die: that is the leash.
            stdin=subprocess.PIPE if leashed else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _CHILDREN[process.pid] = process
    created = psutil.Process(process.pid).create_time()
    command.note.write_text(json.dumps({"pid": process.pid, "created": created}))
    deadline = time.monotonic() + within_seconds
    while not answers(command.health_url):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(command)
            raise NotReady(f"{command.name} did not start: {_end_of(command.log)}")
        time.sleep(0.1)


def running(command: Command) -> psutil.Process | None:
    """Return the process of the note, if it is that very process and alive."""
    with contextlib.suppress(OSError, ValueError, KeyError, psutil.Error):
        note = json.loads(command.note.read_text())
        process = psutil.Process(note["pid"])
        alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        # Process ids are used again; one that began at another time is a stranger.
        if alive and process.create_time() == note["created"]:
            return process
    return None


def stop(command: Command) -> bool:
    """Stop the process and everything below it; tell whether there was one."""
    process = running(command)
    if process is not None:
        below = process.children(recursive=True)
        process.terminate()
        _, alive = psutil.wait_procs([process, *below], timeout=_STOP_WITHIN_SECONDS)
        for survivor in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                survivor.kill()
        psutil.wait_procs(alive, timeout=2)
    _reap()
    command.note.unlink(missing_ok=True)
    return process is not None


def _reap() -> None:
    for pid, child in list(_CHILDREN.items()):
        if child.poll() is not None:
            with child:
                del _CHILDREN[pid]


def answers(url: str) -> bool:
    """Tell whether anything answers at this address."""
    try:
        httpx.get(url, timeout=2)
    except httpx.HTTPError:
        return False
    return True


def eventually(claim: Callable[[], bool], within_seconds: float) -> bool:
    """Tell whether the claim became true in time."""
    deadline = time.monotonic() + within_seconds
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _end_of(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "its log is empty"
