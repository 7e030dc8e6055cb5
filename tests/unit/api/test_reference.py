"""The page of the API: what stands in it is the description's, and nothing of it is markup."""

from typing import Any

from functions.api.reference.markup import element, joined, prose
from functions.api.reference.operations import call
from functions.api.reference.page import page
from functions.api.reference.shapes import bounds, fields, kind

ANSWER = {"$ref": "#/components/schemas/Success_Job_"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "Success_Job_": {"properties": {"data": {"$ref": "#/components/schemas/Job"}}},
    "Job": {
        "description": "A job with <b>markup</b>.",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "description": "Never changes"},
            "limit": {
                "anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}],
                "default": 9,
            },
        },
    },
}
OPERATION: dict[str, Any] = {
    "operationId": "change_job",
    "summary": "Change a job.",
    "description": "Change a job. Asking again changes nothing.",
    "tags": ["jobs"],
    "parameters": [
        {"name": "job_id", "in": "path", "required": True, "schema": {"type": "string"}}
    ],
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Job"},
                "example": {"name": "it's"},
            }
        }
    },
    "responses": {
        "200": {"content": {"application/json": {"schema": ANSWER}}},
        "default": {"description": "refused"},
    },
}


def test_what_is_not_markup_is_escaped() -> None:
    assert element("p", "a < b", title='"x"') == '<p title="&quot;x&quot;">a &lt; b</p>'
    assert joined("<", element("b", "c")) == "&lt;<b>c</b>"
    assert prose("takes `<id>`") == "takes <code>&lt;id&gt;</code>"


def test_a_value_is_said_by_type_shape_or_words() -> None:
    optional = {"anyOf": [{"$ref": "#/components/schemas/Job"}, {"type": "null"}]}

    assert kind(optional) == '<a href="#shape-Job">Job</a> or null'
    assert kind({"type": "array", "items": {"type": "string"}}) == "list of string"
    assert kind({"enum": ["a", "b"]}) == "<code>a</code> or <code>b</code>"
    assert kind({"additionalProperties": {"type": "integer"}}) == "object of integer"


def test_what_a_value_has_to_keep_to_is_said_once() -> None:
    limit = SCHEMAS["Job"]["properties"]["limit"]

    assert bounds(limit) == "above 0, 9 unless said otherwise"
    assert bounds({"type": "string", "minLength": 1, "maxLength": 200}) == (
        "1 characters or more, up to 200 characters"
    )


def test_a_needed_field_is_marked_and_another_is_not() -> None:
    table = fields(SCHEMAS["Job"])
    first, second = table.index("<code>id</code>"), table.index("<code>limit</code>")

    assert table.count("needed") == 1
    assert first < table.index("needed") < second


def test_a_call_tells_how_it_is_asked_and_what_lies_in_the_answer() -> None:
    told = call("/api/jobs/{job_id}", "patch", OPERATION, SCHEMAS)

    assert '<a href="#shape-Job">Job</a>' in told
    assert "Success_Job_" not in told
    assert "refused" not in told
    assert told.count("Change a job.") == 1
    assert "-X PATCH" in told


def test_a_quote_in_an_example_does_not_end_the_line_for_the_shell() -> None:
    told = call("/api/jobs/{job_id}", "patch", OPERATION, SCHEMAS)

    assert "it&#x27;\\&#x27;&#x27;s" in told


def test_the_page_has_every_call_under_its_subject_and_every_shape_once() -> None:
    document = {
        "info": {"description": "About."},
        "paths": {"/api/jobs/{job_id}": {"patch": OPERATION}},
        "components": {"schemas": SCHEMAS},
    }

    told = page(document)

    assert told.startswith("<!doctype html>")
    assert told.count('id="change_job"') == 1
    assert told.count('id="shape-Job"') == 1
    assert "shape-Success_Job_" not in told
    assert "&lt;b&gt;markup" in told
