"""What the image is configured with; read once when a job arrives."""

from pathlib import Path
from tempfile import gettempdir
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from brightrun.multipart import GIB, LEAST_PART_BYTES, MOST_PART_BYTES, WORKER_PART_BYTES
from trainer_image.ipc.run_spec import Option


def _separated(given: object) -> object:
    """`a, b` as an environment variable holds it."""
    return (
        [part.strip() for part in given.split(",") if part.strip()]
        if isinstance(given, str)
        else given
    )


class WorkerSettings(BaseSettings):
    """Environment variables `BRIGHTRUN_…` of the worker; all have a working default.

    Attributes:
        models_dir: prepared base models, `{id with / as --}/{revision}/`; a network volume.
        hub_caches: folders in the Hub's layout that are read and never written to, with commas
            between; RunPod mounts an endpoint's cached model at the default.
        cache_dir: where the Hub's files go; absent: a folder of the worker's own beside the jobs',
            where models that were used longest ago make room for others.
        selfcheck: prove that GPU and libraries can train before the first job is taken.
        checkpoint_seconds: longest time between two checkpoints.
        stop_grace_seconds: how long a stopping run may take to write its checkpoint.
        stall_seconds: longest time without a sign of progress; then the process is ended.
        first_pause_seconds: before a call is tried a second time; each further pause doubles.
        report_pause_seconds: shortest time between two reports.
        micro_step_tokens: tokens per forward pass; chosen from memory when absent.
        parts_above_bytes: a larger file is uploaded in parts, so that a break costs one of them.
        part_bytes: of each part; more for a file that would have over 10,000.
        gated_model_types: experimental model types that this worker may train, with commas between.
        training_options: `fp8`, `fa3` or `fa4`, with commas between; see `training.options`.
    """

    model_config = SettingsConfigDict(env_prefix="BRIGHTRUN_", frozen=True, extra="ignore")

    work_dir: Path = Path(gettempdir())
    models_dir: Path | None = None
    hub_caches: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_separated)] = (
        Path("/runpod-volume/huggingface-cache/hub"),
    )
    cache_dir: Path | None = None
    image_version: str = "unknown"
    selfcheck: bool = False
    checkpoint_seconds: Annotated[float, Field(gt=0)] = 120.0
    stop_grace_seconds: Annotated[float, Field(gt=0)] = 120.0
    stall_seconds: Annotated[float, Field(gt=0)] = 600.0
    first_pause_seconds: Annotated[float, Field(gt=0)] = 0.5
    report_pause_seconds: Annotated[float, Field(ge=0)] = 1.0
    micro_step_tokens: Annotated[int, Field(ge=64)] | None = None
    parts_above_bytes: Annotated[int, Field(ge=0)] = GIB
    part_bytes: Annotated[int, Field(ge=LEAST_PART_BYTES, le=MOST_PART_BYTES)] = WORKER_PART_BYTES
    gated_model_types: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_separated)] = ()
    training_options: Annotated[tuple[Option, ...], NoDecode, BeforeValidator(_separated)] = ()
