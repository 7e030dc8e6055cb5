"""Faults by which an answer that is no success is taken for one."""

from tests.mutation.fault import Fault

_WORKER = "tests/integration/trainer/worker/"
_CLIENT = "tests/integration/client/"

FAULTS = (
    Fault(
        "a redirect is a success to the worker",
        "trainer_image/worker/signed_urls.py",
        "    if response.is_redirect:\n",
        "    if response.is_redirect:\n        return\n    if False:\n",
        (f"{_WORKER}test_redirects.py", f"{_WORKER}test_sending.py"),
    ),
    Fault(
        "a redirect is a success to the command line",
        "layers/shared/brightrun/client/storage.py",
        "    if answer.is_redirect:\n",
        "    if answer.is_redirect:\n        return\n    if False:\n",
        (f"{_CLIENT}test_uploads.py::test_a_redirect_is_not_taken_for_stored",),
    ),
)
