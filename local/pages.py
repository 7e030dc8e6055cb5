"""The pages on the front port, as CloudFront serves them in the cloud: pure ASGI, from a folder.

What belongs to the API goes on to it. Every other path is a file of the built dashboard, or an
address inside it, which its index answers; a missing asset is a 404 and never a page.
"""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

API_PATHS = ("/api/*", "/v1/*", "/worker/*", "/docs*", "/openapi.json")
"""What the API answers on the shared address: the behaviours of the distribution, word for word."""
ASSETS = "/assets/"
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


def policy(connect: str) -> str:
    """Return the Content-Security-Policy of the pages.

    Args:
        connect: what else than their own origin they may call: user pool and bucket.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; font-src 'self'; worker-src 'self'; connect-src 'self' {connect}; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


@dataclass(frozen=True)
class Answer:
    """What a path is answered with."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Pages:
    """The built dashboard.

    Attributes:
        folder: where the build lies; while it has no index, the API answers everything.
        connect: see `policy`.
    """

    folder: Path
    connect: str

    def answer(self, path: str) -> Answer | None:
        """Return the answer to a GET; None where it is the API's to give."""
        index = self.folder / "index.html"
        if is_of_api(path) or not index.is_file():
            return None
        wanted = (self.folder / path.lstrip("/")).resolve()
        if wanted.is_file() and wanted.is_relative_to(self.folder.resolve()):
            return self._file(wanted, _FOREVER if path.startswith(ASSETS) else _ASK_AGAIN)
        if path.startswith(ASSETS):
            return Answer(404, {"content-type": "text/plain"}, b"no such file")
        return self._file(index, _ASK_AGAIN)

    def _file(self, file: Path, cache: str) -> Answer:
        media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if media_type.startswith("text/"):
            media_type += "; charset=utf-8"
        headers = {
            "content-type": media_type,
            "cache-control": cache,
            "content-security-policy": policy(self.connect),
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "strict-origin-when-cross-origin",
        }
        return Answer(200, headers, file.read_bytes())


def is_of_api(path: str) -> bool:
    """Whether the API answers this path."""
    return any(fnmatchcase(path, pattern) for pattern in API_PATHS)
