"""Where a model computes: on the GPU that is paid for, or nowhere."""

import pytest
import torch

from brightrun.training.failure_codes import FailureCode
from trainer_image.ipc.failures import RunFailed
from trainer_image.machine.gpu import Gpus
from trainer_image.model import base_model
from trainer_image.model.base_model import Placement

CPU = Placement(torch.device("cpu"), torch.float32, quantised=False)
ONE_GPU = Gpus(1, "NVIDIA H100 80GB HBM3", 80.0)


@pytest.mark.skipif(torch.cuda.is_available(), reason="torch can use this machine's GPU")
def test_a_gpu_that_torch_cannot_use_ends_the_run_and_not_on_the_cpu() -> None:
    """Hours at a GPU's price for what a CPU does; another machine may have a newer driver."""
    with pytest.raises(RunFailed, match="1 x NVIDIA H100 80GB HBM3 and torch") as failure:
        base_model.placement(0, ONE_GPU, cuda="13.0")

    assert failure.value.failure.code is FailureCode.TRAINER_CRASHED


@pytest.mark.skipif(torch.cuda.is_available(), reason="as above")
def test_a_torch_that_was_built_for_cpus_trains_on_them_beside_a_gpu() -> None:
    assert base_model.placement(0, ONE_GPU, cuda=None) == CPU
    assert base_model.placement(0, Gpus(), cuda="13.0") == CPU


def test_a_gpu_without_bf16_is_refused_by_name() -> None:
    with pytest.raises(RunFailed, match="Tesla V100-SXM2-32GB cannot compute in bf16") as failure:
        base_model.require_bf16("Tesla V100-SXM2-32GB", (7, 0))

    assert failure.value.failure.code is FailureCode.BAD_CONFIGURATION
    base_model.require_bf16("NVIDIA A100-SXM4-80GB", (8, 0))
