"""`brightrun`: every command, those of whoever deploys too, and how each of them ends."""

from collections.abc import Sequence

from brightrun.cli.exit_status import ExitStatus
from brightrun.cli.main import app
from brightrun.cli.main import main as run
from brightrun.cli.output import complain
from brightrun.cli.session import Session
from brightrun.deployment import doctor, gpu, model_entries, outputs, tokenizers, users
from brightrun.deployment.aws import is_refusal
from brightrun.errors import ProviderRefused, ProviderUnavailable

__all__ = ["app", "main"]
COMMANDS = (
    outputs.register,
    gpu.register,
    users.register,
    tokenizers.register,
    model_entries.register,
    doctor.register,
)
"""In the order of `--help`, behind the commands of those who train."""

for register in COMMANDS:
    register(app)


def main(arguments: Sequence[str] | None = None, session: Session | None = None) -> int:
    """Run one command and return its exit status; see `ExitStatus`."""
    try:
        return run(arguments, session)
    except ProviderRefused as refused:
        complain(str(refused))
        return ExitStatus.REFUSED
    except ProviderUnavailable as lost:
        complain(f"{lost}; nothing is lost: run the same command again")
        return ExitStatus.UNREACHABLE
    except Exception as error:
        if not is_refusal(error):
            raise
        complain(f"AWS: {error}")
        return ExitStatus.REFUSED
