"""Text becomes tokens: by `fastokens` where it is proven to do as `tokenizers` does, or by that.

`tokenizers` decides what is right. `fastokens` reads the same `tokenizer.json` many times as
fast, but says no offsets; with a byte-level vocabulary the tokens' lengths say them. It is tried
on a probe text for each tokenizer that is loaded, and where anything differs it is not used.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import orjson
from fastokens import Tokenizer as FastReader
from tokenizers import Tokenizer

from brightrun.datasets.tokenizing.byte_vocabulary import (
    BLANK,
    composes,
    lacking_bytes,
    no_lengths_because,
    spells_tokens,
    vocabulary_of,
    writes_blanks,
)
from brightrun.datasets.tokenizing.text_tokens import (
    ByteTokens,
    Displaced,
    OffsetTokens,
    TextTokens,
)

_REMEMBERED_BYTES = 32 << 20
"""Of texts between control tokens, with their ids: a history that comes again is not read again."""
_PROBE = (
    "The quick brown fox's 12 jumps; it's don't WE'LL 3.14159 1234567 x_1 = {'a': [1, 2]}\r\n"
    "\tdef f(x):\n\n\n        return x  # ... !!! ??? <<>> ==\n   \n trailing   \n"
    "\u4f60\u597d\uff0c\u4e16\u754c\u3002 \u3053\u3093\u306b\u3061\u306f \ud55c\uad6d\uc5b4 "
    "\u0645\u0631\u062d\u0628\u0627 \u0928\u092e\u0938\u094d\u0924\u0947 \u1e9e\u0130\u0131\u017f "
    "\U0001f600\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea\u2764\ufe0f "
    "\u2167\u3164\u00b2\uff11\uff12 '\u017f \u00a0\u2028\u3000\u200b\u0007\ufffd\U0010ffff "
    "<| im_start|> </s <s> \u0120\u2581 caf\u00e9 na\u00efve  "
)
_APART = "e\u0301 \u1100\u1161 \u0344 A\u030a"
"""Characters in parts, which some tokenizers put together first."""


class TextTokenizer:
    """The tokenizer of one base model, for text in which control tokens are written out.

    Attributes:
        full: the same by `tokenizers`, which decides.
        not_fast_because: why `fastokens` is not used; empty where it is.
    """

    def __init__(self, tokenizer_json: bytes) -> None:
        source = tokenizer_json.decode()
        self.full = Tokenizer.from_str(source)
        self.full.no_truncation()
        self.full.no_padding()
        # It adds what the template has written already, and takes blanks out of offsets.
        self.full.post_processor = None
        self._fast: FastReader | None = None
        self._lacks = b""
        self._composes = self._blanks = False
        self.not_fast_because = self._try_fast(source)

    def tokens(self, text: str) -> TextTokens:
        """Return the tokens of a text; nothing is put before or after it."""
        found = self._by_lengths(text)
        return self.tokens_with_offsets(text) if found is None else found

    def tokens_with_offsets(self, text: str) -> OffsetTokens:
        """Return the same by `tokenizers`, at its speed."""
        encoding = self.full.encode(text, add_special_tokens=False)
        return OffsetTokens(list(encoding.ids), list(encoding.offsets), text)

    def _by_lengths(self, text: str) -> ByteTokens | None:
        """Return the tokens as the fast reader finds them; None for a text it is not used for."""
        if self._fast is None:
            return None
        if not self._is_composed(text) or (self._blanks and spells_tokens(text)):
            return None
        try:
            if self._lacks and _holds_any(text.encode(), self._lacks):
                return None
            return ByteTokens(self._fast.encode_batch_flat([text])[0], self._vocabulary, text)
        except (ValueError, RuntimeError):  # half a surrogate pair
            return None

    def _is_composed(self, text: str) -> bool:
        return not self._composes or unicodedata.is_normalized("NFC", text)

    def _try_fast(self, source: str) -> str:
        told = json.loads(source)
        if reason := no_lengths_because(told):
            return reason
        try:
            fast = FastReader.from_json_str(_for_composed_texts(told) or source)
            fast.no_truncation()
            fast.no_padding()
            fast.enable_segment_cache(_REMEMBERED_BYTES)
        except (ValueError, RuntimeError, NotImplementedError) as error:
            return f"fastokens does not read this tokenizer: {error}"
        self._composes, self._blanks = composes(told), writes_blanks(told)
        self._lacks = b"" if self._blanks else lacking_bytes(self.full)
        self._vocabulary = vocabulary_of(self.full, blanks=self._blanks)
        self._fast = fast
        # A text that spells the character for blanks is left to `tokenizers`, too.
        if self._is_equal(_PROBE.replace(BLANK, "") if self._blanks else _PROBE) and self._is_equal(
            _probe_of(told)
        ):
            return ""
        self._fast = None
        return "fastokens reads the probe text otherwise than tokenizers"

    def _is_equal(self, probe: str) -> bool:
        """Whether both readers agree on ids and places; twice, for the second is remembered."""
        if any(
            self._fast_ids(text) != self.full.encode(text, add_special_tokens=False).ids
            for text in (probe, probe, probe + _APART)
            if self._is_composed(text)
        ):
            return False
        fast, full = self._by_lengths(probe), self.tokens_with_offsets(probe)
        try:
            return fast is None or all(fast.text(at) == full.text(at) for at in range(len(full)))
        except Displaced:
            return False

    def _fast_ids(self, text: str) -> list[int]:
        data = b"" if self._fast is None else self._fast.encode_batch_flat([text])[0]
        return memoryview(data).cast("I").tolist()


def _for_composed_texts(told: Mapping[str, Any]) -> str:
    """Return the tokenizer without the step that puts characters together; empty if it has none.

    The fast reader is given no text that the step would change, and is spared a walk over it.
    """
    named = "".join(token["content"] for token in told["added_tokens"])
    if not composes(told) or not unicodedata.is_normalized("NFC", named):
        return ""
    return orjson.dumps({**told, "normalizer": None}).decode()


def _holds_any(data: bytes, wanted: bytes) -> bool:
    return len(data.translate(None, wanted)) < len(data)


def _probe_of(told: Mapping[str, Any]) -> str:
    """Return a text with every control token, with and without blanks, and with one cut off."""
    tokens = [token["content"] for token in told["added_tokens"]]
    if writes_blanks(told):
        tokens = [token for token in tokens if BLANK not in token]
    return "".join(f"a{token} {token}\n{token}{token[:-1]} é" for token in tokens)
