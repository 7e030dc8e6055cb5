"""The line that the parent reads is whole, whatever interrupts its writer."""

import os
import signal
import threading
import time

from trainer_image.train import write_all


def test_a_signal_does_not_cut_a_large_line() -> None:
    """A pipe holds 64 kB; a write that waits for room ends early when a signal comes."""
    reading, writing = os.pipe()
    received = bytearray()

    def read() -> None:
        time.sleep(0.1)
        while block := os.read(reading, 1 << 16):
            received.extend(block)
            time.sleep(0.005)

    line = b"x" * 1_000_000 + b"\n"
    reader = threading.Thread(target=read)
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        reader.start()
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        write_all(writing, line)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        os.close(writing)
        reader.join()
        os.close(reading)

    assert bytes(received) == line
