"""The shape of every answer of the native API, and of its pages. Pure."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field

from brightrun.records import DeferredModel

T = TypeVar("T")

MAX_PAGE_SIZE = 100
MAX_PAGED_ITEMS = 10_000
"""How deep `page` may go; whoever wants more follows `cursor`, which costs the same anywhere."""


class Success(DeferredModel, Generic[T]):
    """What went well; everything is in `data`."""

    model_config = ConfigDict(frozen=True)

    success: Literal[True] = True
    data: T


class ErrorResponse(DeferredModel):
    """What went wrong: words for people, `code` for programs, `details` for both."""

    model_config = ConfigDict(frozen=True)

    error: str
    details: dict[str, Any] | None = None
    code: str


class Pagination(DeferredModel):
    """Where a page stands in its list.

    Attributes:
        total: of the whole list as it is filtered.
        cursor: leads to what follows this page; null at the end.
        complete: false when a search gave up before it had read every name.
    """

    model_config = ConfigDict(frozen=True)

    page: int
    limit: int
    total: int
    totalPages: int  # noqa: N815 - the spec's own spelling
    cursor: str | None = None
    complete: bool = True


class PageRequest(DeferredModel):
    """Which page of a list is wanted; a cursor wins over a page number."""

    model_config = ConfigDict(frozen=True)

    page: Annotated[int, Field(ge=1)] = 1
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 25
    cursor: str | None = None
    search: str | None = None

    @property
    def skipped(self) -> int:
        """How many items stand before the page."""
        return 0 if self.cursor else (self.page - 1) * self.limit


def pagination(
    asked: PageRequest, *, total: int, cursor: str | None, complete: bool = True
) -> Pagination:
    """Return where the page stands."""
    return Pagination(
        page=asked.page,
        limit=asked.limit,
        total=total,
        totalPages=-(-total // asked.limit),
        cursor=cursor,
        complete=complete,
    )
