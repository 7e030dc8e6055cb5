"""Which addresses of strangers may be asked: https, a public name, one host, nothing hidden. Pure.

Does not cover what a name resolves to: that is looked at each time, by `ports.public_web`.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

_EMBEDDING = tuple(map(IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))
_HTTPS_PORT = 443


def complaint_about(url: str, *, most_characters: int) -> str | None:
    """Return why nothing may be sent to or fetched from `url`, in words after its name; or None."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL"
    host = parts.hostname or ""
    return (
        "must be written in plain ASCII, without spaces" if not _is_plain(url) else
        "must be https://" if parts.scheme != "https" else
        "must name a host" if not host or "." not in host else
        "must not carry a user or password" if "@" in parts.netloc else
        "must use port 443" if port not in {None, _HTTPS_PORT} else
        f"may have {most_characters} characters" if len(url) > most_characters else
        "must be at a public address" if not _may_be_public(host) else
        None
    )  # fmt: skip


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        name = host.rstrip(".").lower()
        # what looks like a number is one to a resolver: 0177.0.0.1 is this machine
        last = name.rpartition(".")[2]
        is_number = last.isdigit() or last.startswith("0x")
        return not is_number and not name.endswith((".local", ".internal", ".localhost"))


def is_public(address: str) -> bool:
    """Return whether an address may be sent to: public, of one host, and with no other inside.

    Raises:
        ValueError: it is no address.
    """
    found = ip_address(address)
    if isinstance(found, IPv6Address) and _carries_another(found):
        return False
    return found.is_global and not found.is_multicast


def _carries_another(address: IPv6Address) -> bool:
    """Whether an IPv4 address is embedded: mapped, translated (NAT64), 6to4, Teredo, compatible."""
    wrapped = address.ipv4_mapped or address.sixtofour or address.teredo
    return bool(wrapped) or any(address in network for network in _EMBEDDING)
