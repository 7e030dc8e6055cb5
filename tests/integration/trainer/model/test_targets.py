"""Nothing is trained but what was asked for, and all of it: each check by itself."""

import pytest
from peft import LoraConfig, PeftModel, get_peft_model

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.rows import BASE, a_base, tuned
from trainer_image.ipc.failures import RunFailed
from trainer_image.model import adapter


def test_one_layer_without_an_asked_projection_is_refused_by_its_place() -> None:
    """PEFT is content with a target that matches in another layer."""
    base = a_base()
    base.model.layers[1].mlp.renamed = base.model.layers[1].mlp.up_proj
    del base.model.layers[1].mlp.up_proj

    with pytest.raises(RunFailed, match="target_modules up_proj: layer 1 of the base") as failure:
        adapter.attach(base, tuned(target_modules=("q_proj", "up_proj")), BASE)

    assert failure.value.failure.code is FailureCode.BAD_CONFIGURATION


def an_adapted_base() -> PeftModel:
    config = LoraConfig(r=4, target_modules=["q_proj"], task_type="CAUSAL_LM")
    adapted = get_peft_model(a_base(), config)
    assert isinstance(adapted, PeftModel)
    return adapted


def test_a_base_tensor_that_would_be_trained_is_refused_by_name() -> None:
    adapted = an_adapted_base()
    adapter._require_adapter_alone(adapted)
    head = adapted.get_parameter("base_model.model.model.norm.weight")
    head.requires_grad_()

    with pytest.raises(RunFailed, match=r"model\.norm\.weight would be trained") as failure:
        adapter._require_adapter_alone(adapted)

    assert failure.value.failure.code is FailureCode.BAD_CONFIGURATION


def test_an_adapter_that_trains_nothing_is_refused() -> None:
    adapted = an_adapted_base()
    adapted.requires_grad_(requires_grad=False)

    with pytest.raises(RunFailed, match="nothing would train"):
        adapter._require_adapter_alone(adapted)


def test_attaching_to_a_base_that_is_not_frozen_trains_the_adapter_alone() -> None:
    base = a_base()
    base.model.norm.weight.requires_grad_()

    adapted = adapter.attach(base, tuned(), BASE)

    names = [name for name, each in adapted.named_parameters() if each.requires_grad]
    assert len(names) == 2 * 2 * 7
    assert [name for name in names if ".lora_" not in name] == []
