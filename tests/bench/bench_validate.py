"""How fast a large file is validated, and in how much memory.

    python -m tests.bench.bench_validate [--megabytes 500] [--format openai_chat]
        [--tokenizer path/to/tokenizer.json --end-of-turn "<|im_end|>"]

Writes a file of generated conversations to a temporary folder, then measures, each in a process
of its own: a bare `orjson.loads` loop over the lines, validation with the token estimate,
validation with exact tokens of the whole file (without a tokenizer of one's own, one of 8,000
tokens is trained), and the pass for near-duplicates (over the first 50 MB). The loop and the
validation take turns, three rounds; the best of each counts. CPU seconds are counted, because the
machine is shared; nothing here waits for anything but disk. A function of 1,769 MB has one core.
"""

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

import orjson
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from brightrun.datasets.record import DatasetFormat, Statistics
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder
from brightrun.datasets.validation.near_duplicates import near_duplicates
from brightrun.datasets.validation.validator import validate
from tests.bench.generated import chat_rows, v4_rows
from tests.support.datasets.chat_models import CHATML

CHUNK_BYTES = 1 << 17
LIMIT_TOKENS = 4096  # as the function sets it
END_OF_TURN = "<|im_end|>"
NEAR_CHUNKS = 400
ROUNDS = 3
WANTED_SHARE = 0.3
"""Of a bare orjson loop, which decodes 500 to 600 MB/s: 150 MB/s and more (decision 032)."""
WANTED_PEAK_MB = 250
FUNCTION_SECONDS = 900
ROWS = {DatasetFormat.OPENAI_CHAT: chat_rows, DatasetFormat.BRIGHTRUN_V4: v4_rows}


def main() -> int:
    """Print the figures as JSON; fail when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--format", choices=list(ROWS), default=DatasetFormat.OPENAI_CHAT)
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--end-of-turn", default=END_OF_TURN)
    asked = parser.parse_args()
    given = asked.tokenizer and (asked.tokenizer.read_bytes(), asked.end_of_turn)
    figures = figures_of(asked.megabytes, DatasetFormat(asked.format), given)
    sys.stdout.write(json.dumps({"format": asked.format, **figures}, indent=2) + "\n")
    return 0 if keeps_its_promises(figures) else 1


def figures_of(
    megabytes: int, kind: DatasetFormat, tokenizer: tuple[bytes, str] | None = None
) -> dict[str, float]:
    """Write the file, measure, and remove it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        write_rows(path, megabytes << 20, kind)
        source, end = tokenizer or (trained_tokenizer(path), END_OF_TURN)
        (path.parent / "tokenizer.json").write_bytes(source)
        (path.parent / "end_of_turn").write_text(end)
        return measure(path)


def keeps_its_promises(figures: dict[str, float]) -> bool:
    """Whether speed and memory are what the specification asks for."""
    fast = figures["share_of_bare_loop"] >= WANTED_SHARE
    return fast and figures["peak_above_idle_mb"] < WANTED_PEAK_MB


def write_rows(path: Path, size_bytes: int, kind: DatasetFormat) -> None:
    """Write rows until the file has the size; the same file each time."""
    written = 0
    with path.open("wb") as file:
        for row in ROWS[kind](random.Random(1)):
            written += file.write(orjson.dumps(row) + b"\n")
            if written >= size_bytes:
                return


def measure(path: Path) -> dict[str, float]:
    """Return every figure; MB are millions of bytes of the file as it is on disk."""
    megabytes = path.stat().st_size / 1e6
    bare, judged = [], []
    for _ in range(ROUNDS):
        bare.append(_apart(bare_loop, path))
        judged.append(_apart(judge, path))
    exact_seconds, exact_peak = _apart(judge_exactly, path)
    bare_seconds = min(seconds for seconds, _ in bare)
    seconds = min(seconds for seconds, _ in judged)
    near_mb = min(megabytes, NEAR_CHUNKS * CHUNK_BYTES / 1e6)
    return {
        "megabytes": round(megabytes, 1),
        "bare_loop_mb_per_s": round(megabytes / bare_seconds, 1),
        "validate_mb_per_s": round(megabytes / seconds, 1),
        "share_of_bare_loop": round(bare_seconds / seconds, 3),
        "peak_above_idle_mb": round(max(peak for _, peak in judged), 1),
        "exact_tokens_mb_per_s": round(megabytes / exact_seconds, 2),
        "exact_tokens_seconds": round(exact_seconds, 1),
        "exact_tokens_times_the_bare_loop": round(exact_seconds / bare_seconds, 1),
        "exact_tokens_share_of_a_function": round(exact_seconds / FUNCTION_SECONDS, 3),
        "exact_tokens_peak_above_idle_mb": round(exact_peak, 1),
        "near_duplicates_mb_per_s": round(near_mb / _apart(find_near, path)[0], 2),
    }


def bare_loop(path: Path) -> None:
    """Decode every line and do nothing with it."""
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)


def judge(path: Path) -> Statistics:
    """Validate with the token estimate."""
    return validate(_chunks(path), max_sequence_tokens=LIMIT_TOKENS).verdict.statistics


def judge_exactly(path: Path) -> Statistics:
    """Validate with the tokenizer that lies beside the file; loading it counts, too."""
    source = (path.parent / "tokenizer.json").read_bytes()
    end = Tokenizer.from_str(source.decode()).token_to_id((path.parent / "end_of_turn").read_text())
    template = CHATML.replace("<|im_end|>", (path.parent / "end_of_turn").read_text())
    encoder = ChatEncoder(
        source, template, special_tokens={}, eos_ids=[end] if end is not None else []
    )
    return validate(
        _chunks(path), encoder=encoder, max_sequence_tokens=LIMIT_TOKENS
    ).verdict.statistics


def find_near(path: Path) -> int:
    """Look for near-duplicates in the start of the file."""
    return sum(1 for _ in near_duplicates(islice(_chunks(path), NEAR_CHUNKS)))


def trained_tokenizer(path: Path) -> bytes:
    """Return a byte-level tokenizer of 8,000 tokens, trained on the file's first piece."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=8000,
        special_tokens=["<|im_start|>", END_OF_TURN],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([next(_chunks(path)).decode(errors="ignore")], trainer)
    return str(tokenizer.to_str()).encode()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _apart(work: Callable[[Path], object], path: Path) -> tuple[float, float]:
    """Return the CPU seconds and the megabytes above idle that `work` takes in a fresh process."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_timed, args=(work, path, sender))
    process.start()
    sender.close()
    figures: tuple[float, float] = receiver.recv()
    process.join()
    return figures


def _timed(work: Callable[[Path], object], path: Path, sender: Connection) -> None:
    idle_kb = _memory_kb("VmRSS")
    start = time.process_time()
    work(path)
    seconds = time.process_time() - start
    sender.send((seconds, (_memory_kb("VmHWM") - idle_kb) / 1024))


def _memory_kb(name: str) -> int:
    """Return a line of the process's status; `ru_maxrss` would show what the parent had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split()[0])


if __name__ == "__main__":
    raise SystemExit(main())
