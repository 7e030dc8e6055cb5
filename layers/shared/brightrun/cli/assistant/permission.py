"""What whoever started the server lets an assistant do. Pure.

Looking is always allowed. Starting takes a budget: what the jobs started by one server may cost
together at the most, counted by their limits and not by their estimates.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock

from brightrun.money import shown


class NotPermitted(Exception):
    """The person who started the server did not allow it; the sentence says with which flag."""


@dataclass
class Permission:
    """What is allowed, and what of the budget is left.

    Attributes:
        budget_usd: of all jobs this server starts together; None: none may be started.
        may_cancel: whether jobs may be stopped.
    """

    budget_usd: Decimal | None = None
    may_cancel: bool = False
    _granted: dict[str, Decimal] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def left_usd(self) -> Decimal:
        """How much of the budget no job has been granted yet."""
        return (self.budget_usd or Decimal(0)) - sum(self._granted.values(), Decimal(0))

    def grant(self, what: str, max_cost_usd: Decimal) -> None:
        """Take `max_cost_usd` of the budget for a job; the same job again takes nothing.

        Raises:
            NotPermitted: none may be started, or that much is not left.
        """
        with self._lock:
            if self.budget_usd is None:
                raise NotPermitted("no job may be started from here: brightrun mcp --budget USD")
            if what in self._granted:
                return
            if not max_cost_usd.is_finite() or not 0 < max_cost_usd <= self.left_usd:
                left, all_of_it = shown(self.left_usd), shown(self.budget_usd)
                raise NotPermitted(
                    f"{max_cost_usd} USD is not within what is left of the budget: "
                    f"{left} of {all_of_it} USD"
                )
            self._granted[what] = max_cost_usd

    def give_back(self, what: str) -> None:
        """Give back what was granted to a job that was refused."""
        with self._lock:
            self._granted.pop(what, None)

    def require_cancel(self) -> None:
        """Return if jobs may be stopped. Raises NotPermitted."""
        if not self.may_cancel:
            raise NotPermitted("no job may be stopped from here: brightrun mcp --allow-cancel")
