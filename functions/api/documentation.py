"""The surface that shows the API's description: as a document, and as a page to try calls on."""

from functools import cache
from http import HTTPStatus
from importlib.resources import files

import orjson
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.swagger_ui import generate_swagger_html

from functions.api.errors import JSON, in_envelope, refuse_with
from functions.api.native import native
from functions.api.openapi import document

documentation = APIGatewayHttpResolver()
refuse_with(in_envelope, documentation)


@documentation.get("/openapi.json")
def read_document() -> Response[str]:
    """Describe every route, in OpenAPI 3.1."""
    return Response(HTTPStatus.OK, JSON, _document())


@documentation.get("/docs", compress=True)
def read_page() -> Response[str]:
    """Show the description as a page to try calls on; everything it needs is in it."""
    ui = files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    page = generate_swagger_html(
        # "</" would end the script that the description stands in
        _document().replace("</", "<\\/"),
        ui.joinpath("swagger-ui-bundle.min.js").read_text(),
        ui.joinpath("swagger-ui.min.css").read_text(),
        swagger_base_url="",
        oauth2_config=None,
        persist_authorization=False,
    )
    return Response(HTTPStatus.OK, "text/html; charset=utf-8", page)


@cache
def _document() -> str:
    """Takes a second to make and never changes."""
    return orjson.dumps(document(native)).decode()
