"""What a worker leaves for its training process. Pure."""

from brightrun.training.protocol import TrainingSpec
from trainer_image.ipc.run_spec import RunOrder
from trainer_image.worker.settings import WorkerSettings

OWN_CACHE = "brightrun-hub"
"""Outlives the job: the next one of this base model, or its retry, fetches nothing again."""


def order_for(spec: TrainingSpec, settings: WorkerSettings) -> RunOrder:
    """Return the order of one run on this worker.

    A cache that the operator has named may be shared with others, so nothing of it is deleted.
    """
    return RunOrder(
        spec=spec,
        models_dir=str(settings.models_dir) if settings.models_dir else None,
        hub_caches=tuple(map(str, settings.hub_caches)),
        cache_dir=str(settings.cache_dir or settings.work_dir / OWN_CACHE),
        may_evict=settings.cache_dir is None,
        checkpoint_seconds=settings.checkpoint_seconds,
        micro_step_tokens=settings.micro_step_tokens,
        gated_model_types=settings.gated_model_types,
        options=settings.training_options,
        image_version=settings.image_version,
    )
