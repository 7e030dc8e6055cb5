"""Which stage a command talks to, and with which key: from the environment or a profile.

A secret is never an argument: every process list shows those.
"""

import getpass
import json
import os
import re
import stat
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import typer

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.sign_in import fresh, read_tokens
from brightrun.client import BrightRun
from brightrun.client.repeating import ATTEMPTS
from brightrun.client.sign_in import Tokens

URL, KEY, PROFILE = "BRIGHTRUN_API_URL", "BRIGHTRUN_API_KEY", "BRIGHTRUN_PROFILE"
DEFAULT_PROFILE = "default"
_PROFILE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Connection:
    """An address, and what opens it: a key, or the tokens of a sign-in; neither if not known."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    tokens: Tokens | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Session:
    """What one command sees of the world around it; tests give it another one.

    Attributes:
        config: the file with profiles.
        profile: the one that was named; None: that of the environment, or `default`.
        ask, ask_secret: read a line; the second without showing it.
        confirm: asks whoever sits there; None where nobody does.
    """

    environ: Mapping[str, str]
    config: Path
    profile: str | None = None
    transport: httpx.BaseTransport | None = None
    storage_transport: httpx.BaseTransport | None = None
    openai_transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ask: Callable[[str], str] = input
    ask_secret: Callable[[str], str] = getpass.getpass
    confirm: Callable[[str], bool] | None = None

    @property
    def profile_name(self) -> str:
        """The profile in use."""
        return self.profile or self.environ.get(PROFILE) or DEFAULT_PROFILE

    def find_connection(self) -> Connection | None:
        """Return the stage to talk to, or None when none is named.

        A profile's key goes to that profile's address and to no other.

        Raises:
            WrongCommand: the file of profiles cannot be used as it is.
        """
        known = profiles(self.config).get(self.profile_name)
        url, key = self.environ.get(URL), self.environ.get(KEY)
        if url and known and not same_stage(url, known.url):
            known = None
        if known is None:
            return Connection(url, key) if url else None
        if key or known.api_key or known.tokens is None:
            return Connection(url or known.url, key or known.api_key)
        return Connection(url or known.url, self._token(known, known.tokens), known.tokens)

    def _token(self, known: Connection, tokens: Tokens) -> str:
        """Return a token that is valid for a while, and keep what was renewed for it."""
        renewed = fresh(self, known.url, tokens)
        if renewed is not tokens:
            save_profile(self.config, self.profile_name, replace(known, tokens=renewed))
        return renewed.id_token

    def _current_token(self) -> str:
        """Return the token that holds now: watching a job takes longer than one lives."""
        return self.connection().api_key or ""

    def connection(self) -> Connection:
        """Return the stage to talk to.

        Raises:
            WrongCommand: none is named, or there is no key for it.
        """
        found = self.find_connection()
        if found is None:
            raise WrongCommand(f"no stage is named: run `brightrun login`, or set {URL} and {KEY}")
        if found.api_key is None:
            raise WrongCommand(f"no key for {found.url}: run `brightrun login`, or set {KEY}")
        return found

    def connect(self) -> BrightRun:
        """Return a client of the stage; to be closed by a `with`."""
        return self.client_of(self.connection())

    def client_of(self, connection: Connection, *, attempts: int = ATTEMPTS) -> BrightRun:
        """Return a client of any stage.

        Raises:
            WrongCommand: a key would cross a network in clear text.
        """
        return BrightRun(
            _address_of(connection.url),
            connection.api_key if connection.tokens is None else self._current_token,
            transport=self.transport,
            storage_transport=self.storage_transport,
            sleep=self.sleep,
            attempts=attempts,
        )


def this_process() -> Session:
    """Return the session of a real command line."""
    home = os.environ.get("XDG_CONFIG_HOME")
    folder = Path(home) if home else Path.home() / ".config"
    somebody = sys.stdin is not None and sys.stdin.isatty()
    return Session(
        os.environ,
        folder / "brightrun" / "config.toml",
        ask_secret=_read_unseen,
        confirm=typer.confirm if somebody else None,
    )


def _read_unseen(prompt: str) -> str:
    """Return a line that is not shown; where no terminal is, the next one of the input."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\n")


def session_of(context: typer.Context) -> Session:
    """Return the session a command runs in."""
    session = context.obj
    if not isinstance(session, Session):
        raise TypeError("the command was not started by main()")
    return session


def profiles(config: Path) -> dict[str, Connection]:
    """Return the profiles of a file by name; none where there is no file.

    Raises:
        WrongCommand: others can read it, or it is not what `save_profile` writes.
    """
    try:
        with config.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS and os.name == "posix":
                raise WrongCommand(f"others can read the keys in {config}: chmod 600 {config}")
            told = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise WrongCommand(f"{config} is not TOML: {error}") from error
    return {name: _connection(config, name, facts) for name, facts in told.items()}


def _connection(config: Path, name: str, facts: object) -> Connection:
    known = facts if isinstance(facts, dict) else {}
    url, key = known.get("api_url"), known.get("api_key")
    if not isinstance(url, str) or not isinstance(key, str | None):
        raise WrongCommand(f"{config}: profile {name} needs `api_url`, and `api_key` as a text")
    return Connection(url, key, read_tokens(known))


def forget_profile(config: Path, name: str) -> None:
    """Take a profile out of the file; the others stay."""
    _write(config, {known: each for known, each in profiles(config).items() if known != name})


def save_profile(config: Path, name: str, connection: Connection) -> None:
    """Write a profile beside the others, in a file that only its owner reads."""
    if not _PROFILE_NAME.fullmatch(name):
        raise WrongCommand("the name of a profile has letters, digits, _ and - only")
    _write(config, {**profiles(config), name: connection})


def _write(config: Path, known: Mapping[str, Connection]) -> None:
    config.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = config.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(_section(*each) for each in known.items()))
    scratch.replace(config)


def _section(name: str, connection: Connection) -> str:
    # A JSON text is a TOML text.
    lines = [f"[{name}]", f"api_url = {json.dumps(connection.url)}"]
    if connection.api_key is not None:
        lines.append(f"api_key = {json.dumps(connection.api_key)}")
    if (tokens := connection.tokens) is not None:
        lines.append(f"id_token = {json.dumps(tokens.id_token)}")
        lines.append(f"expires_at = {tokens.expires_at.isoformat()}")
        if tokens.refresh_token is not None:
            lines.append(f"refresh_token = {json.dumps(tokens.refresh_token)}")
    return "\n".join(lines) + "\n"


def _address_of(url: str) -> str:
    """Return what every call's path is put after, whether or not `/api` was copied with it."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return _bare(url)
    raise WrongCommand(f"{url}: the address of a stage begins with https://")


def same_stage(one: str, other: str) -> bool:
    """Whether two addresses lead to the same place."""
    return _bare(one) == _bare(other)


def _bare(url: str) -> str:
    return url.rstrip("/").removesuffix("/api")
