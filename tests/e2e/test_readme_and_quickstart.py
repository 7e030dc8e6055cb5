"""README, the quickstart and the API's page, typed as they stand; what is printed is compared."""

import os

import pytest

from local.__main__ import welcome
from tests.support.carried_out import Reader, commands_of, python_first
from tests.support.deployment.rehearsal import Desk
from tests.support.documents import ROOT, blocks
from tests.support.stack.users import new_key, new_user
from tests.support.stack.whole_stack import Whole
from tests.support.transcripts import is_of_the_form, transcript

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
README, QUICKSTART = ROOT / "README.md", ROOT / "docs" / "quickstart.md"
API = ROOT / "docs" / "api.md"
ELSEWHERE = {
    "make dev": "starts what the fixture has started; its words are compared below",
    "make down": "would stop what other tests use",
    "make demo": "minutes; tests/e2e/test_the_whole_way.py has its job, with more going wrong",
    "make demo MODEL=smollm2": "fetches 93 MB; tests/integration/local/test_smollm2.py",
    "make test": "would start itself",
}
"""Commands that are not carried out here, and why."""


@pytest.fixture(scope="module")
def reader(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A newcomer with an empty folder and a key of their own: the owner's models are counted."""
    settings, folder = whole.stack.settings, tmp_path_factory.mktemp("desk")
    key = new_key(whole.stack, new_user(whole.stack, "newcomer"))
    desk = Desk(
        folder,
        {
            "PATH": python_first(os.environ["PATH"]),
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "COLUMNS": "80",
            "OMP_NUM_THREADS": "1",
            "BRIGHTRUN_LOCAL_HOME": str(settings.home),
            "BRIGHTRUN_FRONT_PORT": str(settings.front_port),
            "BRIGHTRUN_AWS_PORT": str(settings.aws_port),
            "BRIGHTRUN_RUNPOD_PORT": str(settings.runpod_port),
        },
    )
    return Reader(
        desk,
        elsewhere=ELSEWHERE,
        first=f"export BRIGHTRUN_API_KEY={key}",
        known={"https://HOST": settings.front_url, "brk_…": key},
    )


@pytest.fixture(scope="module")
def read(reader: Reader) -> Reader:
    """The same one, who has typed the quickstart, README, and what stands beside the API."""
    for page in (QUICKSTART, README, API):
        reader.read(page)
    return reader


def test_every_block_does_and_prints_what_stands_there(read: Reader) -> None:
    assert read.wrong == []
    assert len(read.printed) >= 11


def test_every_command_was_carried_out_or_is_named_with_a_reason(read: Reader) -> None:
    assert read.left_out == ELSEWHERE.keys()
    assert sum(1 for page in (README, QUICKSTART) for _ in commands_of(page)) >= 25


def test_the_start_says_what_the_quickstart_shows(whole: Whole) -> None:
    shown = [
        said
        for block in blocks(QUICKSTART)
        if block.language == "console"
        for said in transcript(block.text)
        if said.command == "make dev"
    ]

    assert len(shown) == 1
    assert is_of_the_form(shown[0].output, welcome(whole.stack).splitlines())


def test_what_was_trained_lies_in_the_folder_that_is_named(read: Reader) -> None:
    files = {path.name for path in (read.desk.folder / "adapter").iterdir()}

    assert {"adapter_model.safetensors", "adapter_config.json", "manifest.json"} <= files
