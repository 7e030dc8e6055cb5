"""`brightrun login` and `logout`: a person's own sign-in, kept in the profile."""

from typing import Annotated

import typer

from brightrun.cli.output import complain, example, say
from brightrun.cli.session import (
    URL,
    Connection,
    Session,
    forget_profile,
    profiles,
    save_profile,
    session_of,
)
from brightrun.cli.sign_in import ended, signed_in


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command(epilog=example("brightrun login --api https://api.example.org"))(login)
    app.command(epilog=example("brightrun logout"))(logout)


def login(
    context: typer.Context,
    api: Annotated[
        str | None, typer.Option(metavar="URL", help="The stage; that of the profile by default.")
    ] = None,
    email: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Asked for by default.")
    ] = None,
) -> None:
    """Sign in with e-mail and password, a first one and a code of an authenticator included.

    The tokens stand in the profile, which its owner alone can read; they are renewed for thirty
    days. Programs use an API key: `brightrun keys create`.
    """
    session = session_of(context)
    url = (api or _known_address(session) or session.ask("Address of the API: ")).strip()
    who = (email or session.ask("E-mail: ")).strip()
    tokens = signed_in(session, url.rstrip("/"), who)
    save_profile(session.config, session.profile_name, Connection(url.rstrip("/"), None, tokens))
    say(f"signed in to {url} as {who}; profile {session.profile_name} in {session.config}")


def logout(context: typer.Context) -> None:
    """Forget the profile's tokens or key; a sign-in is revoked, an API key is not."""
    session = session_of(context)
    known = profiles(session.config).get(session.profile_name)
    if (
        known is not None
        and known.tokens is not None
        and not ended(session, known.url, known.tokens)
    ):
        complain(
            "the user pool could not be told: the tokens end by themselves, within thirty days"
        )
    forget_profile(session.config, session.profile_name)
    say(f"profile {session.profile_name} is forgotten")


def _known_address(session: Session) -> str | None:
    known = profiles(session.config).get(session.profile_name)
    return session.environ.get(URL) or (known.url if known else None)
