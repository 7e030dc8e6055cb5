"""What a migration has done: in a file for its owner alone, of one stage, whole or not at all."""

import stat
from pathlib import Path

import pytest

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.migration.state import MovedFile, State, load, save

STAGE = "https://dev.test"
DONE = (
    State(stage=STAGE)
    .with_file("file-1", MovedFile(sha256="ab", dataset_id="d1"))
    .with_job("Qwen/Qwen3-8B", "ftjob-1", "j1")
)


def test_it_is_read_as_it_was_written_and_others_cannot_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "migration.json"
    save(path, State(stage=STAGE))
    save(path, DONE)

    assert load(path, STAGE) == DONE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["migration.json"]


def test_a_job_is_known_by_its_base_model_too() -> None:
    assert DONE.job("Qwen/Qwen3-8B", "ftjob-1") == "j1"
    assert DONE.job("another", "ftjob-1") is None


def test_without_a_file_nothing_was_done(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json", STAGE) == State(stage=STAGE)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"stage": 1}'])
def test_a_file_of_another_kind_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)

    with pytest.raises(WrongCommand, match="--state"):
        load(path, STAGE)
    assert path.read_bytes() == content


def test_the_state_of_another_stage_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "state.json", DONE)

    with pytest.raises(WrongCommand, match=r"is of https://dev\.test"):
        load(tmp_path / "state.json", "https://prod.test")
