"""Posting to addresses that strangers name: https, public addresses only, no redirects.

The name is resolved here and the connection goes to the very address that was looked at, so that
a name which resolves differently a moment later leads nowhere else.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from brightrun.accounts.notification_delivery import is_public
from brightrun.errors import ProviderUnavailable

Resolve = Callable[[str], list[str]]


@dataclass(frozen=True)
class PublicWeb:
    """A client for the outside, and how names become addresses."""

    http: httpx.Client
    resolve: Resolve


def resolve(host: str) -> list[str]:
    """Return every address of a host, as text. Raises OSError when there is none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


def post_public(web: PublicWeb, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post JSON; return when it was accepted with a 2xx.

    Raises:
        ProviderUnavailable: it was not, or the address is not public; the reason is safe to show.
    """
    try:
        parsed = httpx.URL(url)
        address = _public_address(web, parsed.host)
        request = web.http.build_request(
            "POST",
            parsed.copy_with(host=address),
            content=body,
            headers={"Host": parsed.host, "Content-Type": "application/json", **headers},
            # The certificate must be the name's, although the connection goes to the address.
            extensions={"sni_hostname": parsed.host},
        )
    except (httpx.InvalidURL, ValueError) as error:
        raise ProviderUnavailable("the address is no URL that can be posted to") from error
    try:
        response = web.http.send(request, stream=True)
    except httpx.HTTPError as error:
        raise ProviderUnavailable(f"no answer: {type(error).__name__}") from error
    response.close()
    if not response.is_success:
        raise ProviderUnavailable(f"answered {response.status_code}")


def _public_address(web: PublicWeb, host: str) -> str:
    """Return an address of the host; one that is not public spoils them all."""
    try:
        addresses = web.resolve(host)
    except OSError as error:
        raise ProviderUnavailable("the host has no address") from error
    if not addresses or not all(map(is_public, addresses)):
        raise ProviderUnavailable("the host has no public address")
    return addresses[0]
