"""An authenticator app: six digits of a shared secret and the time (RFC 6238)."""

import base64
import hashlib
import hmac
import struct


def code(secret: str, at_seconds: float) -> str:
    """Return the code that holds for the half minute of that moment."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(at_seconds // 30))
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
