"""The arithmetic that takes the time: attention by document, LoRA linear, head and loss."""
