"""The ways by which a notification leaves: mail, and users' own addresses on the public web."""

from dataclasses import dataclass

from brightrun.ports.public_web import PublicWeb
from brightrun.ports.ses import Mail


@dataclass(frozen=True)
class NotificationChannels:
    """The wires of both ways.

    Attributes:
        mail: None where no address to send from is configured.
        patience_seconds: what all receivers of one pass get together.
    """

    mail: Mail | None
    web: PublicWeb
    patience_seconds: float = 30.0
