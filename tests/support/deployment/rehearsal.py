"""A shell in which docs/first-hour.md can be carried out: its commands, and what they lead to.

`aws`, `brightrun` and `sam deploy` are real; `make` deploys what the local build made, because a
build for Lambda's Python does not run under the engine's; no image is built or pushed.
"""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local.deploy import ENGINE_KEY, built_template, parameters
from local.settings import LocalSettings
from local.stack import Served

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "first-hour.md"
OVERRIDES = "[dev.global.parameters.parameter_overrides]\n"
PATIENCE_SECONDS = 1200
_BLOCK = re.compile(r"^## (\d+)\. [^\n]*\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMANDS = {
    "make": (
        f'[ "$1" = deploy ] || exit 0\nexec {ROOT}/.venv-sam/bin/sam deploy --config-env dev '
        '--config-file "$PWD/samconfig.toml" --template-file "$PWD/template.json"'
    ),
    "docker": 'echo "$@" >> docker.log',
    "aws": f'exec {sys.executable} {Path(__file__).with_name("aws_command.py")} "$@"',
    "brightrun": (
        f"exec {sys.executable} -c 'import sys; from brightrun.deployment.main import main; "
        'sys.exit(main())\' "$@"'
    ),
}


def steps() -> dict[int, str]:
    """Return the document's shell blocks by the number of their step."""
    found = {}
    for number, text in _BLOCK.findall(DOCUMENT.read_text(encoding="utf-8")):
        (found[int(number)],) = _FENCE.findall(text)
    return found


@dataclass(frozen=True)
class Desk:
    """A folder with the files that the document speaks of, and a shell that remembers."""

    folder: Path
    environ: Mapping[str, str]

    def run(self, commands: str, *, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Carry commands out, one after the other until one fails; exports are remembered."""
        memory = self.folder / "environment.sh"
        script = f"touch {memory}; . {memory}; set -e\n{commands}\nexport -p > {memory}\n"
        return subprocess.run(  # noqa: S603 - our own document
            ["/bin/bash", "-c", script],
            cwd=self.folder,
            env=dict(self.environ),
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )


def desk(settings: LocalSettings, folder: Path, model: Served, hub: str) -> Desk:
    """Return a desk before an AWS account and a provider that hold nothing."""
    _write_commands(folder / "bin")
    template = built_template(settings, ROOT / "template.yaml")
    (folder / "template.json").write_text(json.dumps(template))
    (folder / "samconfig.toml").write_text(_samconfig(settings, model))
    image = "docker.io/you/brightrun-trainer:0.1.0"
    declared = (ROOT / "gpu.toml").read_text()
    (folder / "gpu.toml").write_text(re.sub(r'image = "[^"]*"', f'image = "{image}"', declared))
    return Desk(
        folder,
        {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "AWS_ENDPOINT_URL": settings.aws_url,
            "AWS_ACCESS_KEY_ID": ENGINE_KEY,
            "AWS_SECRET_ACCESS_KEY": ENGINE_KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
            "BRIGHTRUN_RUNPOD_MANAGEMENT_URL": f"{settings.runpod_url}/management",
            "HF_ENDPOINT": hub,
            "SAM_CLI_TELEMETRY": "0",
            "COLUMNS": "200",
        },
    )


def _write_commands(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, line in _COMMANDS.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)


def _samconfig(settings: LocalSettings, model: Served) -> str:
    """Return the project's own file; to the stage's parameters come those of this machine."""
    values = parameters(settings, [model.entry])
    kept = {name: value for name, value in values.items() if name not in {"Stage", "GpuEndpoints"}}
    lines = "".join(f"{name} = '{value}'\n" for name, value in kept.items())
    text = (ROOT / "samconfig.toml").read_text()
    if OVERRIDES not in text:
        raise AssertionError("samconfig.toml has no table of the stage's parameters")
    return text.replace(OVERRIDES, OVERRIDES + lines, 1)


@contextmanager
def hub_of(model: Served) -> Iterator[str]:
    """Serve one model's small files as the Hub would, whatever model and revision is asked for."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = model.folder / self.path.split("/resolve/")[-1].partition("/")[2]
            content = file.read_bytes() if file.is_file() else b""
            self.send_response(200 if content else 404)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
