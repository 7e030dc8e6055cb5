"""Which user pool people sign in to."""

from brightrun.accounts.user_pool import UserPool, user_pool_of

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12"


def test_a_pool_in_the_cloud_answers_where_its_tokens_come_from() -> None:
    endpoint = "https://cognito-idp.eu-west-1.amazonaws.com"

    pool = user_pool_of(ISSUER, f"{endpoint}/eu-west-1_Ab12/.well-known/jwks.json")

    assert pool == UserPool("eu-west-1_Ab12", "eu-west-1", endpoint)


def test_an_embedded_pool_answers_where_its_keys_are() -> None:
    """Its tokens still name the cloud's address."""
    pool = user_pool_of(ISSUER, "http://127.0.0.1:8701/eu-west-1_Ab12/.well-known/jwks.json")

    assert pool == UserPool("eu-west-1_Ab12", "eu-west-1", "http://127.0.0.1:8701")
