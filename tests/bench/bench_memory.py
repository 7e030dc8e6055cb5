"""Count what one optimizer step holds on a GPU, against the estimator, at whole models' depths.

    python -m tests.bench.bench_memory

A count of tensors on fake CUDA, Liger's kernels stood in for (`tests/integration/trainer`): not the
allocator's rounding and fragmentation, cuBLAS workspaces or the CUDA context. Needs no GPU.
"""

from brightrun.training.memory_model import memory
from tests.support.trainer.counted_step import Scene, peak_bytes

CHATS = tuple(64 * (1 + number % 11) for number in range(21))
"""Short documents: 7,744 tokens in 21 rows of 64 to 704."""


def main() -> None:
    """Print one row per scene."""
    print("| model | micro-step | recomputed | rank | dropout | base | counted GB | estimate |")
    print("|---|---|---|---|---|---|---|---|")
    for scene in scenes():
        counted = peak_bytes(scene)
        predicted = memory(scene.estimator_shape, scene.workload, scene.setting).peak
        base = "NF4" if scene.quantised else "bf16"
        tokens = f"{sum(scene.documents):,} in {len(scene.documents)}"
        layers = f"{scene.recomputed} of {scene.config['num_hidden_layers']}"
        print(
            f"| {scene.shape} | {tokens} | {layers} | {scene.rank} | {scene.dropout} | {base} |"
            f" {counted / 1e9:.2f} | {100 * (predicted / counted - 1):+.2f} % |",
            flush=True,
        )


def scenes() -> list[Scene]:
    """Return a grid of Llama 8B, and corners of other shapes."""
    grid = [
        Scene(documents=(4096,) * count, recomputed=recomputed, dropout=dropout)
        for count in (1, 2, 4)
        for recomputed in (0, 16, 32)
        for dropout in (0.0, 0.1)
    ]
    return [
        *grid,
        Scene(documents=CHATS, supervised_share=0.5, dropout=0.1),
        Scene(documents=CHATS, supervised_share=0.5, dropout=0.1, recomputed=32),
        Scene(rank=128, dropout=0.1),
        Scene(rank=128, dropout=0.1, recomputed=32),
        Scene(quantised=False),
        Scene(quantised=False, dropout=0.1, recomputed=32),
        Scene("qwen2.5-7b", documents=(4096,) * 2, dropout=0.1),
        Scene("qwen2.5-7b", documents=(4096,) * 2, dropout=0.1, recomputed=28),
        Scene("qwen3-32b", dropout=0.1),
        Scene("qwen3-32b", documents=(4096,) * 2, dropout=0.1, recomputed=32),
        Scene("qwen3-32b", documents=(4096,) * 2, dropout=0.1, recomputed=64),
        Scene("llama-1b", documents=(4096,) * 4, dropout=0.1),
        Scene("llama-1b", documents=CHATS, dropout=0.1, recomputed=16, supervised_share=0.5),
    ]


if __name__ == "__main__":
    main()
