"""One stack without workers, shared by the tests that only call its API."""

from collections.abc import Iterator

import pytest

from local import stack
from local.settings import read_settings
from tests.support.stack.ports import NO_WORKER, UNHURRIED, own_settings


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    if not read_settings().engine_python.exists():
        pytest.skip("no .venv-engine: `make test` makes it")
    settings = own_settings(tmp_path_factory.mktemp("shared"))
    yield stack.up(settings, [], leashed=True, worker=NO_WORKER, overrides=UNHURRIED)
    stack.down(settings)
