"""Pages of a list: what is kept of the records in key order, by page number or by cursor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from brightrun.envelope import MAX_PAGE_SIZE, MAX_PAGED_ITEMS, PageRequest, Pagination, pagination
from brightrun.errors import InvalidRequest
from brightrun.ports.dynamodb.key_shapes import Group
from brightrun.ports.dynamodb.table import Page, Table, after, newest, oldest
from brightrun.records import Record

R = TypeVar("R", bound=Record)

Fetch = Callable[[int, str | None], Page[R]]
"""Reads at most so many records, from a cursor on."""

Keep = Callable[[R], bool]

MAX_SEARCH_READS = 40
"""Queries one search may make; each reads at most a hundred records or a megabyte."""


@dataclass(frozen=True)
class Found(Generic[R]):
    """The records of one page, and where it stands."""

    records: tuple[R, ...]
    pagination: Pagination


def page_of(fetch: Fetch[R], keep: Keep[R], asked: PageRequest, *, total: int) -> Found[R]:
    """Return one page; reads no more than the pages before it and itself.

    Args:
        total: how many records the whole list keeps, from a running sum.

    Raises:
        InvalidRequest: the page is too deep for a page number, or the cursor is another list's.
    """
    if asked.skipped + asked.limit > MAX_PAGED_ITEMS:
        raise InvalidRequest({"page": [f"goes to item {MAX_PAGED_ITEMS}; follow cursor instead"]})
    cursor = asked.cursor
    if asked.skipped:
        before = gather(fetch, keep, asked.skipped, None)
        if before.cursor is None:
            return Found((), pagination(asked, total=total, cursor=None))
        cursor = before.cursor
    wanted = gather(fetch, keep, asked.limit, cursor)
    return Found(wanted.records, pagination(asked, total=total, cursor=wanted.cursor))


def search_of(
    fetch: Fetch[R], keep: Keep[R], name_of: Callable[[R], str], asked: PageRequest
) -> Found[R]:
    """Return one page of the records whose name contains `asked.search`, in any case.

    Reads names up to `MAX_SEARCH_READS` queries deep; beyond that it says it is not complete.

    Raises:
        InvalidRequest: a cursor is given: a search has none, so it is another list's.
    """
    if asked.cursor:
        raise InvalidRequest({"cursor": ["is not a cursor of this list: a search goes by page"]})
    wanted = (asked.search or "").casefold()
    matching: list[R] = []
    cursor: str | None = None
    for _ in range(MAX_SEARCH_READS):
        page = fetch(MAX_PAGE_SIZE, cursor)
        matching += [r for r in page.records if keep(r) and wanted in name_of(r).casefold()]
        cursor = page.cursor
        if cursor is None:
            break
    shown = tuple(matching[asked.skipped : asked.skipped + asked.limit])
    complete = cursor is None
    where = pagination(asked, total=len(matching), cursor=None, complete=complete)
    return Found(shown, where)


def gather(fetch: Fetch[R], keep: Keep[R], wanted: int, cursor: str | None) -> Page[R]:
    """Return exactly `wanted` kept records, fewer only at the end of the list."""
    kept: list[R] = []
    while len(kept) < wanted:
        page = fetch(min(wanted - len(kept), MAX_PAGE_SIZE), cursor)
        kept += [record for record in page.records if keep(record)]
        cursor = page.cursor
        if cursor is None:
            break
    return Page(tuple(kept), cursor)


@dataclass(frozen=True)
class Seek:
    """So many records after the one of this name; from the beginning where none is named."""

    limit: int
    after: str | None = None
    oldest_first: bool = False


def seek(
    table: Table, group: Group, kind: type[R], keep: Keep[R], asked: Seek
) -> tuple[list[R], bool]:
    """Return kept records of a group, and whether there are more.

    A record that is gone leads on all the same: its name is a place in the order.
    """
    read = oldest if asked.oldest_first else newest

    def fetch(limit: int, cursor: str | None) -> Page[R]:
        return read(table, group, kind, limit=limit, cursor=cursor)

    cursor = after(group.key(asked.after)) if asked.after else None
    found = gather(fetch, keep, asked.limit + 1, cursor).records
    return list(found[: asked.limit]), len(found) > asked.limit
