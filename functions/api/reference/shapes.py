"""The shapes of bodies and answers: what their fields are called, hold and mean. Pure."""

from collections.abc import Iterator
from typing import Any

from functions.api.reference.markup import Markup, element, joined, prose

Schema = dict[str, Any]
_PREFIX = "#/components/schemas/"
_ENVELOPE = "Success_"
_MOST_WORDS = 8
"""So many words of an enumeration are written out in its place; of a longer one, at its own."""


def named(schema: Schema) -> str | None:
    """Return the name of the shape that a schema refers to."""
    reference = schema.get("$ref")
    return reference.removeprefix(_PREFIX) if isinstance(reference, str) else None


def inner(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """Return what lies under `data`, where a schema is the envelope of every answer."""
    name = named(schema)
    if name is None or not name.startswith(_ENVELOPE):
        return schema
    data: Schema = schemas[name]["properties"]["data"]
    return data


def kind(schema: Schema) -> Markup:
    """Return what a value is: a type, a link to its shape, or the words it may be."""
    name = named(schema)
    if name is not None:
        return element("a", name, href=f"#shape-{name}")
    if "anyOf" in schema:
        return _either([kind(one) for one in schema["anyOf"]])
    if "enum" in schema:
        return _either([element("code", str(word)) for word in schema["enum"][:_MOST_WORDS]])
    return _plain(schema)


def _plain(schema: Schema) -> Markup:
    if "const" in schema:
        return element("code", str(schema["const"]))
    if schema.get("type") == "array":
        return joined("list of ", kind(schema.get("items", {})))
    if isinstance(more := schema.get("additionalProperties"), dict):
        return joined("object of ", kind(more))
    return joined(str(schema.get("format") or schema.get("type") or "anything"))


def _either(ways: list[Markup]) -> Markup:
    last = [" or ", ways[-1]] if len(ways) > 1 else ways
    before = [part for way in ways[:-1] for part in (Markup(", "), way)][1:]
    return joined(*before, *last)


def bounds(schema: Schema) -> str:
    """Return what a value has to keep to, in words."""
    said = (
        ("minimum", "at least {}"), ("exclusiveMinimum", "above {}"), ("maximum", "at most {}"),
        ("minLength", "{} characters or more"), ("maxLength", "up to {} characters"),
        ("minItems", "{} or more"), ("maxItems", "up to {}"),
    )  # fmt: skip
    ways = [schema, *schema.get("anyOf", [])]
    found = [words.format(f"{way[key]:g}") for way in ways for key, words in said if key in way]
    if schema.get("default") not in (None, [], {}):
        found.append(f"{schema['default']} unless said otherwise")
    return ", ".join(dict.fromkeys(found))


def fields(schema: Schema) -> Markup:
    """Return the fields of a shape as a table; a word or a number is said in a line."""
    properties: dict[str, Schema] = schema.get("properties", {})
    if not properties:
        return element("p", kind(schema), class_="cap")
    needed = schema.get("required", [])
    return table(_row(name, of, needed=name in needed) for name, of in properties.items())


def table(rows: Iterator[Markup]) -> Markup:
    """Return rows under the three words that head every table of the page."""
    heads = [element("th", word, scope="col") for word in ("Name", "What it is", "What it means")]
    return element(
        "table", element("thead", element("tr", *heads)), element("tbody", *rows), class_="table"
    )


def _row(name: str, schema: Schema, *, needed: bool) -> Markup:
    return row(name, schema, str(schema.get("description", "")), needed=needed)


def row(name: str, schema: Schema, meaning: str, *, needed: bool) -> Markup:
    """Return one named value: its kind and bounds, and what it means."""
    mark = element("span", " needed", class_="cap") if needed else Markup("")
    limits = bounds(schema)
    said = element("span", limits, class_="cap block") if limits else Markup("")
    return element(
        "tr",
        element("th", element("code", name), mark, scope="row"),
        element("td", kind(schema), said),
        element("td", prose(meaning)),
    )
