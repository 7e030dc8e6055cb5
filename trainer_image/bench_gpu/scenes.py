"""What is measured: real shapes or a toy, and made-up rows. Nothing is downloaded or read."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from brightrun.training.model_dimensions import Shape
from trainer_image.data.batches import NO_LOSS, TokenRow
from trainer_image.model.base_model import Placement

LLAMA_8B = {
    "vocab_size": 128256,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "max_position_embeddings": 131072,
    "rope_theta": 500000.0,
}
LLAMA_70B = {
    **LLAMA_8B,
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_hidden_layers": 80,
    "num_attention_heads": 64,
}
TINY = {
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 192,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 8192,
}
JUDGED_GPU = "H200"
MEAN_LOG_TOKENS = 5.67
"""exp(5.67 + 0.8²/2) is 399: short chats with a long tail."""

SHORT_LOG_TOKENS = 5.2
"""exp(5.2 + 0.45²/2) is 201."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A shape, where it computes, and how much of everything.

    Attributes:
        steps: optimizer steps of one measurement, the first `warm_up` of them not timed.
        judged: on the GPU that the speeds were promised for.
    """

    name: str
    config: dict[str, Any]
    where: Placement
    longest_tokens: int
    micro_step_tokens: int
    steps: int
    warm_up: int
    judged: bool

    @property
    def shape(self) -> Shape:
        return Shape.from_config(self.config)

    @property
    def on_gpu(self) -> bool:
        return self.where.device.type == "cuda"


def scene_named(name: str) -> Scene:
    """Return the scene of that name, one of `SCENES`."""
    if name == "tiny":
        where = Placement(torch.device("cpu"), torch.float32, quantised=True)
        return Scene(name, TINY, where, 256, 512, steps=2, warm_up=1, judged=False)
    where = Placement(torch.device("cuda", 0), torch.bfloat16, quantised=True)
    judged = JUDGED_GPU in torch.cuda.get_device_name(where.device)
    if name == "llama-70b":
        return Scene(name, LLAMA_70B, where, 4096, 8192, steps=6, warm_up=2, judged=judged)
    return Scene(name, LLAMA_8B, where, 4096, 8192, steps=10, warm_up=3, judged=judged)


SCENES = ("llama-8b", "llama-70b", "tiny")


def mixed_rows(scene: Scene, tokens: int) -> tuple[TokenRow, ...]:
    """Return chats of log-normal length, `tokens` or a little more; the second halves train."""
    generator = np.random.default_rng(5)
    rows: list[TokenRow] = []
    total = 0
    while total < tokens:
        drawn = generator.lognormal(MEAN_LOG_TOKENS, 0.8)
        length = int(np.clip(drawn, 16, scene.longest_tokens))
        rows.append(_row(scene, length, generator, silent_tokens=length // 2))
        total += length
    return tuple(rows)


def short_rows(scene: Scene, count: int) -> tuple[TokenRow, ...]:
    """Return chats of about 200 tokens, as most data sets have them; the second halves train."""
    generator = np.random.default_rng(7)
    lengths = np.clip(generator.lognormal(SHORT_LOG_TOKENS, 0.45, count), 16, scene.longest_tokens)
    return tuple(_row(scene, int(each), generator, int(each) // 2) for each in lengths)


def one_batch(scene: Scene) -> tuple[TokenRow, ...]:
    """Return mixed rows that together fit into one micro-step."""
    return mixed_rows(scene, scene.micro_step_tokens)[:-1]


def long_rows(scene: Scene, count: int) -> tuple[TokenRow, ...]:
    """Return rows of the greatest length that train throughout, as in NVIDIA's figure."""
    generator = np.random.default_rng(6)
    return tuple(_row(scene, scene.longest_tokens, generator, 0) for _ in range(count))


def _row(scene: Scene, length: int, generator: np.random.Generator, silent_tokens: int) -> TokenRow:
    ids = generator.integers(3, scene.config["vocab_size"], length).astype(np.int32)
    labels = ids.copy()
    labels[:silent_tokens] = NO_LOSS
    return TokenRow(ids, labels)
