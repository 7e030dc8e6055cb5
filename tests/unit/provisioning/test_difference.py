"""What would be changed at the provider: what differs, nothing else, and nothing twice.

Covers: provisioning.account, provisioning.cards.
"""

from dataclasses import replace

from brightrun.provisioning.account import (
    Account,
    VolumeState,
    wanted_endpoint,
    wanted_template,
)
from brightrun.provisioning.cards import ProviderGpu, select_cards
from brightrun.provisioning.declaration import Declaration, read_declaration
from brightrun.provisioning.difference import Action, endpoint_ids, make_plan

GPUS = (
    ProviderGpu("NVIDIA A100 80GB PCIe", "AMPERE_80", 2.74),
    ProviderGpu("NVIDIA A100-SXM4-80GB", "AMPERE_80", 2.74),
    ProviderGpu("NVIDIA L40S", "ADA_48_PRO", 1.91),
    ProviderGpu("NVIDIA L40", "ADA_48_PRO", 1.91),
    ProviderGpu("Tesla V100-SXM2-32GB", None, None),
)
EMPTY = Account(gpus=GPUS, secrets=frozenset({"hf_token"}))


def declared(more: str = "", gpu: str = "A100-80GB") -> Declaration:
    return read_declaration(f'[[endpoint]]\ngpu = "{gpu}"\nimage = "you/trainer:1"\n{more}')


def there(declaration: Declaration) -> Account:
    """An account that has what is declared."""
    endpoint = declaration.endpoints[0]
    state = wanted_endpoint("dev", endpoint, select_cards(endpoint.gpu, GPUS, endpoint.cards))
    template = wanted_template("dev", endpoint)
    return replace(
        EMPTY, endpoints=(replace(state, id="e1"),), templates=(replace(template, id="t1"),)
    )


def test_an_empty_account_gets_everything_volumes_first() -> None:
    volume = '[[volume]]\nname = "weights"\nsize_gb = 50\ndata_center = "EU-RO-1"\n'
    plan = make_plan("dev", declared(f'volume = "weights"\n{volume}'), EMPTY)

    assert [(change.action, change.kind) for change in plan.changes] == [
        ("create", "volume"),
        ("create", "template"),
        ("create", "endpoint"),
    ]
    assert not plan.problems


def test_what_is_there_as_declared_is_kept() -> None:
    plan = make_plan("dev", declared(), there(declared()))

    assert not plan.pending


def test_each_field_that_differs_is_told_with_both_values() -> None:
    account = there(declared())
    lowered = replace(account, endpoints=(replace(account.endpoints[0], max_workers=0),))

    (change,) = make_plan("dev", declared(), lowered).pending

    assert (change.action, change.id) == (Action.UPDATE, "e1")
    assert [(f.name, f.was, f.becomes) for f in change.fields] == [("max_workers", 0, 3)]


def test_places_that_were_left_to_runpod_are_no_difference() -> None:
    account = there(declared())
    placed = replace(account.endpoints[0], data_centers=("EU-RO-1", "US-TX-3"))
    elsewhere = replace(account, endpoints=(placed,))

    assert not make_plan("dev", declared(), elsewhere).pending
    (change,) = make_plan("dev", declared('data_centers = ["EU-RO-1"]'), elsewhere).pending
    assert [field.name for field in change.fields] == ["data_centers"]


def test_only_the_cards_of_the_type_are_asked_for() -> None:
    """A pool of RunPod's holds other cards too; an L40 is no L40S."""
    selection = select_cards("L40S", GPUS)

    assert (selection.pools, selection.excluded) == (("ADA_48_PRO",), ("NVIDIA L40",))


def test_a_type_that_is_in_no_pool_is_a_problem() -> None:
    plan = make_plan("dev", declared(gpu="V100-32GB"), EMPTY)

    assert plan.problems == ("V100-32GB is in no serverless pool (no card that we know of)",)


def test_cards_of_ones_own_choice_must_be_in_a_pool_too() -> None:
    plan = make_plan("dev", declared('cards = ["Tesla V100-SXM2-32GB"]', "V100-32GB"), EMPTY)

    assert "Tesla V100-SXM2-32GB" in plan.problems[0]


def test_two_things_of_one_name_stop_everything() -> None:
    account = there(declared())
    twin = replace(account.endpoints[0], id="e2", name=f"{account.endpoints[0].name} -fb")
    plan = make_plan("dev", declared(), replace(account, endpoints=(*account.endpoints, twin)))

    assert plan.problems == (
        "endpoint brightrun-dev-a100-80gb-x1 is there 2 times (e1, e2): delete all but one",
    )


def test_a_volume_grows_and_does_nothing_else() -> None:
    text = '[[volume]]\nname = "weights"\nsize_gb = {}\ndata_center = "EU-RO-1"\n'
    there_is = replace(EMPTY, volumes=(VolumeState("weights", 50, "EU-RO-1", "STANDARD", "v1"),))
    grown = make_plan("dev", declared(text.format(80)), there_is)
    shrunk = make_plan("dev", declared(text.format(20)), there_is)
    moved = make_plan("dev", declared(text.format(50).replace("RO", "CZ")), there_is)

    assert (grown.changes[0].action, grown.problems) == (Action.UPDATE, ())
    assert shrunk.problems == ("volume weights has 50 GB and cannot become smaller",)
    assert moved.problems == ("volume weights: data_center is EU-RO-1 and cannot change",)


def test_a_secret_that_the_account_lacks_is_a_problem() -> None:
    plan = make_plan("dev", declared('hub_token_secret = "other"'), EMPTY)
    unseen = make_plan("dev", declared('hub_token_secret = "other"'), replace(EMPTY, secrets=None))

    assert "the account has no secret 'other'" in plan.problems[0]
    assert not unseen.problems


def test_the_token_stands_nowhere_only_the_name_of_its_secret() -> None:
    plan = make_plan("dev", declared('hub_token_secret = "hf_token"'), EMPTY)

    environments = [change.wanted.env for change in plan.changes]  # type: ignore[union-attr]
    assert environments == [{"HF_TOKEN": "{{ RUNPOD_SECRET_hf_token }}"}] * 2


def test_what_the_api_cannot_set_is_left_to_a_person() -> None:
    plan = make_plan("dev", declared('cached_model = "Qwen/Qwen3-8B"'), EMPTY)

    assert any("Model: https://huggingface.co/Qwen/Qwen3-8B" in n for n in plan.notices)


def test_what_is_not_declared_is_told_and_left_alone() -> None:
    account = there(declared())
    other = replace(account.endpoints[0], name="brightrun-dev-h100-x1", id="e9", min_workers=1)
    foreign = replace(other, name="somebody-elses", id="f1")
    plan = make_plan(
        "dev", declared(), replace(account, endpoints=(*account.endpoints, other, foreign))
    )

    told = [notice for notice in plan.notices if "not declared" in notice]
    assert told == [
        "not declared, left alone: endpoint brightrun-dev-h100-x1 (e9, 1 workers always on)"
    ]
    assert not plan.pending


def test_the_worst_hour_and_workers_that_never_rest_are_priced() -> None:
    plan = make_plan("dev", declared("count = 2\nmax_workers = 3\nmin_workers = 1"), EMPTY)

    assert "all workers at once: 16.44 USD an hour by RunPod's list" in plan.notices[0]
    assert plan.notices[1] == "workers of A100-80GB x2: 1 always on, paid for around the clock"


def test_the_parameter_names_the_endpoints_that_are_there() -> None:
    more = '[[endpoint]]\ngpu = "A100-80GB"\ncount = 2\nimage = "you/trainer:1"\n'

    assert endpoint_ids("dev", declared(more), there(declared())) == {"A100-80GB": "e1"}
