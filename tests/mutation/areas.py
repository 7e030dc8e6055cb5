"""Every deliberate fault there is, by area.

An area is a folder beside this file, and each of its modules holds a list `FAULTS`: whoever adds a
module has added its faults.
"""

from importlib import import_module
from pathlib import Path

from tests.mutation.fault import Fault

_HERE = Path(__file__).parent


def areas() -> list[str]:
    """Return the names of the areas."""
    return sorted({module.parent.name for module in _HERE.glob("*/*.py")})


def faults_of(area: str) -> list[Fault]:
    """Return the faults of an area, module by module."""
    modules = sorted(module.stem for module in (_HERE / area).glob("*.py"))
    return [
        fault
        for module in modules
        for fault in import_module(f"tests.mutation.{area}.{module}").FAULTS
    ]
