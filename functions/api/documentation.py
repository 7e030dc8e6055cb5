"""The surface that shows the API's description: as a document, and as a page to read.

The page runs no script but the theme's and needs nothing from elsewhere, so that its policy can
forbid everything else.
"""

from functools import cache
from http import HTTPStatus
from importlib.resources import files

import orjson
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from functions.api.errors import JSON, in_envelope, refuse_with
from functions.api.native import native_resolver

documentation = APIGatewayHttpResolver()
refuse_with(in_envelope, documentation)
_FILES = files("functions.api.reference")


@documentation.get("/openapi.json")
def read_document() -> Response[str]:
    """Describe every route, in OpenAPI 3.1."""
    return Response(HTTPStatus.OK, JSON, orjson.dumps(_document()).decode())


@documentation.get("/docs", compress=True)
def read_page() -> Response[str]:
    """Show the description as a page: every call, what it takes and what it answers."""
    return Response(HTTPStatus.OK, "text/html; charset=utf-8", _page())


@documentation.get("/docs/style.css", compress=True)
def read_style() -> Response[str]:
    """The page's style sheet: the tokens of the dashboard, then what stands on this page."""
    style = "".join(_FILES.joinpath(name).read_text() for name in ("tokens.css", "page.css"))
    return Response(HTTPStatus.OK, "text/css; charset=utf-8", style)


@documentation.get("/docs/theme.js")
def read_theme() -> Response[str]:
    """The dashboard's choice of light or dark, made before the page is painted."""
    theme = _FILES.joinpath("theme.js").read_text()
    return Response(HTTPStatus.OK, "text/javascript; charset=utf-8", theme)


@cache
def _document() -> dict[str, object]:
    """Takes a second to make, and never changes; its maker is loaded when it is asked for."""
    from functions.api.openapi import document  # noqa: PLC0415 - a third of a cold start

    return document(native_resolver())


@cache
def _page() -> str:
    from functions.api.reference.page import page  # noqa: PLC0415 - as above

    return page(_document())
