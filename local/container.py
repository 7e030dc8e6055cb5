"""A built function in a container, by `sam local invoke`, against the running local stack.

SAM puts the container into the engine's own network, whose gateway is this machine; the stack
listens on the loopback alone, so that a relay at the gateway leads to it while the function runs.
"""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx

from local.emulator import BUILT, ROOT, NotBuilt, machine
from local.processes.relay import relayed

SAM = ROOT / ".venv-sam" / "bin" / "sam"
_NETWORKS = {"bridge", "podman"}
"""What docker and podman call the network of a container that asks for none."""
_PATIENCE_SECONDS = 5.0
_KEY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")


def gateway(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return this machine's address as containers see it; None where no engine is at work.

    Asked where SAM asks: at the socket that `DOCKER_HOST` names. Podman has one as a service.
    """
    place = environment.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    path = place.removeprefix("unix://")
    if not _listens(path):
        return None
    transport = httpx.HTTPTransport(uds=path)
    try:
        with httpx.Client(transport=transport, timeout=_PATIENCE_SECONDS) as engine:
            networks = engine.get("http://engine/networks").json()
    except (httpx.HTTPError, ValueError):
        return None
    found = [network for network in networks if network["Name"] in _NETWORKS]
    return str(found[0]["IPAM"]["Config"][0]["Gateway"]) if found else None


def _listens(path: str) -> bool:
    """Whether somebody listens at a socket: httpx leaves one of its own open where nobody does."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PATIENCE_SECONDS)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


def _declaring(function: str, variables: Mapping[str, str]) -> Path:
    """Return a template whose function names these variables: SAM sets no other."""
    from samtranslator.yaml_helper import yaml_parse  # noqa: PLC0415 - slow, and only here

    template = yaml_parse((BUILT / "template.yaml").read_text())
    properties = template["Resources"][function]["Properties"]
    declared = properties.setdefault("Environment", {}).setdefault("Variables", {})
    declared |= dict.fromkeys(variables, "")
    file = BUILT / "in-container.json"
    file.write_text(json.dumps(template, default=str))
    return file


def invoked_by_sam(
    function: str, event: str, variables: Mapping[str, Mapping[str, str]], aws_port: int
) -> str:
    """Return what a function answers to a file of `events/`, run by SAM in a container.

    Args:
        variables: of each function, by its name in the template.

    Raises:
        NotBuilt: nothing was built, no container engine is at work, or SAM could not run it.
    """
    address = gateway()
    if address is None:
        raise NotBuilt("no container engine is at work; leave IN out to do without")
    with relayed(address, aws_port) as port, tempfile.TemporaryDirectory() as folder:
        known = {**variables[function], "AWS_ENDPOINT_URL": f"http://{address}:{port}"}
        file = Path(folder) / "env.json"
        file.write_text(json.dumps({function: known}))
        command = [str(SAM), "local", "invoke", function, "--skip-pull-image"]
        command += ["--template", str(_declaring(function, known)), "--env-vars", str(file)]
        command += ["--event", str(ROOT / "events" / f"{event}.json")]
        command += ["--parameter-overrides", f"Arch={machine()}"]
        # the key of the function is that of whoever calls SAM
        environment = {**os.environ, **{name: known[name] for name in _KEY}}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise NotBuilt(f"sam local invoke failed: {done.stderr[-2000:]}")
    return lines[-1]
