"""The Hugging Face Hub, or the mirror that HF_ENDPOINT names, as the commands reach it."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.session import Session
from brightrun.ports.hub import HUB, Hub, HubRefused, HubUnreachable

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


@contextmanager
def hub_of(session: Session) -> Iterator[Hub]:
    """Yield the Hub; what it refuses ends the command in its words."""
    token = session.environ.get("HF_TOKEN", "").strip()
    with httpx.Client(
        base_url=session.environ.get("HF_ENDPOINT", HUB),
        headers={"Authorization": f"Bearer {token}"} if token else {},
        follow_redirects=True,
        timeout=_TIMEOUT,
        transport=session.transport,
    ) as http:
        try:
            yield Hub(http, session.sleep)
        except (HubRefused, HubUnreachable) as error:
            raise WrongCommand(str(error)) from error
