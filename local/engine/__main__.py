"""The embedded AWS: `python -m local.engine`, run by the interpreter of `.venv-engine`.

Serves the engine on one loopback port and the deployed HTTP API alone on another. State is saved
while it runs and restored at the next start; what `kill -9` can lose is the last save interval.
Not a security boundary: whoever reaches the AWS port with the key `test` is its root.
"""

import argparse
import asyncio
import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.front import Scope, behind_one_port
from local.pages import Pages
from local.processes.loopback import HOST, closed_by_parent, taken_ports

Save = Callable[[dict[str, Any]], None]

SAVE_EVERY_SECONDS = 15.0


def environment(state: Path, aws_port: int) -> dict[str, str]:
    """Return the settings the engine reads while it is imported."""
    return {
        "GATEWAY_PORT": str(aws_port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "objects"),
        "TMPDIR": str(state / "tmp"),
        # Unbounded otherwise, at 50 to 100 MB each. Five functions have ten reserved places each:
        # where they do not fit, the authorizer is throttled, and a gateway answers a bare 500.
        "LAMBDA_ACCOUNT_CONCURRENCY": "60",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
    }


def empty_folder(folder: Path) -> None:
    """Make `folder` exist and hold nothing: workers leave unpacked code behind.

    What was there is deleted in the background; it can be a gigabyte of small files.
    """
    for left in folder.parent.glob(f"{folder.name}.old-*"):
        threading.Thread(target=shutil.rmtree, args=(left, True), daemon=True).start()
    if folder.exists():
        old = folder.rename(folder.with_name(f"{folder.name}.old-{time.time_ns()}"))
        threading.Thread(target=shutil.rmtree, args=(old, True), daemon=True).start()
    folder.mkdir(parents=True)


class Unsaved:
    """What may have changed since the last save."""

    def __init__(self) -> None:
        self.anything = asyncio.Event()
        self.code = True

    def note(self, scope: Scope) -> None:
        """Remember that this request may have changed state, or even the functions' code."""
        signed_for = dict(scope["headers"]).get(b"authorization", b"")
        self.code = self.code or b"/cloudformation/" in signed_for or b"/lambda/" in signed_for
        self.anything.set()

    async def save_for_ever(
        self, services: Callable[[], dict[str, Any]], save: Save, every_seconds: float
    ) -> None:
        """Save at most once per interval, and only when there is something to save.

        The functions' code is 90 MB that a deploy alone changes: one second of every save.
        """
        while True:
            await self.anything.wait()
            await asyncio.sleep(every_seconds)
            skipped = set() if self.code else {"lambda"}
            self.anything.clear()
            self.code = False
            save({name: state for name, state in services().items() if name not in skipped})


async def serve(options: argparse.Namespace) -> None:
    """Serve until told to stop, then save."""
    # Imported here because the engine reads its settings while it is imported.
    from hypercorn.asyncio import serve as serve_asgi  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack import app as engine  # noqa: PLC0415
    from ministack.core.persistence import save_all  # noqa: PLC0415

    from local.engine import gaps  # noqa: PLC0415

    gaps.install()
    # Fifty lines for each save hide everything else.
    logging.getLogger("persistence").setLevel(logging.WARNING)
    stop, unsaved = asyncio.Event(), Unsaved()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)

    config = Config()
    config.bind = [f"{HOST}:{options.aws_port}", f"{HOST}:{options.front_port}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    config.graceful_timeout = 2
    background = [
        asyncio.create_task(
            unsaved.save_for_ever(
                engine._build_persistence_save_dict,  # noqa: SLF001 - of this very version
                save_all,
                options.save_every,
            )
        )
    ]
    if options.leashed:
        background.append(asyncio.create_task(closed_by_parent(stop)))
    pages = Pages(options.pages, connect=f"http://{HOST}:{options.aws_port}")
    application = behind_one_port(
        engine.app, front_port=options.front_port, pages=pages, changed=unsaved.note
    )
    await serve_asgi(application, config, shutdown_trigger=stop.wait)
    # Everything is saved. Leaving in good order would wait for every function that is at work.
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder that survives restarts")
    parser.add_argument("--pages", type=Path, required=True, help="folder of the built dashboard")
    parser.add_argument("--front-port", type=int, required=True)
    parser.add_argument("--aws-port", type=int, required=True)
    parser.add_argument("--save-every", type=float, default=SAVE_EVERY_SECONDS, metavar="SECONDS")
    parser.add_argument("--leashed", action="store_true", help="stop when standard input ends")
    options = parser.parse_args()
    taken = taken_ports((options.front_port, options.aws_port))
    if taken:
        sys.exit(f"port {taken[0]} is taken; choose others by BRIGHTRUN_FRONT_PORT and _AWS_PORT")
    os.environ.update(environment(options.state, options.aws_port))
    empty_folder(options.state / "tmp")
    try:
        asyncio.run(serve(options))
    except RuntimeError as error:
        sys.exit(f"the embedded AWS did not start: {error}")


if __name__ == "__main__":
    main()
