"""What the kernel says about this machine's memory."""

from os import sysconf
from pathlib import Path

PAGE_BYTES = sysconf("SC_PAGE_SIZE")
_EVENTS = Path("/sys/fs/cgroup/memory.events")
_LIMIT = Path("/sys/fs/cgroup/memory.max")
_MEMORY = Path("/proc/meminfo")


def out_of_memory_kills(events: Path = _EVENTS) -> int:
    """Return how many processes of this container the kernel has ended for want of memory."""
    try:
        lines = events.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    counts = dict(line.split() for line in lines)
    return int(counts.get("oom_kill", 0))


def resident_bytes(process: Path = Path("/proc/self/statm")) -> int:
    """Return the memory that this process holds."""
    return int(process.read_text(encoding="ascii").split()[1]) * PAGE_BYTES


def available_bytes(memory: Path = _MEMORY, limit: Path = _LIMIT) -> int:
    """Return the memory a new process may use: the machine's, or the container's if smaller."""
    lines = memory.read_text(encoding="ascii").splitlines()
    fields = {line.split(":")[0]: int(line.split()[1]) for line in lines if len(line.split()) > 1}
    available = fields["MemAvailable"] * 1024
    try:
        allowed = limit.read_text(encoding="ascii").strip()
    except OSError:
        return available
    return available if allowed == "max" else min(available, int(allowed))
