"""Proving that one knows a password without sending it: SRP-6a as Cognito's user pools speak it.

Pure; what is random comes in. Covers the client's side alone.
Source: https://www.rfc-editor.org/rfc/rfc5054 (3,072-bit group), with generator 2, SHA-256 and the
key derivation of Cognito's own clients (`USER_SRP_AUTH`).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime

_PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
_GENERATOR = 2
_KEY_BYTES = 16
_INFO = b"Caldera Derived Key\x01"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SECRET_BYTES = 128
"""How much randomness a `Handshake` wants."""


class BadChallenge(ValueError):
    """The pool's numbers are not those of an honest pool; nothing is answered."""


@dataclass(frozen=True)
class Challenge:
    """What a pool asks: its public number, the salt, and a text that it wants back."""

    user_id: str
    salt: str
    public: str
    secret_block: str


@dataclass(frozen=True)
class Handshake:
    """One sign-in: `public` is sent first, `proof` answers the challenge.

    Attributes:
        secret: random, below the group's size; used once.
    """

    secret: int = field(repr=False)

    @classmethod
    def of_random(cls, random: bytes) -> "Handshake":
        """Return a handshake of `SECRET_BYTES` random bytes."""
        return cls(int.from_bytes(random, "big") % _PRIME)

    @property
    def public(self) -> str:
        """What the pool may see."""
        return format(self._public, "x")

    @property
    def _public(self) -> int:
        return pow(_GENERATOR, self.secret, _PRIME)

    def proof(
        self, pool_id: str, password: str, challenge: Challenge, at: datetime
    ) -> dict[str, str]:
        """Return the answer to `PASSWORD_VERIFIER`, as the pool's API wants it.

        Raises:
            BadChallenge: a number that would make any password pass.
        """
        their_public = int(challenge.public, 16)
        scramble = _hashed(_padded(self._public), _padded(their_public))
        if their_public % _PRIME == 0 or scramble == 0:
            raise BadChallenge("the user pool sent a number that proves nothing")
        pool = pool_id.split("_", 1)[-1]
        identity = hashlib.sha256(f"{pool}{challenge.user_id}:{password}".encode()).digest()
        private = _hashed(_padded(int(challenge.salt, 16)), identity)
        base = their_public - _MULTIPLIER * pow(_GENERATOR, private, _PRIME)
        shared = pow(base % _PRIME, self.secret + scramble * private, _PRIME)
        key = _derived(shared, scramble)
        stamp = timestamp(at)
        block = base64.b64decode(challenge.secret_block)
        message = f"{pool}{challenge.user_id}".encode() + block + stamp.encode()
        signature = hmac.new(key, message, hashlib.sha256).digest()
        return {
            "USERNAME": challenge.user_id,
            "TIMESTAMP": stamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge.secret_block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
        }


def timestamp(at: datetime) -> str:
    """Return a time as the pool wants it signed, in English whatever the locale: no padded day."""
    utc = at.astimezone(UTC)
    day, month = _DAYS[utc.weekday()], _MONTHS[utc.month - 1]
    return f"{day} {month} {utc.day} {utc:%H:%M:%S} UTC {utc.year}"


def _derived(shared: int, scramble: int) -> bytes:
    extracted = hmac.new(_padded(scramble), _padded(shared), hashlib.sha256).digest()
    return hmac.new(extracted, _INFO, hashlib.sha256).digest()[:_KEY_BYTES]


def _padded(number: int) -> bytes:
    """Return the bytes of a number, with a zero before them where they would read as negative."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hashed(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


_MULTIPLIER = _hashed(_padded(_PRIME), _padded(_GENERATOR))
