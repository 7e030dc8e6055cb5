"""A user pool in this process that speaks SRP from the other side, by the verifier it keeps."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from brightrun.accounts import srp

Json = dict[str, Any]
PRIME, GENERATOR = srp._PRIME, 2
SALT = 0x0F0E0D
USER_ID = "5f1c-user"
BLOCK = base64.b64encode(b"a secret block").decode()


def _bytes(number: int) -> bytes:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return b"\0" + raw if raw[:1] >= b"\x80" else raw


def _number(*parts: bytes) -> int:
    return int(hashlib.sha256(b"".join(parts)).hexdigest(), 16)


@dataclass
class SrpPool:
    """One user; `next` is what a proven password leads to; `flows` are those it allows."""

    password: str
    pool_id: str = "eu-central-1_Abc"
    secret: int = 0xB0B
    flows: frozenset[str] = frozenset({"USER_SRP_AUTH", "REFRESH_TOKEN_AUTH"})
    next: Json = field(default_factory=lambda: tokens("first"))
    codes: dict[str, Json] = field(default_factory=dict)
    bodies: list[Json] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    instead: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    their_public: int = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        if (other := self.instead(request)) is not None:
            return other
        body = json.loads(request.content)
        self.bodies.append(body)
        action = request.headers["x-amz-target"].rsplit(".", 1)[-1]
        if action == "RevokeToken":
            self.revoked.append(body["Token"])
            return httpx.Response(200)
        return self._begin(body) if action == "InitiateAuth" else self._respond(body)

    def _begin(self, body: Json) -> httpx.Response:
        flow, told = body["AuthFlow"], body["AuthParameters"]
        if flow not in self.flows:
            return refusal("InvalidParameterException", f"{flow} is not enabled for the client.")
        if flow == "REFRESH_TOKEN_AUTH":
            fresh = tokens("second")
            del fresh["AuthenticationResult"]["RefreshToken"]
            return answered(fresh)
        self.their_public = int(told["SRP_A"], 16)
        public = (self._multiplier * self._verifier + pow(GENERATOR, self.secret, PRIME)) % PRIME
        parameters = {"SALT": f"{SALT:x}", "SRP_B": f"{public:x}", "SECRET_BLOCK": BLOCK}
        parameters["USER_ID_FOR_SRP"] = USER_ID
        return answered({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": parameters})

    def _respond(self, body: Json) -> httpx.Response:
        told = body["ChallengeResponses"]
        if body["ChallengeName"] == "PASSWORD_VERIFIER":
            good = hmac.compare_digest(told["PASSWORD_CLAIM_SIGNATURE"], self._expected(told))
            return answered(self.next) if good else refusal("NotAuthorizedException", "Incorrect")
        given = told.get("NEW_PASSWORD") or told.get("SOFTWARE_TOKEN_MFA_CODE")
        found = self.codes.get(given)
        return answered(found) if found else refusal("CodeMismatchException", "Invalid code")

    @property
    def _multiplier(self) -> int:
        return _number(_bytes(PRIME), _bytes(GENERATOR))

    @property
    def _verifier(self) -> int:
        pool = self.pool_id.split("_")[1]
        inner = hashlib.sha256(f"{pool}{USER_ID}:{self.password}".encode()).digest()
        return pow(GENERATOR, _number(_bytes(SALT), inner), PRIME)

    def _expected(self, told: Json) -> str:
        public = (self._multiplier * self._verifier + pow(GENERATOR, self.secret, PRIME)) % PRIME
        scramble = _number(_bytes(self.their_public), _bytes(public))
        shared = pow(self.their_public * pow(self._verifier, scramble, PRIME), self.secret, PRIME)
        extracted = hmac.digest(_bytes(scramble), _bytes(shared), "sha256")
        key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
        message = f"{self.pool_id.split('_')[1]}{USER_ID}".encode() + base64.b64decode(BLOCK)
        signature = hmac.digest(key, message + told["TIMESTAMP"].encode(), "sha256")
        return base64.b64encode(signature).decode()


def tokens(name: str) -> Json:
    made = {f"{kind}Token": f"{kind.lower()}-{name}" for kind in ("Id", "Access", "Refresh")}
    return {"AuthenticationResult": {**made, "ExpiresIn": 3600}}


def challenge(name: str) -> Json:
    parameters = {"USER_ID_FOR_SRP": USER_ID}
    return {"ChallengeName": name, "Session": "s" * 20, "ChallengeParameters": parameters}


def answered(body: Json) -> httpx.Response:
    return httpx.Response(200, json=body)


def refusal(kind: str, message: str) -> httpx.Response:
    return httpx.Response(400, json={"__type": f"com.amazon#{kind}", "message": message})
