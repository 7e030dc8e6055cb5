"""An id of a stranger's choosing stays one part of a path of the provider's."""

import httpx
import pytest

from brightrun.ports.runpod.jobs import RunPod, cancel_run, see_run

STRANGE = [
    "x/../../purge-queue?",
    "x/../../../other/cancel/run#",
    "..",
    "%2e%2e/purge-queue",
    "a b\r\nHost: elsewhere",
]


def asked_by(runs_id: str) -> list[bytes]:
    """Cancel a run and look at it; return the paths that were asked, as they went out."""
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path)
        return httpx.Response(200, json={"id": "r", "status": "COMPLETED"})

    base = "https://api.runpod.test/v2"
    http = httpx.Client(base_url=base, transport=httpx.MockTransport(answer))
    runpod = RunPod(http, sleep=lambda _: None)
    cancel_run(runpod, "mine", runs_id)
    see_run(runpod, "mine", runs_id)
    return asked


@pytest.mark.parametrize("runs_id", STRANGE)
def test_no_id_leads_to_another_path_of_the_provider(runs_id: str) -> None:
    paths = asked_by(runs_id)

    assert [path.rsplit(b"/", 1)[0] for path in paths] == [
        b"/v2/mine/cancel",
        b"/v2/mine/status",
        b"/v2/mine/status",
    ]
    assert all(b"?" not in path and b"#" not in path and b".." not in path for path in paths)


def test_an_id_of_the_providers_own_stands_as_it_is() -> None:
    assert asked_by("0b1c-u1")[0] == b"/v2/mine/cancel/0b1c-u1"
