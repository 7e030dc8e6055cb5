"""The front port: whoever comes when every place is taken waits, and is answered."""

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from local.front import CALLS_AT_ONCE, Receive, Scope, Send, behind_one_port
from local.pages import Pages

FRONT = 8700


def test_no_more_calls_are_at_the_engine_at_once_than_it_answers(tmp_path: Path) -> None:
    """Each of them may begin a function, and those share the processors of this machine."""
    inside, most, answered = 0, 0, 0

    async def engine(_: Scope, __: Receive, ___: Send) -> None:
        nonlocal inside, most, answered
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        answered += 1

    async def nothing(*_: Any) -> MutableMapping[str, Any]:
        return {}

    async def all_at_once() -> None:
        pages = Pages(tmp_path, "http://127.0.0.1:8701")
        front = behind_one_port(engine, front_port=FRONT, pages=pages, changed=lambda _: None)
        scope = {"type": "http", "method": "POST", "path": "/api/jobs", "server": ("h", FRONT)}
        await asyncio.gather(*(front(dict(scope), nothing, nothing) for _ in range(40)))  # type: ignore[arg-type]

    asyncio.run(all_at_once())

    assert (most, answered) == (CALLS_AT_ONCE, 40)
