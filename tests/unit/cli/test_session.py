"""Which stage and which key: environment, profile, and never a key for another address."""

import stat
from pathlib import Path

import pytest

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.session import Connection, Session, profiles, save_profile

DEV = Connection("https://dev.test", "dev-key")
PROD = Connection("https://prod.test", 'p"rod')


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "of" / "config.toml"
    save_profile(path, "default", DEV)
    save_profile(path, "prod", PROD)
    return path


def test_profiles_are_kept_beside_each_other_for_their_owners_eyes(config: Path) -> None:
    assert profiles(config) == {"default": DEV, "prod": PROD}
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700


def test_a_file_that_others_can_read_is_refused(config: Path) -> None:
    config.chmod(0o640)

    with pytest.raises(WrongCommand, match="chmod 600"):
        profiles(config)


@pytest.mark.parametrize(
    ("environ", "named", "expected"),
    [
        ({}, None, DEV),
        ({}, "prod", PROD),
        ({"BRIGHTRUN_PROFILE": "prod"}, None, PROD),
        ({"BRIGHTRUN_API_URL": "https://e.test", "BRIGHTRUN_API_KEY": "e"}, None,
         Connection("https://e.test", "e")),
        ({"BRIGHTRUN_API_URL": "https://dev.test/"}, None,
         Connection("https://dev.test/", "dev-key")),
        ({"BRIGHTRUN_API_URL": "https://dev.test/api"}, None,
         Connection("https://dev.test/api", "dev-key")),
        ({"BRIGHTRUN_API_KEY": "other"}, None, Connection("https://dev.test", "other")),
    ],
)  # fmt: skip
def test_the_environment_goes_before_the_profile(
    config: Path, environ: dict[str, str], named: str | None, expected: Connection
) -> None:
    assert Session(environ, config, profile=named).connection() == expected


def test_a_profiles_key_is_never_sent_to_another_address(config: Path) -> None:
    session = Session({"BRIGHTRUN_API_URL": "https://elsewhere.test"}, config)

    with pytest.raises(WrongCommand, match=r"no key for https://elsewhere\.test"):
        session.connection()


def test_with_nothing_to_go_by_it_says_what_helps(tmp_path: Path) -> None:
    with pytest.raises(WrongCommand, match="brightrun login"):
        Session({}, tmp_path / "none.toml").connection()


@pytest.mark.parametrize("content", ["nonsense", "[default]\napi_key = 'k'\n", "default = 1\n"])
def test_a_file_of_another_kind_is_no_profile(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(WrongCommand):
        profiles(path)


def test_a_key_does_not_show_in_a_traceback() -> None:
    assert "dev-key" not in repr(DEV)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://api.test", True),
        ("http://127.0.0.1:8700", True),
        ("http://localhost:8700", True),
        ("http://api.test", False),
        ("http://127.0.0.1.elsewhere.test", False),
        ("api.test", False),
    ],
)
def test_a_key_crosses_no_network_in_clear_text(tmp_path: Path, url: str, is_safe: bool) -> None:  # noqa: FBT001
    session = Session({}, tmp_path / "none.toml")

    if is_safe:
        session.client_of(Connection(url, "key")).close()
        return
    with pytest.raises(WrongCommand, match="begins with https://"):
        session.client_of(Connection(url, "key"))


@pytest.mark.parametrize("tail", ["", "/", "/api", "/api/"])
def test_an_address_is_understood_with_or_without_its_tail(tmp_path: Path, tail: str) -> None:
    session = Session({}, tmp_path / "none.toml")

    with session.client_of(Connection(f"https://api.test/prod{tail}", "key")) as client:
        assert client.url == "https://api.test/prod"
