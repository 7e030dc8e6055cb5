"""Short names for the files of the trainer and for the rooms of its tests.

The traps of packed LoRA training are the trainer's area: each runs on with a normal-looking loss.
"""

from tests.mutation.fault import Fault

_TRAINER = "trainer_image/"
_HERE = "tests/integration/trainer/"


def a_fault(name: str, file: str, sound: str, broken: str, *tests: str) -> Fault:
    """Return a fault of a file of the trainer; a test is named by its room: `training/step`."""
    files = (test.split("/") for test in tests)
    paths = tuple(f"{_HERE}{room}/test_{name}.py" for room, name in files)
    return Fault(name, _TRAINER + file, sound, broken, paths)
