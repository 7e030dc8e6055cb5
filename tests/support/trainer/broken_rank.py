"""A training process whose second rank breaks; started by torchrun in `test_ranks`."""

import sys
from pathlib import Path

from trainer_image import train
from trainer_image.training import setup
from trainer_image.training.distributed import Ranks


def break_second(
    folder: Path, ranks: Ranks, emit: setup.Emit, stop_wanted: train.StopWanted
) -> None:
    if ranks.rank == 1:
        raise RuntimeError("the second rank broke")
    train.run(folder, ranks, emit, stop_wanted)


if __name__ == "__main__":
    raise SystemExit(train.main(Path(sys.argv[1]), break_second))
