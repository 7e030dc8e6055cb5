"""The one version of the engine that we know.

The gaps are closed for it only; tests/stack is the gate for another.
"""

ENGINE_VERSION = "1.5.33"
