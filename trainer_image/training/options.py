"""What a worker may be told to use beyond the usual: off by default, refused where it is not there.

Numbers differ with them, so what they cost must show: FP8 wants held-out rows, on which the adapter
is scored with exact products.
"""

from collections.abc import Callable, Iterable
from importlib.util import find_spec

import torch

from brightrun.training.failure_codes import FailureCode
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import Option
from trainer_image.model.kernels import frozen_fp8

Capability = tuple[int, int]
IsThere = Callable[[str], bool]
_FLASH = {
    Option.FA3: ("FA3", "flash_attn_interface", frozenset({9})),
    Option.FA4: ("FA4", "flash_attn.cute", frozenset({9, 10})),
}
"""torch's name, the package that has the kernels, and the generations of GPUs they are for."""


def is_there(module: str) -> bool:
    """Return whether `module` can be imported, without importing more than its parents."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def require(
    options: Iterable[Option],
    capability: Capability | None,
    held_out: int,
    *,
    unpacked: bool,
    found: IsThere = is_there,
) -> None:
    """Refuse options that this machine or this run has no use for.

    Args:
        capability: of the GPU; None: there is none.
        held_out: rows that the adapter will be compared on.
        unpacked: whether memory holds two bytes per frozen weight beside the packed ones.

    Raises:
        RunFailed: `BAD_CONFIGURATION`, with the reason.
    """
    for option in options:
        if option is Option.FP8:
            reason = _no_fp8(capability, held_out, unpacked=unpacked)
        else:
            reason = _no_flash(option, capability, found)
        if reason:
            raise RunFailed(
                FailureCode.BAD_CONFIGURATION,
                f"this worker's option {option} cannot be used: {reason}; take it out of"
                " BRIGHTRUN_TRAINING_OPTIONS",
            )


def activate(options: Iterable[Option]) -> None:
    """Have torch compute attention with the kernels that were asked for."""
    from torch.nn.attention import activate_flash_attention_impl  # noqa: PLC0415 - torch >= 2.11

    for option in options:
        if option in _FLASH:
            activate_flash_attention_impl(_FLASH[option][0])


def capability_of(device: torch.device) -> Capability | None:
    """Return the GPU's compute capability; None for a CPU."""
    return torch.cuda.get_device_capability(device) if device.type == "cuda" else None


def _no_fp8(capability: Capability | None, held_out: int, *, unpacked: bool) -> str | None:
    if reason := frozen_fp8.why_not(capability):
        return reason
    if not held_out:
        return "nothing is held out, so no comparison would show what it costs"
    return None if unpacked else "memory has no room for two FP8 copies of the weights"


def _no_flash(option: Option, capability: Capability | None, found: IsThere) -> str | None:
    _, package, generations = _FLASH[option]
    if capability is None:
        return "there is no GPU"
    if capability[0] not in generations:
        return f"its kernels are not for GPUs of compute capability {capability[0]}.{capability[1]}"
    return None if found(package) else f"{package} is not installed"
