"""`python -m local up | down | status`: the local stack by hand; `make dev` is `up`."""

import argparse
import sys

from local import stack
from local.build import BuildFailed
from local.deploy import DeployFailed
from local.processes.children import NotReady
from local.settings import ADMIN_EMAIL, LocalSettings, read_settings


def up(settings: LocalSettings) -> None:
    """Start everything, leave it running, and say how to use it."""
    running = stack.up(settings, [stack.demo_base_model(settings)], leashed=False)
    print(welcome(running))


def welcome(running: stack.Stack) -> str:
    """Return what a person needs to use a running stack."""
    settings = running.settings
    key = running.credentials.api_key
    authorization = f'-H "Authorization: Bearer {key}"'
    return "\n".join(
        (
            f"API and pages   {settings.front_url}",
            f"API reference   {settings.front_url}/docs",
            f"AWS endpoint    {settings.aws_url}  (AWS_ENDPOINT_URL; key and secret: test)",
            f"RunPod stand-in {settings.runpod_url}/v2",
            f"Sign in         {ADMIN_EMAIL}  {running.credentials.password}",
            f"API key         {key}",
            f"Logs            {settings.logs}",
            "",
            "Try:",
            f"  curl {authorization} {settings.front_url}/api/catalog",
            f"  curl {authorization} {settings.front_url}/api/datasets",
            f"  curl {authorization} {settings.front_url}/api/jobs",
            "",
            "Stop: make down",
        )
    )


def down(settings: LocalSettings) -> None:
    """Stop everything; data stays for the next time."""
    stopped = stack.down(settings)
    print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


def status(settings: LocalSettings) -> None:
    """Say what runs; the exit status is 0 only when all of it does."""
    parts = stack.status(settings)
    for name, pid in parts.items():
        print(f"{name:8} {f'running, process {pid}' if pid else 'down'}")
    if None in parts.values():
        sys.exit(1)


def main() -> None:
    commands = {"up": up, "down": down, "status": status}
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=commands)
    try:
        commands[parser.parse_args().command](read_settings())
    except (BuildFailed, DeployFailed, NotReady, stack.CannotStart) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
