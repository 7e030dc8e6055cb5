"""A worker under RunPod's real SDK that does what its input asks: the stand-in's test subject."""

import asyncio
import os
import subprocess
import sys
from typing import Any

import runpod


async def handle(job: dict[str, Any]) -> dict[str, Any]:
    asked = job["input"]
    if "error" in asked:
        return {"error": asked["error"]}
    if "crash" in asked:
        os._exit(3)
    if "child" in asked:
        # What a trainer does: a child in a session of its own, which no process group reaches.
        subprocess.Popen(  # noqa: ASYNC220, S603 - it returns at once
            [sys.executable, "-c", "import time; time.sleep(600)", asked["child"]],
            start_new_session=True,
        )
    if "first_file" in asked:
        try:
            os.close(os.open(asked["first_file"], os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return {"said": "second"}
    try:
        await asyncio.sleep(asked.get("seconds", 0))
    except asyncio.CancelledError:
        with open(asked["stopped_file"], "w") as note:  # noqa: ASYNC230, PTH123 - a few bytes
            note.write("stopped")
        raise
    return {"said": asked.get("say"), "environment": sorted(os.environ)}


runpod.serverless.start({"handler": handle})
