"""A platform with one small job, for attempts with the real training process."""

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import BaseModelRef, TrainingSpec
from tests.support.trainer.fake_platform import FakePlatform, chat_rows
from tests.support.trainer.tiny_model import MODEL_ID, REVISION


def a_platform(rows: int = 40, **changes: object) -> FakePlatform:
    hyperparameters = Hyperparameters.model_validate(
        {"epochs": 2, "learning_rate": 0.001, "rank": 4, **changes}
    )
    spec = TrainingSpec(
        job_id="job-1",
        base_model=BaseModelRef(id=MODEL_ID, revision=REVISION),
        hyperparameters=hyperparameters,
    )
    return FakePlatform(spec, chat_rows(rows))
