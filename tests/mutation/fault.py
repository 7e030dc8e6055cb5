"""One fault per trap that the trainer was built around, with the tests that must notice it.

The traps are those of packed LoRA training: each runs on with a normal-looking loss.
"""

from dataclasses import dataclass

_TRAINER = "trainer_image/"
_HERE = "tests/integration/trainer/"


@dataclass(frozen=True, slots=True)
class Fault:
    """A change of one place, and where it must be noticed.

    Attributes:
        sound: text that stands once in `file`; `broken` takes its place.
        tests: of which at least one must fail.
    """

    name: str
    file: str
    sound: str
    broken: str
    tests: tuple[str, ...]


def a_fault(name: str, file: str, sound: str, broken: str, *tests: str) -> Fault:
    """Return a fault of a file of the trainer; a test is named by its room: `training/step`."""
    files = (test.split("/") for test in tests)
    paths = tuple(f"{_HERE}{room}/test_{name}.py" for room, name in files)
    return Fault(name, _TRAINER + file, sound, broken, paths)
