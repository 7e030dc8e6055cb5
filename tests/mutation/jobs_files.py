"""Short names for the files of the package and for the tests that hold them."""

from tests.mutation.fault import Fault

_PACKAGE = "layers/shared/brightrun/"
_ELSEWHERE = ("functions/", "trainer_image/", "local/")
_NOT_INTEGRATION = ("unit/", "fault/", "stack/")


def a_fault(name: str, file: str, sound: str, broken: str, *tests: str) -> Fault:
    """Return a fault of a file, of the package where its path does not say another.

    A test is named as `pipeline/money::a_promise`, of `tests/integration/` where its path does not
    say another room; without the promise, every test of the file is meant.
    """
    path = file if file.startswith(_ELSEWHERE) else _PACKAGE + file
    return Fault(name, path, sound, broken, tuple(map(_test, tests)))


def _test(short: str) -> str:
    where, _, promise = short.partition("::")
    room, _, name = where.rpartition("/")
    under = "tests/" if where.startswith(_NOT_INTEGRATION) else "tests/integration/"
    return f"{under}{room}/test_{name}.py" + (f"::test_{promise}" if promise else "")
