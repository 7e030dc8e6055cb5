"""Which page of a list is asked for, in OpenAI's words."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from brightrun.errors import InvalidRequest
from brightrun.openai.ids import behind

After = Annotated[str | None, Query(min_length=1, max_length=200)]
Limit = Annotated[int | None, Query(ge=1, le=10_000)]
Order = Annotated[Literal["asc", "desc"], Query()]
MOST_PER_PAGE = 100
"""More is never in one page; `has_more` says that there is more, and clients ask on."""


def place(after: str | None, prefix: str) -> str | None:
    """Return our id of the item a page begins after. Raises InvalidRequest for another kind's."""
    if after is None:
        return None
    found = behind(prefix, after)
    if found is None:
        raise InvalidRequest({"after": [f"is no id of this list: those begin with {prefix}"]})
    return found


def at_most(limit: int | None, usual: int) -> int:
    """Return how many items a page has."""
    return min(limit or usual, MOST_PER_PAGE)
