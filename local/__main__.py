"""`python -m local up [smollm2] | down | status | env`: the stack by hand; `make dev` is `up`."""

import argparse
import shlex
import sys

from local import stack
from local.build import BuildFailed
from local.deploy import DeployFailed
from local.processes.children import NotReady
from local.seed import read_credentials
from local.settings import ADMIN_EMAIL, LocalSettings, read_settings
from local.smollm2.package import CannotHave


def up(settings: LocalSettings, *, with_smollm2: bool = False) -> None:
    """Start everything, leave it running, and say how to use it.

    Args:
        with_smollm2: offer that model too, first of all; where it cannot be had, say so.
    """
    models = [stack.demo_base_model(settings)]
    if with_smollm2:
        try:
            models.insert(0, stack.smollm2_base_model(settings))
        except CannotHave as reason:
            print(f"smollm2 cannot be had, so the toy model stands alone: {reason}")
    print(welcome(stack.up(settings, models, leashed=False)))


def welcome(running: stack.Stack) -> str:
    """Return what a person needs to use a running stack."""
    settings = running.settings
    key = running.credentials.api_key
    authorization = f'-H "Authorization: Bearer {key}"'
    return "\n".join(
        (
            f"Dashboard       {settings.front_url}",
            f"API             {settings.front_url}/api",
            f"API reference   {settings.front_url}/docs",
            f"AWS endpoint    {settings.aws_url}  (AWS_ENDPOINT_URL; key and secret: test)",
            f"RunPod stand-in {settings.runpod_url}/v2",
            f"Sign in         {ADMIN_EMAIL}  {running.credentials.password}",
            f"API key         {key}",
            f"Logs            {settings.logs}",
            "",
            "Next: docs/quickstart.md, or",
            f"  curl {authorization} {settings.front_url}/api/catalog",
            "",
            "Stop: make down",
        )
    )


def down(settings: LocalSettings) -> None:
    """Stop everything; data stays for the next time."""
    stopped = stack.down(settings)
    print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


def env(settings: LocalSettings) -> None:
    """Print for `eval` where the stack is, what opens it, and where the toy model lies."""
    key = read_credentials(settings).api_key
    if key is None:
        raise stack.CannotStart("nothing was started here yet: make dev")
    known = {
        "BRIGHTRUN_API_URL": settings.front_url,
        "BRIGHTRUN_API_KEY": key,
        "DEMO_BASE_MODEL": str(stack.demo_base_model(settings).folder),
    }
    print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in known.items()))


def status(settings: LocalSettings) -> None:
    """Say what runs; the exit status is 0 only when all of it does."""
    parts = stack.status(settings)
    for name, pid in parts.items():
        print(f"{name:8} {f'running, process {pid}' if pid else 'down'}")
    if None in parts.values():
        sys.exit(1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up").add_argument("model", nargs="?", choices=("toy", "smollm2"))
    commands.add_parser("down")
    commands.add_parser("status")
    commands.add_parser("env")
    try:
        _carry_out(parser.parse_args(), read_settings())
    except (BuildFailed, DeployFailed, NotReady, stack.CannotStart) as error:
        sys.exit(f"{type(error).__name__}: {error}")


def _carry_out(asked: argparse.Namespace, settings: LocalSettings) -> None:
    match asked.command:
        case "up":
            up(settings, with_smollm2=asked.model == "smollm2")
        case "down":
            down(settings)
        case "env":
            env(settings)
        case _:
            status(settings)


if __name__ == "__main__":
    main()
