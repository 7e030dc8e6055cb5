"""The six digits that an authenticator shows.

Source: https://www.rfc-editor.org/rfc/rfc6238
"""

import base64
import hashlib
import hmac

STEP_SECONDS = 30


def one_time_code(secret: str, at: float) -> str:
    """Return the code of a moment, for a secret in base 32."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = int(at // STEP_SECONDS).to_bytes(8, "big")
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
