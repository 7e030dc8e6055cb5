"""The last decoder layer, computed where its states are read.

Attention reads the keys and values of every token. What follows it in the last layer concerns each
token alone, and is asked for where a target is predicted: nowhere else are the output projection
and the feed-forward part computed, there and back. Loss and gradients stay what they were.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from torch import Tensor, nn

from trainer_image.model.architectures import architecture_of
from trainer_image.model.base_model import decoder

if TYPE_CHECKING:
    from trainer_image.data.batches import Documents

Forward = Callable[..., Any]


class _Places:
    """Which positions are read, as the last layer's attention said at last; None: all of them."""

    read: Tensor | None = None


def compute_where_read(model: nn.Module) -> None:
    """Have the last layer of `model` compute what follows its attention where it is read.

    Passes that name no documents, an answer's for one, are left as they are. A layer without
    these parts is, too, and one with experts: what they hold is reckoned by the pass. Repeating
    it changes nothing.
    """
    if architecture_of(cast("Any", model).config).experts:
        return
    layer = cast("Any", decoder(model)).layers[-1]
    attention, wide = getattr(layer, "self_attn", None), getattr(layer, "mlp", None)
    output = getattr(attention, "o_proj", None)
    if attention is None or output is None or wide is None:
        return
    places: _Places | None = getattr(attention.forward, "places", None)
    if places is None:
        places = _Places()
        attention.forward = _saying(attention.forward, places)
    for part in (output, wide):  # one may be new: an adapter's projection on a base used before
        if not hasattr(part.forward, "places"):
            part.forward = _where_read(part.forward, places)


def _saying(forward: Forward, places: _Places) -> Forward:
    """Return the attention's `forward`, which says first what is read: every pass begins there.

    Not the layer's: where a layer is recomputed, its own is not what runs again.
    """

    def saying(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - transformers decides
        documents: Documents | None = kwargs.get("documents")
        places.read = None if documents is None else documents.read
        return forward(*args, **kwargs)

    saying.places = places  # type: ignore[attr-defined]
    return saying


def _where_read(forward: Forward, places: _Places) -> Forward:
    """Return `forward` of a module that takes each token alone, `(1, tokens, width)`."""

    def where_read(x: Tensor, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        read = places.read
        if read is None:
            return forward(x, *args, **kwargs)
        output = forward(x[0].index_select(0, read)[None], *args, **kwargs)
        # nobody reads the other rows
        whole = output.new_zeros(x.shape[1], output.shape[-1])
        return whole.index_copy_(0, read, output[0])[None]

    where_read.places = places  # type: ignore[attr-defined]
    return where_read
