"""BrightRun: a file of conversations in, a verified LoRA adapter out.

Rules are pure; only `brightrun.ports` knows a wire; `brightrun.runtime` joins the two.
"""
