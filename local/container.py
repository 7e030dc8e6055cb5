"""A built function in a container, by `sam local invoke`, against the running local stack.

SAM puts the container into the engine's own network, whose gateway is this machine; the stack
listens on the loopback alone, so that a relay at the gateway leads to it while the function runs.
"""

import json
import os
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


def gateway(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return this machine's address as containers see it; None where no engine is at work.

    Asked where SAM asks: at the socket that `DOCKER_HOST` names. Podman has one as a service.
    """
    place = environment.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    transport = httpx.HTTPTransport(uds=place.removeprefix("unix://"))
    try:
        with httpx.Client(transport=transport, timeout=_PATIENCE_SECONDS) as engine:
            networks = engine.get("http://engine/networks").json()
    except (httpx.HTTPError, ValueError):
        return None
    found = [network for network in networks if network["Name"] in _NETWORKS]
    return str(found[0]["IPAM"]["Config"][0]["Gateway"]) if found else None


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
        reach = {"AWS_ENDPOINT_URL": f"http://{address}:{port}"}
        file = Path(folder) / "env.json"
        file.write_text(json.dumps({name: {**known, **reach} for name, known in variables.items()}))
        command = [str(SAM), "local", "invoke", function]
        command += ["--template", str(BUILT / "template.yaml"), "--env-vars", str(file)]
        command += ["--event", str(ROOT / "events" / f"{event}.json")]
        command += ["--parameter-overrides", f"Arch={machine()}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise NotBuilt(f"sam local invoke failed: {done.stderr[-2000:]}")
    return lines[-1]
