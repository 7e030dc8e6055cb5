"""Addresses that strangers name: https, public addresses only, no redirects, bounded patience.

A name is resolved here and the connection goes to the very address that was looked at, so that a
name which resolves differently a moment later leads nowhere else.
"""

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from brightrun.public_address import complaint_about, is_public
from brightrun.training.download_urls import LONGEST_URL

Resolve = Callable[[str], list[str]]
_READ_PATIENCE = httpx.Timeout(20.0, connect=5.0)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class WebUnavailable(Exception):
    """A stranger's address gave no usable answer; the reason is safe to show: no URL is in it."""


@dataclass(frozen=True)
class PublicWeb:
    """A client for the outside, and how names become addresses."""

    http: httpx.Client
    resolve: Resolve


@dataclass(frozen=True)
class Incoming:
    """A file on its way: where its bytes begin, how long it is, and what names this content.

    Attributes:
        size_bytes: of the whole file; None where the server does not say.
        etag: None where the server names none, or a weak one.
    """

    first_byte: int
    size_bytes: int | None
    etag: str | None
    chunks: Iterator[bytes]


def resolve(host: str) -> list[str]:
    """Return every address of a host, as text. Raises OSError when there is none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


def post_public(web: PublicWeb, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post JSON; return when it was accepted with a 2xx.

    Raises:
        WebUnavailable: it was not, or the address is not public.
    """
    status = answer_of(web, url, body, headers)
    if not httpx.codes.is_success(status):
        raise WebUnavailable(f"answered {status}")


def answer_of(web: PublicWeb, url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post JSON and return the status of the answer, whatever it is; nothing of it is read.

    Raises:
        WebUnavailable: there was none, or the address is not public.
    """
    request = _request(web, "POST", url, {"Content-Type": "application/json", **headers}, body)
    response = _sent(web, request)
    response.close()
    return response.status_code


@contextmanager
def fetch_public(
    web: PublicWeb, url: str, *, first_byte: int = 0, etag: str | None = None
) -> Iterator[Incoming]:
    """Open a file for reading, from a byte on if the server can and has the same content still.

    Whether it could is said by the answer's own `first_byte`.

    Raises:
        WebUnavailable: the address is not public, it answers anything but the file, it redirects,
            or the connection breaks, also later, while its bytes are read.
    """
    headers = {"Accept-Encoding": "identity"}
    if first_byte:
        headers["Range"] = f"bytes={first_byte}-"
        if etag is not None:
            headers["If-Range"] = etag
    response = _sent(web, _request(web, "GET", url, headers))
    try:
        yield _incoming(response, asked=first_byte)
    finally:
        response.close()


def _incoming(response: httpx.Response, *, asked: int) -> Incoming:
    if not response.is_success:
        verb = "redirects with" if response.is_redirect else "answers"
        raise WebUnavailable(f"{verb} {response.status_code}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise WebUnavailable("sends the file compressed, although it was asked not to")
    etag = response.headers.get("etag")
    known = etag if etag and not etag.startswith("W/") else None
    if response.status_code != HTTPStatus.PARTIAL_CONTENT:
        return Incoming(0, _length(response), known, _bytes_of(response))
    found = _RANGE.fullmatch(response.headers.get("content-range", ""))
    if found is None or int(found[1]) != asked:
        raise WebUnavailable("answers with another part of the file than was asked for")
    whole = None if found[2] == "*" else int(found[2])
    return Incoming(asked, whole, known, _bytes_of(response))


def _length(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None


def _bytes_of(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except httpx.HTTPError as error:
        raise WebUnavailable(f"the connection broke: {type(error).__name__}") from error


def _request(
    web: PublicWeb, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
) -> httpx.Request:
    complaint = complaint_about(url, most_characters=LONGEST_URL)
    if complaint is not None:
        raise WebUnavailable(f"the address {complaint}")
    try:
        parsed = httpx.URL(url)
        return web.http.build_request(
            method,
            parsed.copy_with(host=_public_address(web, parsed.host)),
            content=body,
            headers={"Host": parsed.host, **headers},
            timeout=httpx.USE_CLIENT_DEFAULT if body else _READ_PATIENCE,
            # The certificate must be the name's, although the connection goes to the address.
            extensions={"sni_hostname": parsed.host},
        )
    except (httpx.InvalidURL, ValueError) as error:
        raise WebUnavailable("the address is no URL that can be asked") from error


def _sent(web: PublicWeb, request: httpx.Request) -> httpx.Response:
    try:
        return web.http.send(request, stream=True, follow_redirects=False)
    except httpx.HTTPError as error:
        raise WebUnavailable(f"no answer: {type(error).__name__}") from error


def _public_address(web: PublicWeb, host: str) -> str:
    """Return an address of the host; one that is not public spoils them all."""
    try:
        addresses = web.resolve(host)
    except OSError as error:
        raise WebUnavailable("the host has no address") from error
    if not addresses or not all(map(is_public, addresses)):
        raise WebUnavailable("the host has no public address")
    return addresses[0]
