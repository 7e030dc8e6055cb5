"""What a migration has done so far, in a file that only its owner reads."""

import os
from pathlib import Path

from pydantic import Field, ValidationError

from brightrun.cli.exit_status import WrongCommand
from brightrun.records import Record


class MovedFile(Record):
    """A training file that is a dataset now."""

    sha256: str
    dataset_id: str


class State(Record):
    """What is done, at one stage.

    Attributes:
        files: by OpenAI's id.
        jobs: our job, by base model and OpenAI's id.
    """

    stage: str
    files: dict[str, MovedFile] = Field(default_factory=dict)
    jobs: dict[str, str] = Field(default_factory=dict)

    def job(self, base_model: str, theirs: str) -> str | None:
        """Return the job that was made of one of OpenAI's."""
        return self.jobs.get(f"{base_model} {theirs}")

    def with_job(self, base_model: str, theirs: str, ours: str) -> "State":
        """Return the state after a job was made."""
        return self.model_copy(update={"jobs": {**self.jobs, f"{base_model} {theirs}": ours}})

    def with_file(self, theirs: str, moved: MovedFile) -> "State":
        """Return the state after a file was moved."""
        return self.model_copy(update={"files": {**self.files, theirs: moved}})


def load(path: Path, stage: str) -> State:
    """Return what was done at a stage; nothing where there is no file.

    Raises:
        WrongCommand: it is of another stage, or no such file at all.
    """
    try:
        known = State.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return State(stage=stage)
    except ValidationError as error:
        raise WrongCommand(
            f"{path} is no state of a migration: name another with --state"
        ) from error
    if known.stage != stage:
        raise WrongCommand(f"{path} is of {known.stage}, not of {stage}: name another with --state")
    return known


def save(path: Path, state: State) -> None:
    """Put the state in the place of the earlier one, whole or not at all."""
    write_private(path, state.model_dump_json(indent=2).encode())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    scratch.replace(path)
