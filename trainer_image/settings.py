"""What the image is configured with; read once when a job arrives."""

from pathlib import Path
from tempfile import gettempdir
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """Environment variables `BRIGHTRUN_…` of the worker; all have a working default.

    Attributes:
        models_dir: prepared base models, `{id with / as --}/{revision}/`; a network volume.
        selfcheck: prove that GPU and libraries can train before the first job is taken.
        checkpoint_seconds: longest time between two checkpoints.
        stop_grace_seconds: how long a stopping run may take to write its checkpoint.
        first_pause_seconds: before a call is tried a second time; each further pause doubles.
        report_pause_seconds: shortest time between two reports.
        micro_step_tokens: tokens per forward pass; chosen from memory when absent.
    """

    model_config = SettingsConfigDict(env_prefix="BRIGHTRUN_", frozen=True, extra="ignore")

    work_dir: Path = Path(gettempdir())
    models_dir: Path | None = None
    cache_dir: Path | None = None
    image_version: str = "unknown"
    selfcheck: bool = False
    checkpoint_seconds: Annotated[float, Field(gt=0)] = 120.0
    stop_grace_seconds: Annotated[float, Field(gt=0)] = 120.0
    first_pause_seconds: Annotated[float, Field(gt=0)] = 0.5
    report_pause_seconds: Annotated[float, Field(ge=0)] = 1.0
    micro_step_tokens: Annotated[int, Field(ge=64)] | None = None
