"""Training processes that say their place and go on for two minutes; for `test_ranks`."""

import sys
import time
from pathlib import Path

from trainer_image import train
from trainer_image.ipc.events import LineWritten
from trainer_image.training import setup
from trainer_image.training.distributed import Ranks


def go_on(_folder: Path, ranks: Ranks, emit: setup.Emit, _stop_wanted: train.StopWanted) -> None:
    emit(LineWritten(message=f"rank {ranks.rank}"))
    time.sleep(120)  # not for ever: where nobody ends them, the test fails and they go
    emit(LineWritten(message=f"rank {ranks.rank} was not ended"))


if __name__ == "__main__":
    raise SystemExit(train.main(Path(sys.argv[1]), go_on))
