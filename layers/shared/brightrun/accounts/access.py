"""Who may call which part of the API. Pure.

The authorizer identifies and never refuses; this refuses. Does not cover whose records are
reached: every key is built from the caller's own id.
"""

from collections.abc import Mapping

from brightrun.accounts.record import Principal, PrincipalKind, Scope
from brightrun.errors import Forbidden, Unauthenticated
from brightrun.records import UserId

DOCS = frozenset({"/docs", "/docs/style.css", "/docs/theme.js"})
PUBLIC = frozenset({"/", "/api/health", "/api/config", "/openapi.json", *DOCS})
WORKER_PREFIX = "/worker/"
HOOK_PREFIX = "/worker/v1/hooks/"
"""RunPod's webhooks carry no identity: the address itself is unguessable, and opens nothing."""
ADMIN_PREFIX = "/api/admin"
ADMIN_GROUP = "admin"
"""The user pool's group of administrators."""


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEYS_PREFIX = "/api/api-keys"


def principal_of(context: Mapping[str, str]) -> Principal:
    """Return who is calling, from the authorizer's words; an empty context is nobody."""
    attempt = context.get("attempt", "")
    return Principal(
        kind=PrincipalKind(context.get("kind", PrincipalKind.ANONYMOUS)),
        user_id=UserId(context["user_id"]) if context.get("user_id") else None,
        email=context.get("email"),
        is_admin=context.get("admin") == "true",
        key_id=context.get("key_id"),
        scopes=_scopes(context.get("scopes")),
        job_id=context.get("job_id"),
        attempt=int(attempt) if attempt else None,
        reason=context.get("reason"),
    )


def _scopes(told: str | None) -> tuple[Scope, ...] | None:
    return None if told is None else tuple(map(Scope, told.split()))


def admit(caller: Principal, method: str, path: str) -> None:
    """Return if this caller may call this path at all; the path is the one that is routed.

    Raises:
        Unauthenticated: nobody, or not the kind of identity the path wants.
        Forbidden: a user who is no administrator, or a worker outside its protocol.
    """
    if path in PUBLIC or path.startswith(HOOK_PREFIX):
        return
    if caller.kind is PrincipalKind.ANONYMOUS or caller.user_id is None:
        raise Unauthenticated(caller.reason or "no token was sent")
    if path.startswith(WORKER_PREFIX) != (caller.kind is PrincipalKind.WORKER):
        wanted = "a worker's" if path.startswith(WORKER_PREFIX) else "a user's"
        raise Forbidden(f"this path wants {wanted} token")
    if path.startswith(ADMIN_PREFIX) and not caller.is_admin:
        raise Forbidden("only administrators may see this")
    if caller.scopes is not None:
        _open_with(caller.scopes, method, path)


def _open_with(scopes: tuple[Scope, ...], method: str, path: str) -> None:
    """Return if a key with these scopes opens this call. Whoever writes may make no keys by it."""
    wanted = Scope.READ if method in SAFE else Scope.WRITE
    if wanted is Scope.WRITE and path.startswith(KEYS_PREFIX):
        wanted = Scope.KEYS
    if wanted not in scopes:
        raise Forbidden(f"this API key may not do that: it has no scope {wanted.value}")


def owner_of(caller: Principal) -> UserId:
    """Return the user whose records are meant. Raises Unauthenticated for nobody."""
    if caller.user_id is None:
        raise Unauthenticated(caller.reason or "no token was sent")
    return caller.user_id
