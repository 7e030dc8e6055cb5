"""HTML by functions: everything that is not markup already is escaped. Pure."""

import re
from html import escape

_CODE = re.compile(r"`([^`]+)`")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str) -> Markup:
    """Return an element; `class_` and `for_` lose their last letter, and `_` stands for `-`."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{said}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Return the children one after another, those that are plain text escaped."""
    return Markup(
        "".join(child if isinstance(child, Markup) else escape(child) for child in children)
    )


def prose(text: str) -> Markup:
    """Return a docstring's words, what stands in backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", escape(text)))
