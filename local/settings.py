"""Where the local stack lives: ports, folders, names. Read once, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.processes.loopback import HOST

REGION = "us-east-1"
STACK_NAME = "brightrun-local"
ADMIN_EMAIL = "owner@brightrun.test"

# As in the shipped catalogue; V100 has no endpoint, as on the real service.
GPU_ENDPOINTS = {
    "A100-80GB": "local-a100-80gb",
    "A100-80GB x2": "local-2x-a100-80gb",
    "A100-40GB": "local-a100-40gb",
    "H100": "local-h100",
}


@dataclass(frozen=True)
class LocalSettings:
    """One local stack; two with different ports and homes can run side by side."""

    root: Path
    home: Path
    front_port: int = 8700
    aws_port: int = 8701
    runpod_port: int = 8702

    @property
    def front_url(self) -> str:
        return f"http://{HOST}:{self.front_port}"

    @property
    def aws_url(self) -> str:
        return f"http://{HOST}:{self.aws_port}"

    @property
    def runpod_url(self) -> str:
        return f"http://{HOST}:{self.runpod_port}"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def packages(self) -> Path:
        """Installed packages; every stack of this checkout shares them."""
        return self.root / ".brightrun" / "packages"

    @property
    def pages(self) -> Path:
        """The built dashboard; `make` builds it."""
        return self.root / "web" / "dist"

    @property
    def engine_python(self) -> Path:
        return self.root / ".venv-engine" / "bin" / "python"


def read_settings(environment: Mapping[str, str] = os.environ) -> LocalSettings:
    """Return the settings of this checkout: `BRIGHTRUN_{FRONT,AWS,RUNPOD}_PORT`, `_LOCAL_HOME`."""
    root = Path(__file__).parents[1]
    return LocalSettings(
        root=root,
        home=Path(environment.get("BRIGHTRUN_LOCAL_HOME", root / ".brightrun")).resolve(),
        front_port=int(environment.get("BRIGHTRUN_FRONT_PORT", "8700")),
        aws_port=int(environment.get("BRIGHTRUN_AWS_PORT", "8701")),
        runpod_port=int(environment.get("BRIGHTRUN_RUNPOD_PORT", "8702")),
    )
