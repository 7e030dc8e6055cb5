"""How fast a large file is validated, and in how much memory.

    python -m tests.bench.bench_validate [--megabytes 500] [--format openai_chat]

Writes a file of generated conversations to a temporary folder, then measures, each in a process
of its own: a bare `orjson.loads` loop over the lines, validation with the token estimate,
validation with a real tokenizer (over the first 20 MB), and the pass for near-duplicates.
Speeds are the best of three rounds, the loop and the validation taking turns.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import orjson

from brightrun.datasets.chat import ChatEncoder
from brightrun.datasets.record import DatasetFormat, Statistics
from brightrun.datasets.validation import validate
from tests.bench.generated import chat_rows, v4_rows

CHUNK_BYTES = 1 << 17
EXACT_BYTES = 20 << 20
ROUNDS = 3
ROWS = {DatasetFormat.OPENAI_CHAT: chat_rows, DatasetFormat.BRIGHTRUN_V4: v4_rows}


def main() -> int:
    """Print the figures as JSON; fail when a promise is broken."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        write_rows(path, arguments.megabytes << 20, arguments.format)
        figures = measure(path)
    sys.stdout.write(json.dumps({"format": arguments.format, **figures}, indent=2) + "\n")
    kept = figures["share_of_bare_loop"] >= 0.5 and figures["peak_above_idle_mb"] < 250
    return 0 if kept else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--format", choices=list(ROWS), default=DatasetFormat.OPENAI_CHAT)
    return parser.parse_args()


def write_rows(path: Path, size_bytes: int, kind: str) -> None:
    """Write rows until the file has the size; the same file each time."""
    written = 0
    with path.open("wb") as file:
        for row in ROWS[DatasetFormat(kind)](random.Random(1)):  # noqa: S311 - made-up text, no secret
            written += file.write(orjson.dumps(row) + b"\n")
            if written >= size_bytes:
                return


def measure(path: Path) -> dict[str, float]:
    """Return every figure, speeds in MB/s of the file as it is on disk."""
    size_mb = path.stat().st_size / 1e6
    bare, judged, peaks = [], [], []
    for _ in range(ROUNDS):
        bare.append(_apart(bare_loop, path)[0])
        seconds, peak_mb = _apart(judge, path)
        judged.append(seconds)
        peaks.append(peak_mb)
    exact = _apart(judge_exactly, path)[0]
    return {
        "megabytes": round(size_mb, 1),
        "bare_loop_mb_per_s": round(size_mb / min(bare), 1),
        "validate_mb_per_s": round(size_mb / min(judged), 1),
        "share_of_bare_loop": round(min(bare) / min(judged), 3),
        "peak_above_idle_mb": round(max(peaks), 1),
        "exact_mb_per_s": round(min(size_mb, EXACT_BYTES / 1e6) / exact, 2),
    }


def bare_loop(path: Path) -> None:
    """Decode every line and do nothing with it."""
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)


def judge(path: Path) -> Statistics:
    """Validate with the token estimate."""
    return validate(_chunks(path)).verdict.statistics


def judge_exactly(path: Path) -> Statistics:
    """Validate the start of the file with a tokenizer trained on it."""
    head = b"".join(islice(_chunks(path), EXACT_BYTES // CHUNK_BYTES))
    head = head[: head.rindex(b"\n")]
    return validate([head], encoder=_encoder(head[: 1 << 20])).verdict.statistics


def _encoder(text: bytes) -> ChatEncoder:
    raise NotImplementedError(text)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _apart(work: Callable[[Path], object], path: Path) -> tuple[float, float]:
    """Return the seconds and the megabytes above idle that `work` takes in a fresh process."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_timed, args=(work, path, sender))
    process.start()
    figures: tuple[float, float] = receiver.recv()
    process.join()
    return figures


def _timed(
    work: Callable[[Path], object], path: Path, sender: "multiprocessing.connection.Connection"
) -> None:
    idle_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    work(path)
    seconds = time.process_time() - start
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sender.send((seconds, (peak_kb - idle_kb) / 1024))


if __name__ == "__main__":
    raise SystemExit(main())
