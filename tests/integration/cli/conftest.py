"""A command line on the real API."""

from collections.abc import Callable
from pathlib import Path

import pytest

from brightrun.cli.main import main
from brightrun.cli.session import Session
from brightrun.runtime import Deps
from tests.support.api.client_wires import Storage, a_session
from tests.support.api.http_calls import Call


@pytest.fixture
def storage(deps: Deps) -> Storage:
    return Storage(deps)


@pytest.fixture
def session(api: Call, deps: Deps, storage: Storage, tmp_path: Path) -> Session:
    return a_session(api, deps, storage, tmp_path / "config")


@pytest.fixture
def brightrun(session: Session) -> Callable[..., int]:
    """Run a command as a shell would, and return its exit status."""
    return lambda *words: main([str(word) for word in words], session)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"prompt":"a","completion":"b"}\n')
    return path
