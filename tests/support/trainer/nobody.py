"""Doing something as a user who is not root, whoever runs the tests."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give up root for a while; who is not root stays who they are."""
    if os.geteuid():
        yield
        return
    os.setegid(_NOBODY)
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@contextmanager
def a_volume(mode: int = 0o555) -> Iterator[Path]:
    """Yield a folder as a network volume may be mounted; open to be read unless `mode` says not."""
    with tempfile.TemporaryDirectory() as name:
        volume = Path(name)
        volume.chmod(mode)
        try:
            yield volume
        finally:
            volume.chmod(0o700)
