"""Copies of what lies at OpenAI: training files to be checked, results and jobs to be kept."""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from brightrun.cli.local_check import Checked, CheckOptions, Maximum, check_file
from brightrun.cli.migration.source import OpenAiAccount, TheirJob
from brightrun.cli.migration.state import write_private
from brightrun.datasets.record import Problem, Statistics
from brightrun.training.configuration import OverLength

GONE = "OpenAI does not serve it any more"
_BLOCK = 1 << 20
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A training file, as it lies here now.

    Attributes:
        path: None where OpenAI does not serve it any more.
        checked: what the upload will say of it.
    """

    id: str
    name: str
    path: Path | None = None
    sha256: str = ""
    checked: Checked | None = None

    @property
    def fault(self) -> str:
        """Why nothing can be trained on it; empty where something can."""
        if self.checked is None:
            return GONE
        verdict = self.checked.outcome.verdict
        if self.checked.has_errors or not verdict.training_ready:
            return verdict.error_message or "it is not ready to train"
        return ""

    @property
    def statistics(self) -> Statistics:
        """What was counted in it."""
        return Statistics() if self.checked is None else self.checked.outcome.verdict.statistics

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it, by line."""
        return () if self.checked is None else tuple(self.checked.outcome.report)


class Copies:
    """A folder with `jobs`, `files` and `results` of an account."""

    def __init__(self, folder: Path, account: OpenAiAccount) -> None:
        self._folder = folder
        self._account = account

    def keep_job(self, job: TheirJob) -> tuple[str, ...]:
        """Keep a job's JSON and its result files; return what OpenAI does not serve any more."""
        text = json.dumps(job.raw, indent=2, ensure_ascii=False)
        write_private(self._folder / "jobs" / f"{job.id}.json", text.encode())
        gone = (self._keep_result(job, place) for place in range(len(job.result_files)))
        return tuple(sentence for sentence in gone if sentence)

    def _keep_result(self, job: TheirJob, place: int) -> str:
        more = f"-{place + 1}" if place else ""
        target = self._folder / "results" / f"{job.id}{more}.csv"
        if target.is_file():
            return ""
        scratch = _scratch(target)
        result = job.result_files[place]
        if not self._account.download(result, scratch):
            scratch.unlink()
            return f"result file {result}: {GONE}"
        write_private(target, plain_csv(scratch.read_bytes()))
        scratch.unlink()
        return ""

    def training_file(self, file_id: str, maximum: Maximum, over_length: OverLength) -> FileCopy:
        """Return a training file, fetched unless it is here, and checked."""
        known = self._account.file(file_id)
        target = self._folder / "files" / f"{file_id}.jsonl"
        name = file_id if known is None else known.filename or file_id
        here = target.is_file() and (known is None or target.stat().st_size == known.bytes)
        if not here and (known is None or not self._fetch(file_id, target)):
            return FileCopy(file_id, name)
        checked = check_file(CheckOptions(target, maximum=maximum, over_length=over_length))
        return FileCopy(file_id, name, target, _sha256(target), checked)

    def _fetch(self, file_id: str, target: Path) -> bool:
        scratch = _scratch(target)
        if not self._account.download(file_id, scratch):
            scratch.unlink()
            return False
        scratch.replace(target)
        return True


def plain_csv(content: bytes) -> bytes:
    """Return a result file as the CSV it is: OpenAI hands it out in Base64."""
    try:
        decoded = base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        return content
    return decoded if decoded.startswith(b"step,") else content


def training_files_of(jobs: Iterable[TheirJob]) -> list[str]:
    """Return the training files of jobs, each once."""
    return list(dict.fromkeys(job.training_file for job in jobs))


def _scratch(target: Path) -> Path:
    """Return an empty file beside a target that only its owner reads."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = target.with_name(f"{target.name}.part")
    scratch.unlink(missing_ok=True)
    os.close(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
    return scratch


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
