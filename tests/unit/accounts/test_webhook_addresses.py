"""Where a webhook may go: public addresses of one host, with no other address inside.

Covers: public_address.
"""

import pytest

from brightrun.accounts.notification_delivery import require_webhook_url
from brightrun.errors import InvalidRequest
from brightrun.public_address import is_public

PRIVATE = [  # what nothing may be sent to
    "127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "224.0.0.1", "239.1.1.1",
    "::1", "fe80::1", "fd00::1", "ff02::1", "ff0e::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::7f00:1", "2002:7f00:1::",
    "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    host = f"[{address}]" if ":" in address else address

    assert is_public(address) is False
    with pytest.raises(InvalidRequest):
        require_webhook_url(f"https://{host}/hook")


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1946"])
def test_an_address_that_is_public_is_taken(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://0177.0.0.1/", "https://127.1/", "https://0x7f.0.0.1/", "https://example.0x7f000001/",
        "https://example.org/\r\nHost: evil", "https://①②⑦.0.0.1/", "https://exa mple.org/",
        "https://host.localhost./", "https://xn--exämple.org/",
    ],
)  # fmt: skip
def test_an_address_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        require_webhook_url(url)


def test_a_usual_address_is_taken() -> None:
    assert require_webhook_url("https://hooks.example.org/a?b=c")
