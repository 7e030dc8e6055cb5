"""What time it is and a new id: given to every rule from outside, so that rules stay pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Clock:
    """The moment of a decision, and where new ids come from."""

    at: datetime
    new_id: Callable[[], str]

    def after(self, seconds: float) -> datetime:
        """Return the moment so many seconds from now."""
        return self.at + timedelta(seconds=seconds)
