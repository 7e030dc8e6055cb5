"""The LoRA adapter: attached by PEFT, and checked. `flat_adapter` trains it."""

from typing import Any, cast

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn

from brightrun.training.configuration import Hyperparameters
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import BaseModelRef
from trainer_image.ipc.failures import RunFailed
from trainer_image.model.architectures import Modules, architecture_of, means, require_projections
from trainer_image.model.base_model import decoder


def attach(model: nn.Module, hyperparameters: Hyperparameters, base: BaseModelRef) -> PeftModel:
    """Return `model` with a fresh fp32 adapter on every asked projection of every layer.

    Raises:
        RunFailed: `BAD_CONFIGURATION` when a layer has nothing to train for an asked projection.
    """
    asked = sorted(hyperparameters.target_modules)
    config = cast("Any", model).config
    meant = {name: architecture_of(config).modules[name] for name in asked}
    require_projections(config.model_type, asked)
    _require_layers(model, meant)
    torch.manual_seed(hyperparameters.seed)  # PEFT draws A from the global generator
    adapted = get_peft_model(
        cast("Any", model),
        LoraConfig(
            task_type="CAUSAL_LM",
            r=hyperparameters.rank,
            lora_alpha=hyperparameters.alpha,
            lora_dropout=hyperparameters.dropout,
            target_modules=sorted({module for modules in meant.values() for module in modules}),
            bias="none",
        ),
        autocast_adapter_dtype=True,
    )
    described = adapted.peft_config["default"]
    described.base_model_name_or_path = base.id
    described.revision = base.revision
    _require_adapter_alone(adapted)
    return adapted


def _require_layers(model: nn.Module, meant: Modules) -> None:
    """Refuse what a layer lacks: PEFT does not complain of a target that matched nothing there.

    Layers of one model differ in kind (recurrent or not, dense or experts), so each is asked.
    """
    for place, layer in enumerate(cast("Any", decoder(model)).layers):
        present = [path for path, _ in layer.named_modules()]
        for asked, modules in meant.items():
            if not any(means(path, modules) for path in present):
                raise RunFailed(
                    FailureCode.BAD_CONFIGURATION,
                    f"target_modules {asked}: layer {place} of the base model has no such part",
                )


def _require_adapter_alone(adapted: PeftModel) -> None:
    """Refuse to train anything but LoRA pairs: router, experts, norms and head stay as they are."""
    trainable = [name for name, tensor in adapted.named_parameters() if tensor.requires_grad]
    stray = [name for name in trainable if ".lora_" not in name]
    if stray or not trainable:
        what = f"{stray[0]} would be trained and is no adapter" if stray else "nothing would train"
        raise RunFailed(FailureCode.BAD_CONFIGURATION, what)
