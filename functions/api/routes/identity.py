"""Where people sign in, and who is calling."""

from aws_lambda_powertools.event_handler.api_gateway import Router

from brightrun.accounts.access import ADMIN_GROUP, owner_of
from brightrun.accounts.user_pool import user_pool_of
from brightrun.envelope import Success
from brightrun.records import DeferredModel, UserId
from functions.api.dependencies import Caller, Wires

router = Router()  # type: ignore[no-untyped-call]


class SignInConfig(DeferredModel):
    """Where people sign in: what a page must know before anybody has.

    Attributes:
        region: the AWS region of the user pool.
        user_pool_id: the pool whose tokens are accepted.
        user_pool_client_id: the app client to sign in with; it has no secret.
        cognito_endpoint: where the user pool's own API answers.
    """

    stage: str
    region: str
    user_pool_id: str
    user_pool_client_id: str
    cognito_endpoint: str


class Me(DeferredModel):
    """Who is calling.

    Attributes:
        user_id: whose records are meant.
        email: null for an API key and for an access token, which do not name it.
        groups: of the user pool, as far as they open anything here: `admin`.
    """

    user_id: UserId
    email: str | None
    groups: tuple[str, ...]


@router.get("/api/config", tags=["identity"])
def read_config(deps: Wires) -> Success[SignInConfig]:
    """Say where people sign in. Public; nothing of it is a secret."""
    pool = user_pool_of(deps.settings.cognito_issuer, deps.settings.cognito_jwks_url)
    config = SignInConfig(
        stage=deps.settings.stage,
        region=pool.region,
        user_pool_id=pool.id,
        user_pool_client_id=deps.settings.cognito_client_id,
        cognito_endpoint=pool.endpoint,
    )
    return Success(data=config)


@router.get("/api/me", tags=["identity"])
def read_me(caller: Caller) -> Success[Me]:
    """Say who is calling, and whether an administrator."""
    groups = (ADMIN_GROUP,) if caller.is_admin else ()
    return Success(data=Me(user_id=owner_of(caller), email=caller.email, groups=groups))
