"""OpenAI's own client, pointed at this API."""

import openai
import pytest

from brightrun.runtime import Deps
from tests.support.openai.client import Wire, a_client


@pytest.fixture
def wire(deps: Deps) -> Wire:
    return Wire(deps)


@pytest.fixture
def client(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> openai.OpenAI:
    """Its own settings from the environment must not lead it elsewhere."""
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return a_client(wire)
