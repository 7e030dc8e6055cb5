"""Liger's Triton kernels in place of a loaded model's own parts, and those parts back again.

Liger replaces RMSNorm and the gated MLP in the instance, and both again, with the rotation, in the
module that the model's class is written in: for every model of that kind that the process makes.
"""

import sys
from types import ModuleType
from typing import Any, cast

from torch import nn

_SILU = frozenset({"silu", "swish"})
_GELU = "gelu_pytorch_tanh"
_own_parts: list[tuple[ModuleType, str, object]] = []
"""Where, what it is called there, and what was there before Liger."""


def use(model: nn.Module, patches: Any = None) -> bool:  # noqa: ANN401 - a module without types
    """Give `model` Liger's kernels; False, and nothing changed, where Liger does not know its kind.

    Args:
        patches: `liger_kernel.transformers.monkey_patch`, which needs Triton; imported when absent.
    """
    if patches is None:
        # there where Triton is: on a machine with a GPU
        from liger_kernel.transformers import monkey_patch  # noqa: PLC0415

        patches = monkey_patch

    config = cast("Any", model).config
    if config.model_type not in patches.MODEL_TYPE_TO_APPLY_LIGER_FN:
        return False
    modelling = sys.modules[type(model).__module__]
    before = dict(vars(modelling))
    # an argument that this kind does not have is left out by Liger itself
    patches._apply_liger_kernel_to_instance(  # noqa: SLF001 - its way to patch a loaded model
        model, fused_linear_cross_entropy=False, cross_entropy=False, **gates(config)
    )
    _own_parts.extend(
        (modelling, name, part)
        for name, part in before.items()
        if vars(modelling)[name] is not part
    )
    return True


def gates(config: Any) -> dict[str, bool]:  # noqa: ANN401 - fields differ from type to type
    """Return which gated MLPs Liger may replace: it computes its own activation, whatever is asked.

    SiLU in SwiGLU and the GELU made of tanh in GEGLU; every other is left to the model.
    """
    asked = getattr(config, "hidden_activation", None) or getattr(config, "hidden_act", None)
    return {"swiglu": asked in _SILU, "geglu": asked == _GELU}


def give_back() -> None:
    """Put transformers' own parts back for models made from now on. Repeating it changes nothing.

    A model in use loses the fused rotation, which it looks up at each pass; its results stay.
    """
    while _own_parts:
        modelling, name, part = _own_parts.pop()
        setattr(modelling, name, part)
