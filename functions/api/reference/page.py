"""The page of the whole API: its calls by subject, then the shapes they speak of. Pure."""

from collections import defaultdict
from typing import Any

from functions.api.description.describe import operations
from functions.api.description.order_of_use import place
from functions.api.reference.markup import Markup, element, joined, prose
from functions.api.reference.operations import call
from functions.api.reference.shapes import fields

_ORDER = ("datasets", "training files", "jobs", "models", "costs", "notifications", "api keys")
_LAST = ("admin", "worker")
_PLACES = (
    ("Home", "/"), ("Datasets", "/datasets"), ("Training", "/training/jobs"),
    ("Models", "/models"), ("Costs", "/costs"),
)  # fmt: skip
_LOGO = Markup(
    '<svg width="26" height="22" viewBox="0 0 26 22" aria-hidden="true"><path class="logo-line" '
    'd="M2 4c5 0 5.5 12.5 11.5 13.8H24"/><circle class="logo-dot" cx="22" cy="6" r="3.2"/></svg>'
)
_FIRST = '''\
export BRIGHTRUN_URL=…              # where you read this
export BRIGHTRUN_API_KEY=…          # Account menu, API keys
curl -H "Authorization: Bearer $BRIGHTRUN_API_KEY" "$BRIGHTRUN_URL/api/jobs"'''


def page(document: dict[str, Any]) -> str:
    """Return the whole page; style sheet and theme script are files beside it."""
    calls = _by_tag(document)
    shapes = {
        name: schema
        for name, schema in sorted(document["components"]["schemas"].items())
        if not name.startswith("Success_")
    }
    main = element(
        "main",
        _opening(document, sum(map(len, calls.values()))),
        *(_section(tag, found) for tag, found in calls.items()),
        _shapes(shapes),
        id="main",
    )
    body = joined(_bar(), element("div", _contents(calls), main, class_="page docs"))
    return f'<!doctype html><html lang="en">{_head()}{element("body", body)}</html>'


def _head() -> Markup:
    return Markup(
        '<head><meta charset="utf-8"><title>API · BrightRun</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<script src="/docs/theme.js"></script>'
        '<link rel="stylesheet" href="/docs/style.css"></head>'
    )


def _bar() -> Markup:
    skip = element("a", "Skip to the page", class_="skip", href="#main")
    logo = element("a", _LOGO, "BrightRun", class_="logo", href="/")
    places = [element("a", word, href=address) for word, address in _PLACES]
    here = element("a", "API", href="/docs", aria_current="page")
    nav = element("nav", *places, here, class_="places", aria_label="Pages")
    return joined(skip, element("header", logo, nav, class_="topbar"))


def _opening(document: dict[str, Any], count: int) -> Markup:
    about = document["info"]
    return joined(
        element("h1", "API"),
        element("p", f"{count} calls do everything that the pages do.", class_="say"),
        element("p", prose(about["description"]), class_="why"),
        element("pre", _FIRST, class_="code", tabindex="0", role="region", aria_label="First call"),
        element(
            "p",
            "Every answer is ", element("code", '{"success": true, "data": …}'),
            "; below stands what lies in data. A refusal is ",
            element("a", "ErrorResponse", href="#shape-ErrorResponse"),
            ": a sentence, a code that never changes, and which field is wrong. The same as a "
            "document: ", element("a", "openapi.json", href="/openapi.json"), ".",
        ),
    )  # fmt: skip


def _by_tag(document: dict[str, Any]) -> dict[str, list[Markup]]:
    found: dict[str, list[Markup]] = defaultdict(list)
    schemas = document["components"]["schemas"]
    in_order = sorted(operations(document), key=lambda each: place(each[2]["operationId"]))
    for path, method, operation in in_order:
        tag = operation.get("tags", ["other"])[0]
        found[tag].append(call(path, method, operation, schemas))
    middle = sorted(set(found) - {*_ORDER, *_LAST})
    return {tag: found[tag] for tag in (*_ORDER, *middle, *_LAST) if tag in found}


def _section(tag: str, calls: list[Markup]) -> Markup:
    name = _anchor(tag)
    title = element("h2", _titled(tag), id=f"{name}-title")
    panel = element("div", *calls, class_="panel rows")
    return element("section", title, panel, id=name, aria_labelledby=f"{name}-title")


def _shapes(shapes: dict[str, dict[str, Any]]) -> Markup:
    panels = (
        element(
            "details",
            element("summary", element("code", name)),
            element(
                "div", _meaning(schema), fields(schema), class_="call-body", id=f"shape-{name}"
            ),
            class_="call",
        )
        for name, schema in shapes.items()
    )
    title = element("h2", "Shapes", id="shapes-title")
    panel = element("div", *panels, class_="panel rows")
    return element("section", title, panel, id="shapes", aria_labelledby="shapes-title")


def _meaning(schema: dict[str, Any]) -> Markup:
    text = str(schema.get("description", ""))
    return element("p", prose(text)) if text else Markup("")


def _contents(calls: dict[str, list[Markup]]) -> Markup:
    links = [_contents_link(tag, len(found)) for tag, found in calls.items()]
    last = element("a", "Shapes", href="#shapes")
    return element("nav", *links, last, class_="contents", aria_label="On this page")


def _contents_link(tag: str, count: int) -> Markup:
    number = element("span", str(count), class_="cap")
    return element("a", _titled(tag), number, href=f"#{_anchor(tag)}")


def _anchor(tag: str) -> str:
    return tag.replace(" ", "-")


def _titled(tag: str) -> str:
    return "API keys" if tag == "api keys" else tag.capitalize()
