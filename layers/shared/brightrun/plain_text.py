"""Text of strangers that is shown beside our own: on one line, and as it reads. Pure.

A line end or an escape would forge a line of a log; a bidi override shows another name than it is.
"""

import unicodedata

_KEPT = frozenset("\n\t")
_JOINERS = frozenset("\u200c\u200d")
"""Invisible, but part of real words and of emoji."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def is_plain(text: str) -> bool:
    """Whether a name reads as it is: no control, bidi or invisible character, not only blanks."""
    return bool(text.strip()) and all(map(_is_shown, text))


def one_line(text: str) -> str:
    """Return a text without anything that could end its line or change how it reads."""
    return "".join(c if _is_shown(c) else " " for c in text)


def readable(text: str) -> str:
    """Return a text that keeps its lines and loses what is not shown as it is."""
    return "".join(c if c in _KEPT or _is_shown(c) else " " for c in text)


def escaped(text: str) -> str:
    r"""Return a text on one line in which line ends and controls are seen as `\n` and `\x1b`."""
    return "".join(
        c if _is_shown(c) else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def _is_shown(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _HIDDEN
