"""Put one fault at a time into a copy of the code and see that the tests named for it notice.

    python -m tests.mutation.run AREA [PART OF A NAME ...]

AREA is a folder beside this file, or `all`. The tests are run first on the code as it is: a test
that fails anyway notices nothing. Exit status 1 when a fault went unnoticed,
or when its tests did not end in ten minutes. The test of the list
(`tests/unit/test_faults.py`) holds it against the code, so that it cannot grow old in silence.
"""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation.areas import areas, faults_of
from tests.mutation.fault import Fault
from tests.mutation.forked import load_what_others_wrote, run_tests

ROOT = Path(__file__).parents[2]
SAM = ".venv-sam"
"""What the tests of the parameters read samconfig.toml with; without it they are skipped."""
LONGEST_SECONDS = 600
NOTICED, UNNOTICED, NO_END = "noticed", "UNNOTICED", "NO END"
_FORKED = multiprocessing.get_context("fork")


def main(area: str, asked: list[str]) -> int:
    """Print one line per fault; the exit status is 1 when one went unnoticed."""
    wanted = _wanted(area, asked)
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = _copy_to(Path(folder) / "copy")
        everything = tuple(dict.fromkeys(test for fault in wanted for test in fault.tests))
        if everything and _outcome(everything, copy, longest=None) == NOTICED:
            raise SystemExit("the tests fail without any fault")
        load_what_others_wrote(copy)
        for fault in wanted:
            outcome = _with(fault, copy)
            unnoticed += outcome != NOTICED
            sys.stdout.write(f"{outcome:9} {fault.name}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(wanted) - unnoticed} of {len(wanted)} noticed\n")
    return 1 if unnoticed else 0


def _wanted(area: str, asked: list[str]) -> list[Fault]:
    if area not in {"all", *areas()}:
        raise SystemExit(f"there is no area {area}; there are: {', '.join(areas())}")
    there = [fault for each in areas() if area in {"all", each} for fault in faults_of(each)]
    return [fault for fault in there if not asked or any(part in fault.name for part in asked)]


def _copy_to(place: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],  # noqa: S607 - the caller's git
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    if (ROOT / SAM).is_dir():
        (place / SAM).symlink_to(ROOT / SAM)
    return place


def _with(fault: Fault, copy: Path) -> str:
    path = copy / fault.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace(fault.sound, fault.broken, 1), encoding="utf-8")
    try:
        return _outcome(fault.tests, copy)
    finally:
        path.write_text(sound, encoding="utf-8")


def _outcome(tests: tuple[str, ...], copy: Path, longest: int | None = LONGEST_SECONDS) -> str:
    """Return what became of the tests; one that does not end shows but a busy machine."""
    said = Path(f"{copy}.txt")
    child = _FORKED.Process(target=run_tests, args=(tests, copy, said))
    child.start()
    child.join(longest)
    if child.is_alive():
        os.killpg(child.pid or 0, signal.SIGKILL)
        return NO_END
    if child.exitcode not in {0, 1}:
        raise SystemExit(said.read_text(errors="replace")[-2000:])
    return NOTICED if child.exitcode == 1 else UNNOTICED


if __name__ == "__main__":
    if not sys.argv[1:]:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
