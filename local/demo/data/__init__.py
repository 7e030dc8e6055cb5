"""The demo's text: conversations to fine-tune on, and a handbook its base model has read."""
