"""One optimizer step of a real model shape on fake CUDA tensors, its memory counted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from traceback import extract_tb
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import torch
from bitsandbytes.functional import QuantState
from bitsandbytes.nn import Linear4bit
from torch import Tensor, nn
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode
from transformers import (
    AttentionInterface,
    AttentionMaskInterface,
    AutoConfig,
    AutoModelForCausalLM,
)

from brightrun.training.configuration import Hyperparameters
from brightrun.training.memory_model import Setting, Workload
from brightrun.training.model_dimensions import Shape
from brightrun.training.protocol import BaseModelRef
from tests.support.trainer.fake_gpu import DEVICE, ON_CUDA, LiveBytes, name_device
from tests.support.trainer.liger_stand_ins import in_place_of_liger
from trainer_image.data.batches import NO_LOSS, TokenRow
from trainer_image.data.sampling import Plan
from trainer_image.model import adapter
from trainer_image.model.kernels import attention
from trainer_image.training.step import TrainStep

SHAPES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "llama-8b": {
            "model_type": "llama",
            "vocab_size": 128256,
            "hidden_size": 4096,
            "intermediate_size": 14336,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
        },
        "qwen2.5-7b": {
            "model_type": "qwen2",
            "vocab_size": 152064,
            "hidden_size": 3584,
            "intermediate_size": 18944,
            "num_hidden_layers": 28,
            "num_attention_heads": 28,
            "num_key_value_heads": 4,
        },
        "qwen3-32b": {
            "model_type": "qwen3",
            "vocab_size": 151936,
            "hidden_size": 5120,
            "intermediate_size": 25600,
            "num_hidden_layers": 64,
            "num_attention_heads": 64,
            "num_key_value_heads": 8,
            "head_dim": 128,
        },
        "llama-1b": {
            "model_type": "llama",
            "vocab_size": 128256,
            "hidden_size": 2048,
            "intermediate_size": 8192,
            "num_hidden_layers": 16,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "head_dim": 64,
            "tie_word_embeddings": True,
        },
    }
)
"""As the `config.json` of these models has them."""
_BASE = BaseModelRef(id="made/up", revision="r1")
_STAND_IN = "documents_on_the_stand_in"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is asked of the trainer.

    Attributes:
        documents: lengths of the rows; all of them are one micro-step.
        supervised_share: the end of each row carries loss.
    """

    shape: str = "llama-8b"
    documents: tuple[int, ...] = (2048, 2048)
    recomputed: int = 0
    rank: int = 16
    dropout: float = 0.0
    quantised: bool = True
    supervised_share: float = 1.0
    layers: int | None = None
    unpacked: bool = False

    @property
    def config(self) -> dict[str, Any]:
        found = dict(SHAPES[self.shape])
        return found if self.layers is None else found | {"num_hidden_layers": self.layers}

    @property
    def setting(self) -> Setting:
        return Setting(sum(self.documents), self.recomputed, self.unpacked)

    @property
    def workload(self) -> Workload:
        return Workload(
            rank=self.rank,
            document_tokens=sum(self.documents) / len(self.documents),
            supervised_share=self.supervised_share,
            longest_row_tokens=max(self.documents),
            quantised=self.quantised,
            dropout=self.dropout,
        )

    @property
    def estimator_shape(self) -> Shape:
        return Shape.from_config(self.config)


@contextmanager
def a_fake_learner(scene: Scene) -> Iterator[tuple[TrainStep, LiveBytes]]:
    """Yield a learner of which every tensor is fake, and the count of its bytes."""
    name_device()
    tune = Hyperparameters(rank=scene.rank, dropout=scene.dropout)
    with torch.device("meta"):
        model = _model(scene)
        adapted = adapter.attach(model, tune, _BASE)
    with (
        FakeTensorMode(allow_non_fake_inputs=True),
        LiveBytes() as count,
        in_place_of_liger(model),
    ):
        _put_on_device(adapted)
        rows = tuple(_row(length, scene.supervised_share) for length in scene.documents)
        plan = Plan(tuple(row.size for row in rows), len(rows), 1, seed=1)
        learner = TrainStep(adapted, rows, plan, tune, budget_tokens=sum(scene.documents))
        learner.checkpoint_layers(scene.recomputed)
        if scene.unpacked:
            learner.keep_unpacked()
        learner.restore(learner.state(), 1)  # as it is from the second step on: with moments
        yield learner, count


def peak_bytes(scene: Scene) -> int:
    """Return the most bytes that one optimizer step held on the GPU."""
    with a_fake_learner(scene) as (learner, count):
        take_gradients(learner)
        return count.peak


def take_gradients(learner: TrainStep) -> None:
    """Run the step's forward and backward passes, up to its one wait for the device.

    Raises:
        AssertionError: the step ended before that, or waited for the device earlier.
    """
    try:
        learner.gradients(learner.plan.step(0))
    except DataDependentOutputException as wait:
        ours = [
            frame for frame in extract_tb(wait.__traceback__) if "trainer_image" in frame.filename
        ]
        assert ".tolist()" in (ours[-1].line or ""), f"waited at {ours[-1].name}: {ours[-1].line}"
        return
    raise AssertionError("fake tensors have no values, yet the step returned some")


def _model(scene: Scene) -> nn.Module:
    attention.register()
    AttentionInterface.register(_STAND_IN, _flash_on_the_stand_in)
    AttentionMaskInterface.register(_STAND_IN, lambda *_args, **_kwargs: None)
    fields = dict(scene.config)
    config = AutoConfig.for_model(
        fields.pop("model_type"),
        **fields,
        attn_implementation=attention.NAME if ON_CUDA else _STAND_IN,
        use_cache=False,
    )
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.requires_grad_(requires_grad=False)
    if scene.quantised:
        _quantise(model)
    return model  # type: ignore[no-any-return]


def _flash_on_the_stand_in(
    _module: nn.Module, query: Tensor, key: Tensor, value: Tensor, _mask: None, **options: Any
) -> tuple[Tensor, None]:
    """The branch that `document_attention` takes when the queries are on CUDA."""
    output = attention._flash(
        query,
        key,
        value,
        options["documents"],
        scale=options["scaling"],
        window=options.get("sliding_window"),
    )
    return output, None


def _quantise(model: nn.Module) -> None:
    """Put 4-bit layers without any weights in place of the projections, as loading would."""
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and name != "lm_head":
            parent, _, child = name.rpartition(".")
            packed = Linear4bit(
                module.in_features,
                module.out_features,
                bias=False,
                compute_dtype=torch.bfloat16,
                quant_type="nf4",
            )
            packed.requires_grad_(requires_grad=False)
            packed.bias = module.bias
            setattr(model.get_submodule(parent), child, packed)
    cast("Any", model).is_loaded_in_4bit = True  # PEFT asks


def _put_on_device(model: nn.Module) -> None:
    """Give every tensor of `model` its fake storage; tied ones stay tied."""
    made: dict[int, Tensor] = {}
    for module in model.modules():
        stores: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
        for store in stores:
            for name, old in store.items():
                if old is not None and id(old) not in made:
                    made[id(old)] = _as_fake(module, name, old)
                if old is not None:
                    store[name] = made[id(old)]


def _as_fake(module: nn.Module, name: str, old: Tensor) -> Tensor:
    if isinstance(module, Linear4bit) and name == "weight":
        return _packed_weight(module.out_features, module.in_features)
    new = torch.empty(old.shape, dtype=old.dtype, device=DEVICE)
    if isinstance(old, nn.Parameter):
        return nn.Parameter(new, requires_grad=old.requires_grad)
    return new


def _packed_weight(rows: int, columns: int) -> Tensor:
    """Two weights per byte; a byte of scale for 64 weights, four bytes for 256 scales."""
    count = rows * columns

    def on_device(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.empty(shape, dtype=dtype, device=DEVICE)

    weight = nn.Parameter(on_device(count // 2, 1, dtype=torch.uint8), requires_grad=False)
    scales = QuantState(
        absmax=on_device(-(-count // (64 * 256))),
        code=on_device(256),
        blocksize=256,
        dtype=torch.float32,
    )
    state = QuantState(
        absmax=on_device(count // 64, dtype=torch.uint8),
        shape=torch.Size((rows, columns)),
        code=on_device(16),
        blocksize=64,
        quant_type="nf4",
        dtype=torch.bfloat16,
        offset=on_device(),
        state2=scales,
    )
    weight.quant_state = state  # type: ignore[attr-defined]
    return weight


def _row(length: int, supervised_share: float) -> TokenRow:
    ids = np.arange(length, dtype=np.int32)
    labels = ids.copy()
    labels[: round(length * (1.0 - supervised_share))] = NO_LOSS
    return TokenRow(ids, labels)
