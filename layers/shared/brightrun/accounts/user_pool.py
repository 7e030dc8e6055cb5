"""Which user pool people sign in to, read off the addresses its tokens are checked by. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class UserPool:
    """A user pool and where its own API answers."""

    id: str
    region: str
    endpoint: str


def user_pool_of(issuer: str, jwks_url: str) -> UserPool:
    """Return the pool that issues the tokens.

    Args:
        issuer: `https://cognito-idp.{region}.amazonaws.com/{pool id}`, as tokens name it.
        jwks_url: `{endpoint}/{pool id}/.well-known/jwks.json`; the endpoint is AWS's own, or that
            of an embedded AWS.
    """
    address = urlsplit(issuer)
    pool_id = address.path.strip("/")
    region = pool_id.partition("_")[0]
    endpoint = jwks_url.removesuffix(f"/{pool_id}/.well-known/jwks.json")
    return UserPool(pool_id, region, endpoint)
