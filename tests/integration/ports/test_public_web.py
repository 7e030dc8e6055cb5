"""Files at strangers' addresses: public ones alone, from a byte on, never redirected."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from brightrun.ports.public_web import (
    PublicWeb,
    WebUnavailable,
    fetch_public,
    post_public,
    resolve,
)

PUBLIC = ["93.184.215.14"]
URL = "https://files.example/adapter?key=hidden"  # pragma: allowlist secret
BODY = b"0123456789"


def web(
    answer: Callable[[httpx.Request], httpx.Response], addresses: list[str] | None = None
) -> PublicWeb:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return PublicWeb(client, lambda _: PUBLIC if addresses is None else addresses)


def ranged(request: httpx.Request) -> httpx.Response:
    """A server that can go on from a byte."""
    start = int(request.headers.get("range", "bytes=0-")[6:-1])
    headers = {"etag": '"one"'}
    if start:
        headers["content-range"] = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
    return httpx.Response(206 if start else 200, content=BODY[start:], headers=headers)


def test_a_file_comes_whole_with_its_length_and_its_name_for_this_content() -> None:
    with fetch_public(web(ranged), URL) as incoming:
        assert b"".join(incoming.chunks) == BODY

    assert (incoming.first_byte, incoming.size_bytes, incoming.etag) == (0, 10, '"one"')


def test_a_file_goes_on_from_a_byte_if_its_content_is_the_same() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["if-range"])
        return ranged(request)

    with fetch_public(web(answer), URL, first_byte=4, etag='"one"') as incoming:
        assert b"".join(incoming.chunks) == b"456789"

    assert (incoming.first_byte, incoming.size_bytes, asked) == (4, 10, ['"one"'])


def test_a_server_that_begins_anew_says_so() -> None:
    with fetch_public(web(lambda _: httpx.Response(200, content=BODY)), URL, first_byte=4) as found:
        assert (found.first_byte, b"".join(found.chunks)) == (0, BODY)


def test_the_connection_goes_to_the_address_that_was_looked_at() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"x")

    with fetch_public(web(answer), URL):
        pass
    (request,) = seen
    assert (request.url.host, request.headers["host"]) == (PUBLIC[0], "files.example")
    assert request.extensions["sni_hostname"] == "files.example"


@pytest.mark.parametrize("addresses", [["10.0.0.7"], [*PUBLIC, "169.254.169.254"], ["::1"], []])
def test_a_name_that_leads_inside_is_never_connected_to(addresses: list[str]) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    with pytest.raises(WebUnavailable, match="no public address"):  # noqa: SIM117 - both are told
        with fetch_public(web(answer, addresses), URL):
            pass
    assert asked == []


@pytest.mark.parametrize(
    "url",
    ["http://files.example/a", "https://10.0.0.1/a", "https://u:p@files.example/a",
     "https://files.example:8443/a", "file:///etc/passwd", f"https://files.example/{'a' * 5000}"],
)  # fmt: skip
def test_what_is_no_https_address_of_a_public_host_is_not_asked(url: str) -> None:
    with pytest.raises(WebUnavailable), fetch_public(web(ranged), url):
        pass


def test_a_redirect_is_not_followed() -> None:
    """Where it leads was never looked at: it may be inside."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={"location": "https://10.0.0.1/latest/meta-data"})

    with pytest.raises(WebUnavailable, match="redirects with 302"), fetch_public(web(answer), URL):
        pass
    assert asked == PUBLIC


@pytest.mark.parametrize("host", ["a..b.org", f"{'a' * 70}.example.org"])
def test_a_name_that_no_resolver_takes_fails_in_words(host: str) -> None:
    """The resolver refuses it before it asks anybody, and not as a host that is not there."""
    with pytest.raises(WebUnavailable, match="no URL that can be asked"):
        post_public(PublicWeb(web(ranged).http, resolve), f"https://{host}/hook", b"{}", {})


def broken() -> Iterator[bytes]:
    yield b"01"
    raise httpx.ReadError("gone")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(404), "answers 404"),
        (httpx.Response(500), "answers 500"),
        (httpx.Response(302, headers={"location": "http://10.0.0.1/"}), "redirects with 302"),
        (httpx.Response(200, headers={"content-encoding": "br"}), "compressed"),
        (httpx.Response(206, content=BODY, headers={"content-range": "bytes 7-9/10"}), "another"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_file_is_refused_without_its_address(
    answer: httpx.Response, words: str
) -> None:
    with (
        pytest.raises(WebUnavailable, match=words) as told,
        fetch_public(web(lambda _: answer), URL),
    ):
        pass
    assert "hidden" not in str(told.value)


def test_a_connection_that_breaks_while_bytes_come_is_told() -> None:
    answer = httpx.Response(200, content=broken())

    with fetch_public(web(lambda _: answer), URL) as incoming:
        assert next(incoming.chunks) == b"01"
        with pytest.raises(WebUnavailable, match="broke"):
            next(incoming.chunks)
