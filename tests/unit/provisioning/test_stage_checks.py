"""Each thing a stage needs: good where all is well, and red with what mends it where it is not.

Covers: provisioning.stage_facts.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from brightrun.provisioning.account import EndpointState
from brightrun.provisioning.stage_checks import OUTPUTS, Check, State, checked, is_ready
from brightrun.provisioning.stage_facts import Mail, RunPodAnswer, Stack, StageFacts, Unseen
from brightrun.training.catalog_document import shipped_document
from tests.support.factories import NOON

MODELS = shipped_document().base_models[:2]
ENDPOINT = EndpointState(
    name="brightrun-dev-h100-x2",
    image="you/trainer:1",
    disk_gb=60,
    env={},
    registry=None,
    pools=("ADA_80_PRO",),
    excluded=(),
    gpu_count=2,
    min_cuda="13.0",
    min_workers=0,
    max_workers=3,
    idle_seconds=60,
    scaling=("QUEUE_DELAY", 4.0),
    timeout_ms=86_400_000,
    flashboot="OFF",
    data_centers=(),
    volumes=(),
)
STACK = Stack(
    name="brightrun-dev",
    region="eu-central-1",
    status="UPDATE_COMPLETE",
    outputs={name: f"the-{name}" for name in OUTPUTS},
    parameters={
        "GpuEndpoints": '{"H100 x2": "e1"}',
        "MailFrom": "jobs@example.org",
        "AlarmEmail": "you@example.org",
        "MaxJobHours": "24",
        "EndpointMaxWorkers": "3",
    },
)
HEARD = dict.fromkeys(("validate_dataset", "process_jobs", "create_artifacts"), NOON)
WELL = StageFacts(
    stage="dev",
    now=NOON,
    account="123456789012",
    functions_at_once=1000,
    stack=STACK,
    key=True,
    runpod=RunPodAnswer(key_accepted=True, endpoints={"H100 x2": ENDPOINT}),
    offered=MODELS,
    tokenizers=frozenset(model.id for model in MODELS),
    round_trip=None,
    heard=HEARD,
    mail=Mail(out_of_sandbox=True, sender_verified=True),
    people=(2, 1),
)
AWAY = Unseen("AccessDenied: no")


def with_parameters(**changed: str) -> StageFacts:
    return replace(WELL, stack=replace(STACK, parameters={**STACK.parameters, **changed}))


def with_endpoint(**changed: object) -> StageFacts:
    state = replace(ENDPOINT, **changed)  # type: ignore[arg-type]
    return replace(WELL, runpod=RunPodAnswer(key_accepted=True, endpoints={"H100 x2": state}))


def bad(facts: StageFacts) -> list[Check]:
    return [check for check in checked(facts) if check.state is State.BAD]


def test_a_stage_that_has_everything_is_ready() -> None:
    checks = checked(WELL)

    assert is_ready(checks)
    assert {check.state for check in checks} == {State.GOOD}
    assert len(checks) == 14


RED: list[tuple[StageFacts, str, str, str]] = [
    (replace(WELL, account=AWAY), "identity", "AccessDenied", "aws sts get-caller-identity"),
    (replace(WELL, functions_at_once=10), "quota", "10 functions", "--quota-code L-B99A9384"),
    (
        replace(WELL, stack=replace(STACK, status="ROLLBACK_COMPLETE")),
        "stack",
        "ROLLBACK_COMPLETE",
        "make deploy STAGE=dev",
    ),
    (
        replace(WELL, stack=replace(STACK, outputs={**STACK.outputs, "ApiUrl": ""})),
        "stack",
        "no output ApiUrl",
        "make deploy STAGE=dev",
    ),
    (replace(WELL, key=AWAY), "RunPod key", "cannot be read", "put-secret-value --secret-id the-"),
    (replace(WELL, key=False), "RunPod key", "nothing that looks like a key", "put-secret-value"),
    (
        replace(WELL, runpod=RunPodAnswer(key_accepted=False)),
        "RunPod key",
        "RunPod refuses the key",
        "put-secret-value",
    ),
    (replace(WELL, runpod=Unseen("503")), "RunPod key", "cannot be asked: 503", "runpod.io"),
    (with_parameters(GpuEndpoints="{}"), "endpoints", "names none", "brightrun gpu apply"),
    (
        replace(WELL, runpod=RunPodAnswer(key_accepted=True, endpoints={"H100 x2": None})),
        "endpoint H100 x2",
        "no endpoint e1",
        "brightrun gpu apply --stage dev",
    ),
    (with_endpoint(gpu_count=1), "endpoint H100 x2", "1 GPUs to a worker, 2 are", "gpu apply"),
    (with_endpoint(disk_gb=20), "endpoint H100 x2", "20 GB of disk", "gpu apply"),
    (with_endpoint(min_cuda="12.8"), "endpoint H100 x2", "CUDA from 12.8", "gpu apply"),
    (with_endpoint(min_cuda=None), "endpoint H100 x2", "CUDA from any", "gpu apply"),
    (with_endpoint(timeout_ms=600_000), "endpoint H100 x2", "jobs may take 24", "gpu apply"),
    (with_endpoint(flashboot="FLASHBOOT"), "endpoint H100 x2", "FlashBoot", "gpu apply"),
    (
        replace(WELL, tokenizers=frozenset({MODELS[0].id})),
        f"tokenizer {MODELS[1].id}",
        "tokens are estimated",
        f"brightrun models install-tokenizer {MODELS[1].id} --stage dev",
    ),
    (replace(WELL, tokenizers=AWAY), "tokenizers", "AccessDenied", "aws s3 ls s3://the-BucketName"),
    (
        replace(WELL, round_trip=Unseen("a signed PUT to b answers 403")),
        "storage",
        "answers 403",
        "aws s3api get-bucket-location --bucket the-BucketName",
    ),
    (replace(WELL, heard=Unseen("ConnectError")), "API", "ConnectError", "curl -i the-ApiUrl/api"),
    (
        replace(WELL, heard={**HEARD, "process_jobs": None}),
        "schedule process_jobs",
        "never heard of",
        "sam logs --stack-name brightrun-dev --name ProcessJobsFunction",
    ),
    (
        replace(WELL, now=NOON + timedelta(minutes=4)),
        "schedule validate_dataset",
        "silent for 4 minutes",
        "sam logs",
    ),
    (replace(WELL, people=(0, 0)), "people", "nobody can sign in", "brightrun users add"),
    (replace(WELL, people=AWAY), "people", "AccessDenied", "aws cognito-idp"),
    (replace(WELL, mail=AWAY), "mail", "AccessDenied", "aws sesv2 get-account"),
    (
        replace(WELL, mail=Mail(out_of_sandbox=True, sender_verified=False)),
        "mail",
        "jobs@example.org is not verified",
        "create-email-identity --email-identity jobs@example.org",
    ),
    (
        replace(WELL, mail=Mail(out_of_sandbox=False, sender_verified=True)),
        "mail",
        "sandbox",
        "put-account-details",
    ),
]


@pytest.mark.parametrize(("facts", "name", "says", "mend"), RED)
def test_what_is_wrong_is_red_and_says_what_mends_it(
    facts: StageFacts, name: str, says: str, mend: str
) -> None:
    first = bad(facts)[0]

    assert first.name == name
    assert says in first.says
    assert mend in first.mend
    assert not is_ready(checked(facts))


def test_each_check_has_been_red() -> None:
    """A check that can never be red checks nothing."""
    names = {name.partition(" ")[0] for _, name, _, _ in RED}

    assert {check.name.partition(" ")[0] for check in checked(WELL)} <= names | {"endpoint"}


def test_without_a_stack_the_first_red_line_is_the_deployment() -> None:
    lost = Unseen("there is no stack")
    nothing = replace(
        WELL,
        stack=Unseen("the stack brightrun-dev cannot be read"),
        key=lost,
        runpod=lost,
        tokenizers=lost,
        round_trip=lost,
        heard=lost,
        people=lost,
    )

    assert (bad(nothing)[0].name, bad(nothing)[0].mend) == ("stack", "make deploy STAGE=dev")


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (with_parameters(MailFrom=""), "mail"),
        (with_parameters(AlarmEmail=""), "alarms"),
        (replace(WELL, people=(1, 0)), "people"),
        (replace(WELL, functions_at_once=AWAY), "quota"),
        (replace(WELL, runpod=RunPodAnswer(key_accepted=True)), "endpoint H100 x2"),
    ],
)
def test_what_may_be_meant_so_is_noted_and_not_red(facts: StageFacts, name: str) -> None:
    notes = [check.name for check in checked(facts) if check.state is State.NOTE]

    assert notes == [name]
    assert is_ready(checked(facts))


@pytest.mark.parametrize(("raised_to", "state"), [("3", State.GOOD), ("0", State.BAD)])
def test_an_endpoint_without_workers_is_well_where_a_dispatch_raises_them(
    raised_to: str, state: State
) -> None:
    facts = with_parameters(EndpointMaxWorkers=raised_to)
    answer = RunPodAnswer(
        key_accepted=True, endpoints={"H100 x2": replace(ENDPOINT, max_workers=0)}
    )
    (seen,) = [c for c in checked(replace(facts, runpod=answer)) if c.name == "endpoint H100 x2"]

    assert seen.state is state
