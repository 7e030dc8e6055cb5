"""README and docs/: every link leads somewhere, every page is found from the index."""

import re
from pathlib import Path

import pytest

from tests.support.documents import ROOT, anchors, links, pages

DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
OUTSIDE = ("https://", "http://", "mailto:")


def _local(page: Path) -> list[str]:
    return [link for link in links(page) if not link.startswith(OUTSIDE)]


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not anchor:
        return target.exists()
    return target.is_file() and anchor in anchors(target)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page: Path) -> None:
    assert [link for link in _local(page) if not _leads_somewhere(page, link)] == []


def test_the_walk_finds_the_pages_and_their_links() -> None:
    assert len(pages()) >= 50
    assert sum(len(_local(page)) for page in pages()) >= 80


def test_every_page_but_a_decision_is_found_from_the_index() -> None:
    found = {(INDEX.parent / link.partition("#")[0]).resolve() for link in _local(INDEX)}
    wanted = {page for page in DOCS.rglob("*.md") if page.parent.name != "decisions"} - {INDEX}

    assert sorted(str(page.relative_to(ROOT)) for page in wanted - found) == []


def test_nobody_is_told_to_install_a_name_that_is_not_ours_on_the_package_index() -> None:
    """Nothing is published: whoever takes the name there would be run by whoever types it."""
    sources = [
        *pages(),
        *(ROOT / "layers" / "shared" / "brightrun").rglob("*.py"),
        *(ROOT / "web" / "src").rglob("*.tsx"),
    ]
    told = [
        str(path.relative_to(ROOT))
        for path in sources
        if re.search(r"(pip|uv|pipx) install ['\"]?brightrun", path.read_text(encoding="utf-8"))
        and path.name != "log.md"
    ]

    assert told == []
    assert len(sources) >= 300
