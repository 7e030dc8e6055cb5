"""A client on the real API."""

from pathlib import Path

import pytest

from brightrun.client import BrightRun
from brightrun.runtime import Deps
from tests.support.api.client_wires import Storage, a_client
from tests.support.api.http_calls import Call


@pytest.fixture
def storage(deps: Deps) -> Storage:
    return Storage(deps)


@pytest.fixture
def client(api: Call, deps: Deps, storage: Storage, tmp_path: Path) -> BrightRun:
    return a_client(api, deps, storage, tmp_path / "config")
