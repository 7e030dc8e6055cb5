"""Where a page stands in its list."""

import pytest

from brightrun.envelope import PageRequest, pagination


@pytest.mark.parametrize(("total", "pages"), [(0, 0), (1, 1), (25, 1), (26, 2), (100, 4)])
def test_the_last_page_counts_when_it_is_not_full(total: int, pages: int) -> None:
    assert pagination(PageRequest(limit=25), total=total, cursor=None).totalPages == pages


def test_a_cursor_wins_over_a_page_number() -> None:
    assert PageRequest(page=3, limit=10).skipped == 20
    assert PageRequest(page=3, limit=10, cursor="c").skipped == 0
