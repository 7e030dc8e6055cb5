"""Shapes of models that others have published figures of."""

from brightrun.training.model_dimensions import Shape

LLAMA_8B = Shape(
    hidden=4096,
    layers=32,
    intermediate=14336,
    queries=4096,
    keys=1024,
    vocabulary=128256,
    tied_head=False,
)
