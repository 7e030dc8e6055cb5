"""A run of pytest in a forked process: what others wrote is loaded once, what is ours each time.

Most of a short test's time is the import of libraries that no fault touches.
"""

import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path

import pytest

OURS = frozenset({"brightrun", "functions", "local", "tests", "tools", "trainer_image"})
_OPTIONS = ("-q", "-x", "-m", "slow or not slow", "-p", "no:cacheprovider")
_LISTED = "libraries.txt"


def run_tests(tests: tuple[str, ...], copy: Path, said: Path) -> None:
    """Run tests of a copy of the code, and exit with pytest's status; for a process of its own."""
    os.setpgid(0, 0)
    with said.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    for name in [name for name in sys.modules if _top(name) in OURS]:
        del sys.modules[name]
    paths = [str(copy), str(copy / "layers/shared")]
    sys.path[:] = [*paths, *(path for path in sys.path if path not in {"", os.getcwd()})]  # noqa: PTH109 - text among text
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)}
    os.chdir(copy)
    status = pytest.main([*_OPTIONS, f"--basetemp={copy}.tmp", *tests])
    libraries = sorted(name for name in sys.modules if _top(name) not in OURS)
    (copy / _LISTED).write_text("\n".join(libraries), encoding="utf-8")
    sys.stdout.flush()
    os._exit(status)


def load_what_others_wrote(copy: Path) -> None:
    """Import the libraries that the last run used, but for pytest's own and its plugins."""
    rewritten = {
        file.parts[0].removesuffix(".py")
        for found in distributions()
        if any(entry.group == "pytest11" for entry in found.entry_points)
        for file in found.files or ()
        if file.suffix == ".py"
    }
    for name in (copy / _LISTED).read_text(encoding="utf-8").splitlines():
        if _top(name) not in rewritten | {"__main__", "torch"}:
            with suppress(Exception):
                import_module(name)


def _top(name: str) -> str:
    return name.partition(".")[0]
