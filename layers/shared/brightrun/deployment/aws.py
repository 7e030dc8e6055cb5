"""The AWS account of whoever deploys: its clients, and where in it a stage stands.

boto3 is imported when a command needs it: whoever only trains has none.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.session import Session
from brightrun.provisioning.sam_parameter import CannotWrite, Deployed, deployed

Stage = Annotated[str, typer.Option(metavar="NAME", help="As in samconfig.toml: dev, prod.")]
SamConfig = Annotated[
    Path, typer.Option(metavar="FILE", help="Names the stack and its region by stage.")
]
SAMCONFIG = Path("samconfig.toml")


Connect = Callable[[str, str | None], Any]
"""A client of a service in a region; None: the shell's own."""


@dataclass(frozen=True)
class StageInAws:
    """A stage's stack, as the credentials of this shell see it."""

    where: Deployed
    connect: Connect
    _clients: dict[str, Any] = field(default_factory=dict)
    _stack: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients by name
        """Return a client of one service, in the stage's region.

        Raises:
            WrongCommand: there is no boto3, or no region.
        """
        if service not in self._clients:
            self._clients[service] = self.connect(service, self.where.region)
        return self._clients[service]

    def outputs(self) -> Mapping[str, str]:
        """Return the stack's outputs; WrongCommand where it cannot be read."""
        told = self.stack().get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in told}

    def parameters(self) -> Mapping[str, str]:
        """Return what the stack was deployed with; WrongCommand where it cannot be read."""
        told = self.stack().get("Parameters", [])
        return {each["ParameterKey"]: each["ParameterValue"] for each in told}

    def stack(self) -> Mapping[str, Any]:
        """Return what CloudFormation says of the stack, asked once.

        Raises:
            WrongCommand: there is no such stack, or no permission to see it.
        """
        if not self._stack:
            self._stack.update(self._described())
        return self._stack

    def _described(self) -> Mapping[str, Any]:
        cloudformation, refusals = self.client("cloudformation"), refused_calls()
        name = self.where.stack_name
        try:
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        except refusals as error:
            raise WrongCommand(f"the stack {name} cannot be read: {error}") from error
        known: Mapping[str, Any] = stack
        return known

    def output(self, name: str) -> str:
        """Return one output; WrongCommand where the stack has none of that name."""
        outputs = self.outputs()
        if name not in outputs:
            raise WrongCommand(f"the stack {self.where.stack_name} has no output {name}")
        return outputs[name]


def stage_in_aws(session: Session, stage: str, samconfig: Path) -> StageInAws:
    """Return a stage; its name and region are those of the file, where there is one."""
    text = samconfig.read_text(encoding="utf-8") if samconfig.is_file() else ""
    connect = session.connect_aws if isinstance(session, DeploySession) else boto3_client
    try:
        return StageInAws(deployed(text, stage), connect)
    except CannotWrite as error:
        raise WrongCommand(str(error)) from error


def boto3_client(service: str, region: str | None) -> Any:  # noqa: ANN401 - boto3 makes clients by name
    """Return boto3's client, bounded in time and tries.

    Raises:
        WrongCommand: there is no boto3, or no region.
    """
    try:
        import boto3  # noqa: PLC0415 - see above
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import NoRegionError  # noqa: PLC0415
    except ImportError as error:
        raise WrongCommand("this needs boto3: pip install './layers/shared[deploy]'") from error
    config = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"total_max_attempts": 3, "mode": "standard"},
        # what is signed names the bucket's own region, as the functions sign it
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
    try:
        return boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]
    except NoRegionError as error:
        raise WrongCommand("no region: set AWS_REGION, or `region` in samconfig.toml") from error


def refused_calls() -> tuple[type[Exception], ...]:
    """Return what a call of a client raises when AWS refuses it, or does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    return BotoCoreError, ClientError


def is_refusal(error: Exception) -> bool:
    """Whether AWS refused a call, or did not answer; where no client was made, it was not AWS."""
    return "botocore" in sys.modules and isinstance(error, refused_calls())


@dataclass(frozen=True, slots=True)
class DeploySession(Session):
    """A session with an AWS account; tests give it another one."""

    connect_aws: Connect = boto3_client
