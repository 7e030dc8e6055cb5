"""The base model, its adapter and its kernels."""
