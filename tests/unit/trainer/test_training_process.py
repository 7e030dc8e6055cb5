"""What the training process may know of its parent's environment."""

from pathlib import Path

from trainer_image.worker.training_process import command, scrubbed


def test_no_secret_reaches_the_training_process() -> None:
    environment = {
        "PATH": "/bin",
        "HF_TOKEN": "the endpoint's own",
        "CUDA_VISIBLE_DEVICES": "0",
        "RUNPOD_AI_API_KEY": "secret",
        "RUNPOD_ENDPOINT_SECRET": "secret",
        "RUNPOD_WEBHOOK_GET_JOB": "https://…",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "BRIGHTRUN_WORK_DIR": "/work",
        "ATTEMPT_TOKEN": "secret",
    }

    known = scrubbed(environment)

    assert "secret" not in known.values()
    assert {"PATH", "HF_TOKEN", "CUDA_VISIBLE_DEVICES"} <= known.keys()
    assert not [name for name in known if name.startswith(("RUNPOD_", "AWS_", "BRIGHTRUN_"))]


def test_one_gpu_needs_no_torchrun_and_two_do() -> None:
    folder = Path("run")
    plain = ["-m", "trainer_image.train", "run"]

    assert command(folder, 0)[1:] == command(folder, 1)[1:] == plain
    assert "--nproc-per-node=2" in command(folder, 2)


def test_every_rank_has_the_same_time_to_stop_as_one() -> None:
    """The launcher kills what has not stopped after 30 seconds, unless it is told another time."""
    assert "--shutdown-timeout=120" in command(Path("run"), 8, stop_grace_seconds=120.0)
