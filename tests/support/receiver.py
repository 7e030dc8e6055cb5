"""A user's own server on the public web: what it got, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from brightrun.ports.notification_channels import NotificationChannels
from brightrun.ports.public_web import PublicWeb
from brightrun.ports.ses import Mail


@dataclass
class Receiver:
    """Whatever is posted to any address arrives here."""

    got: list[httpx.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(204)
    addresses: tuple[str, ...] = ("93.184.215.14",)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        self.bodies.append(request.read())
        return self.answer(request)

    def channels(self, mail: Mail | None = None) -> NotificationChannels:
        """Return the ways out of the house that lead here."""
        http = httpx.Client(transport=httpx.MockTransport(self.handle))
        return NotificationChannels(mail, PublicWeb(http, lambda _: list(self.addresses)))
