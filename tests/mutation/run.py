"""Put one fault at a time into a copy of the code and see that the tests named for it notice.

    python -m tests.mutation.run AREA [PART OF A NAME ...]

AREA is a folder beside this file, or `all`. The tests are run first on the code as it is: a test
that fails anyway notices nothing. Exit status 1 when a fault went unnoticed. The test of the list
(`tests/unit/test_faults.py`) holds it against the code, so that it cannot grow old in silence.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation.areas import areas, faults_of
from tests.mutation.fault import Fault

ROOT = Path(__file__).parents[2]
LONGEST_SECONDS = 600
_OPTIONS = ("-q", "-x", "-m", "slow or not slow", "-p", "no:cacheprovider")


def main(area: str, asked: list[str]) -> int:
    """Print one line per fault; the exit status is 1 when one went unnoticed."""
    wanted = _wanted(area, asked)
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = _copy_to(Path(folder) / "copy")
        everything = tuple(dict.fromkeys(test for fault in wanted for test in fault.tests))
        if everything and _fail(everything, copy, longest=None):
            raise SystemExit("the tests fail without any fault")
        for fault in wanted:
            noticed = _is_noticed(fault, copy)
            unnoticed += not noticed
            sys.stdout.write(f"{'noticed  ' if noticed else 'UNNOTICED'} {fault.name}\n")
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
        ["git", "ls-files", "-z"],  # noqa: S607 - the caller's git
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    return place


def _is_noticed(fault: Fault, copy: Path) -> bool:
    path = copy / fault.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace(fault.sound, fault.broken, 1), encoding="utf-8")
    try:
        return _fail(fault.tests, copy)
    finally:
        path.write_text(sound, encoding="utf-8")


def _fail(tests: tuple[str, ...], copy: Path, longest: int | None = LONGEST_SECONDS) -> bool:
    """Whether a test fails; a run that does not end has noticed as well."""
    paths = [str(copy), str(copy / "layers/shared")]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own tests
            [sys.executable, "-m", "pytest", *_OPTIONS, f"--basetemp={copy}.tmp", *tests],
            cwd=copy,
            env=environment,
            capture_output=True,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stdout.decode()[-2000:])
    return done.returncode == 1


if __name__ == "__main__":
    if not sys.argv[1:]:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
