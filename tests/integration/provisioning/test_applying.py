"""Bringing the provider's account to what is declared, while calls fail in every way they do.

Covers: provisioning.account, provisioning.cards.
"""

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.ports.runpod.applying import apply_declaration
from brightrun.ports.runpod.resources import Management, see_account
from brightrun.provisioning.declaration import Declaration, read_declaration
from brightrun.provisioning.difference import endpoint_ids, make_plan
from tests.support.deployment.standin_account import StandInAccount

TEXT = """
[defaults]
image = "you/trainer:1"
hub_token_secret = "hf_token"

[[volume]]
name = "weights"
size_gb = 50
data_center = "EU-RO-1"

[[endpoint]]
gpu = "H100"
count = 2
volume = "weights"

[[endpoint]]
gpu = "A100-80GB"
scaling = "request_count"
"""
DECLARED = read_declaration(TEXT)


@pytest.fixture
def account() -> StandInAccount:
    return StandInAccount("hf_token")


def creations(account: StandInAccount) -> list[str]:
    return [call for call in account.calls if call.startswith("POST")]


def pending(account: StandInAccount, declared: Declaration = DECLARED) -> list[str]:
    plan = make_plan("dev", declared, see_account(account.api))
    return [change.wanted.name for change in plan.pending]


def test_what_is_declared_is_made_as_the_published_schema_wants_it(account: StandInAccount) -> None:
    """The stand-in refuses an unknown field, a wrong type, and an idle time it has no use for."""
    after = apply_declaration(account.api, "dev", DECLARED)

    assert set(endpoint_ids("dev", DECLARED, after)) == {"H100 x2", "A100-80GB"}
    (volume_id,) = account.resources.volumes
    first, second = account.resources.endpoints.values()
    assert (first["gpu"]["count"], first["networkVolumes"]) == (2, [volume_id])
    assert (first["workers"]["idleTimeout"], first["gpu"]["minCudaVersion"]) == (60, "13.0")
    assert "idleTimeout" not in second["workers"]
    assert first["env"] == {"HF_TOKEN": "{{ RUNPOD_SECRET_hf_token }}"}
    assert first["timeout"] == 86_400_000


def test_doing_it_again_asks_for_nothing(account: StandInAccount) -> None:
    apply_declaration(account.api, "dev", DECLARED)
    account.calls.clear()
    apply_declaration(account.api, "dev", DECLARED)

    assert {call.split()[0] for call in account.calls} == {"GET"}


@pytest.mark.parametrize("kind", ["network-volumes", "templates", "serverless"])
def test_a_creation_that_answers_5xx_and_happened_is_not_made_twice(
    account: StandInAccount, kind: str
) -> None:
    account.breaks(f"POST {kind}", status=500, done=True)
    apply_declaration(account.api, "dev", DECLARED)

    assert len(account.resources.of(kind)) == (2 if kind == "serverless" else 1)
    assert not pending(account)


@pytest.mark.parametrize("kind", ["network-volumes", "templates", "serverless"])
def test_a_creation_that_failed_is_tried_again(account: StandInAccount, kind: str) -> None:
    account.breaks(f"POST {kind}", times=2, status=503)
    apply_declaration(account.api, "dev", DECLARED)

    assert not pending(account)


def test_tries_are_bounded_and_what_was_made_is_found_the_next_time(
    account: StandInAccount,
) -> None:
    account.breaks("POST serverless", times=3, status=503)
    with pytest.raises(ProviderUnavailable):
        apply_declaration(account.api, "dev", DECLARED)

    assert creations(account).count("POST serverless") == 3
    assert pending(account) == ["brightrun-dev-h100-x2", "brightrun-dev-a100-80gb-x1"]
    apply_declaration(account.api, "dev", DECLARED)
    assert not pending(account)
    assert len(account.resources.volumes) == 1


@pytest.mark.parametrize("call", ["GET serverless", "GET gpus", "GET network-volumes"])
def test_a_list_that_fails_twice_is_read_all_the_same(account: StandInAccount, call: str) -> None:
    account.breaks(call, times=2, status=503)
    apply_declaration(account.api, "dev", DECLARED)

    assert not pending(account)


def test_a_refusal_is_told_in_runpods_own_words(account: StandInAccount) -> None:
    account.breaks("POST serverless", status=402)
    with pytest.raises(ProviderRefused, match="402: Payment Required: a fault"):
        apply_declaration(account.api, "dev", DECLARED)

    assert creations(account).count("POST serverless") == 1


def test_a_wrong_key_makes_nothing(account: StandInAccount) -> None:
    api = Management(account.client_with("another"), account.waited.append)
    with pytest.raises(ProviderRefused, match="401"):
        apply_declaration(api, "dev", DECLARED)

    assert not creations(account)


def test_a_list_longer_than_a_page_hides_nothing(account: StandInAccount) -> None:
    """What stands on the second page would be made again, and bill twice."""
    apply_declaration(account.api, "dev", DECLARED)
    account.resources.page_size = 1
    account.calls.clear()
    apply_declaration(account.api, "dev", DECLARED)

    assert not creations(account)


def test_a_key_that_may_not_list_secrets_can_still_deploy(account: StandInAccount) -> None:
    account.breaks("GET secrets", times=9, status=403)
    apply_declaration(account.api, "dev", DECLARED)

    assert not pending(account)


def test_a_change_in_the_console_is_seen_and_taken_back(account: StandInAccount) -> None:
    apply_declaration(account.api, "dev", DECLARED)
    for endpoint in account.resources.endpoints.values():
        endpoint["gpu"] = {**endpoint["gpu"], "minCudaVersion": None, "excludedTypes": []}
        endpoint["disk"] = 20
        endpoint["flashboot"] = "FLASHBOOT"
    account.calls.clear()

    assert pending(account) == ["brightrun-dev-h100-x2", "brightrun-dev-a100-80gb-x1"]
    apply_declaration(account.api, "dev", DECLARED)
    assert not pending(account)
    assert not creations(account)


def test_what_runpod_accepts_and_does_not_do_is_not_believed(account: StandInAccount) -> None:
    apply_declaration(account.api, "dev", DECLARED)
    for endpoint in account.resources.endpoints.values():
        endpoint["disk"] = 20
    deaf = httpx.Client(
        base_url=account.client.base_url,
        headers=account.client.headers,
        transport=httpx.MockTransport(
            lambda request: (
                httpx.Response(200, json={})
                if request.method == "PATCH"
                else account.client.send(request)
            )
        ),
    )
    with pytest.raises(ProviderRefused, match=r"did not take everything.*disk_gb is 20"):
        apply_declaration(Management(deaf, account.waited.append), "dev", DECLARED)


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    gpus = draw(
        st.lists(
            st.tuples(st.sampled_from(["H100", "A100-80GB", "L40S"]), st.integers(1, 8)),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    volumes = draw(st.lists(st.sampled_from(["one", "two"]), unique=True, max_size=2))
    entries = []
    for gpu, count in gpus:
        by_count = draw(st.booleans())
        entries.append(
            {
                "gpu": gpu,
                "count": count,
                "image": draw(st.sampled_from(["you/trainer:1", "you/trainer:2"])),
                "disk_gb": draw(st.integers(40, 300)),
                "min_cuda": draw(st.sampled_from(["13.0", "13.2"])),
                "max_workers": draw(st.integers(1, 5)),
                "scaling": "request_count" if by_count else "queue_delay",
                "idle_seconds": None if by_count else draw(st.none() | st.integers(1, 3600)),
                "flashboot": draw(st.sampled_from(["off", "flashboot"])),
                "volume": draw(st.sampled_from([None, *volumes])),
                "registry": draw(st.sampled_from([None, "reg-1"])),
                "env": draw(st.dictionaries(st.sampled_from("ABC"), st.text("xy"), max_size=2)),
            }
        )
    size = {"size_gb": 50, "data_center": "EU-RO-1"}
    told = {"endpoints": entries, "volumes": [{"name": name, **size} for name in volumes]}
    return Declaration.model_validate(told)


@given(first=declarations(), then=declarations(), lost=st.integers(0, 3))
@settings(max_examples=25)
def test_whatever_was_there_afterwards_it_is_as_declared_and_stays_so(
    first: Declaration, then: Declaration, lost: int
) -> None:
    """Idempotence: from any account, with answers lost on the way, a second time does nothing."""
    account = StandInAccount()
    apply_declaration(account.api, "dev", first)
    if lost:
        account.breaks("POST serverless", times=lost, status=500, done=True)
        account.breaks("PATCH serverless", times=min(lost, 2), status=502, done=True)
    apply_declaration(account.api, "dev", then)
    account.calls.clear()
    apply_declaration(account.api, "dev", then)

    assert not pending(account, then)
    assert {call.split()[0] for call in account.calls} == {"GET"}
    names = [endpoint["name"] for endpoint in account.resources.endpoints.values()]
    assert len(names) == len(set(names))
