"""Is a stage able to train a model: one line for each thing it needs, and what mends it. Pure."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from brightrun.provisioning.account import EndpointState
from brightrun.provisioning.declaration import LEAST_CUDA, LEAST_DISK_GB, cuda_version
from brightrun.provisioning.stage_facts import RunPodAnswer, Stack, StageFacts, Unseen
from brightrun.training.catalog import endpoints_by_type

OUTPUTS = ("ApiUrl", "BucketName", "RunPodSecretArn", "TableName", "UserPoolClientId", "UserPoolId")
SILENT = timedelta(minutes=3)
"""Schedules come each minute; three missed in a row is no accident."""
_FEWEST_FUNCTIONS = 12
"""A page asks six things at once, each of them two functions; a new account may run ten."""
_GOOD_STACK = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
_FUNCTIONS = {
    "validate_dataset": "ValidateDatasetFunction",
    "process_jobs": "ProcessJobsFunction",
    "create_artifacts": "CreateArtifactsFunction",
}
_MS_PER_HOUR = 3_600_000


class State(StrEnum):
    """How a check ended; `bad` makes the whole stage not ready."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Check:
    """One line of the doctor's.

    Attributes:
        mend: the one command that mends it; empty where nothing has to be mended.
    """

    name: str
    state: State
    says: str
    mend: str = ""


def checked(facts: StageFacts) -> tuple[Check, ...]:
    """Return every check, in the order in which things are set up."""
    return tuple(line for check in _CHECKS for line in check(facts))


def is_ready(checks: tuple[Check, ...]) -> bool:
    """Whether nothing is bad."""
    return all(check.state is not State.BAD for check in checks)


def named_endpoints(stack: Stack) -> dict[str, str]:
    """Return what the stack's parameter names: GPU type and count to an endpoint's id."""
    try:
        known = json.loads(stack.parameters.get("GpuEndpoints") or "{}")
    except ValueError:
        return {}
    return {str(name): str(found) for name, found in known.items()}


_good = partial(Check, state=State.GOOD)
_note = partial(Check, state=State.NOTE)
_bad = partial(Check, state=State.BAD)


def _identity(facts: StageFacts) -> Iterator[Check]:
    if isinstance(facts.account, Unseen):
        yield _bad("identity", says=facts.account.why, mend="aws sts get-caller-identity")
    else:
        yield _good("identity", says=f"account {facts.account}")


def _quota(facts: StageFacts) -> Iterator[Check]:
    asking = (
        "aws service-quotas request-service-quota-increase --service-code lambda "
        "--quota-code L-B99A9384 --desired-value 1000"
    )
    seen = facts.functions_at_once
    if isinstance(seen, Unseen):
        yield _note("quota", says=f"not seen: {seen.why}", mend="aws lambda get-account-settings")
    elif seen < _FEWEST_FUNCTIONS:
        says = f"the account runs {seen} functions at once; one page of the dashboard needs more"
        yield _bad("quota", says=says, mend=asking)
    else:
        yield _good("quota", says=f"{seen} functions at once")


def _stack(facts: StageFacts) -> Iterator[Check]:
    deploy = f"make deploy STAGE={facts.stage}"
    if isinstance(facts.stack, Unseen):
        yield _bad("stack", says=facts.stack.why, mend=deploy)
        return
    missing = [name for name in OUTPUTS if not facts.stack.outputs.get(name)]
    where = f"{facts.stack.name} in {facts.stack.region}"
    if facts.stack.status not in _GOOD_STACK:
        yield _bad("stack", says=f"{where} is {facts.stack.status}", mend=deploy)
    elif missing:
        yield _bad("stack", says=f"{where} has no output {', '.join(missing)}", mend=deploy)
    else:
        yield _good("stack", says=f"{where} is {facts.stack.status}")


def _key(facts: StageFacts) -> Iterator[Check]:
    arn = _output(facts, "RunPodSecretArn")
    put = f"aws secretsmanager put-secret-value --secret-id {arn} --secret-string file:///dev/stdin"
    if isinstance(facts.key, Unseen):
        yield _bad("RunPod key", says=f"the secret cannot be read: {facts.key.why}", mend=put)
    elif not facts.key:
        yield _bad("RunPod key", says="the secret holds nothing that looks like a key", mend=put)
    elif isinstance(facts.runpod, Unseen):
        mend = "open https://www.runpod.io/status"
        yield _bad("RunPod key", says=f"RunPod cannot be asked: {facts.runpod.why}", mend=mend)
    elif not facts.runpod.key_accepted:
        yield _bad("RunPod key", says="RunPod refuses the key in the secret", mend=put)
    else:
        yield _good("RunPod key", says="RunPod accepts it")


def _endpoints(facts: StageFacts) -> Iterator[Check]:
    apply = f"brightrun gpu apply --stage {facts.stage}"
    if isinstance(facts.stack, Unseen):
        return
    named = named_endpoints(facts.stack)
    if not named:
        yield _bad("endpoints", says="GpuEndpoints names none: nothing can be trained", mend=apply)
        return
    if isinstance(facts.runpod, Unseen) or not facts.runpod.key_accepted:
        yield _note("endpoints", says=f"{', '.join(named)}: not seen")
        return
    for name, endpoint_id in named.items():
        yield _endpoint(facts.runpod, name, endpoint_id, apply, facts.stack)


def _endpoint(answer: RunPodAnswer, name: str, endpoint_id: str, apply: str, stack: Stack) -> Check:
    label = f"endpoint {name}"
    if name not in answer.endpoints:
        return _note(label, says=f"{endpoint_id} is there; the key may not see how it is set up")
    state = answer.endpoints[name]
    if state is None:
        return _bad(label, says=f"RunPod has no endpoint {endpoint_id}", mend=apply)
    wrong = list(_unfit(name, state, stack))
    if wrong:
        return _bad(label, says=f"{endpoint_id}: {'; '.join(wrong)}", mend=apply)
    limit = "no workers until the next job raises them" if not state.max_workers else "fit to train"
    return _good(label, says=f"{endpoint_id}: {limit}")


def _unfit(name: str, state: EndpointState, stack: Stack) -> Iterator[str]:
    """Yield what of docs/gpu-endpoint.md an endpoint lacks."""
    (counts,) = endpoints_by_type({name: "id"}).values()
    (count,) = counts
    if state.gpu_count != count:
        yield f"{state.gpu_count} GPUs to a worker, {count} are promised"
    if state.disk_gb < LEAST_DISK_GB:
        yield f"{state.disk_gb} GB of disk, {LEAST_DISK_GB} are needed"
    if state.min_cuda is None or cuda_version(state.min_cuda) < cuda_version(LEAST_CUDA):
        yield f"CUDA from {state.min_cuda or 'any'}, the image needs {LEAST_CUDA}"
    hours = float(stack.parameters.get("MaxJobHours", "24"))
    if state.timeout_ms < hours * _MS_PER_HOUR:
        yield f"runs end after {state.timeout_ms / _MS_PER_HOUR:g} h, jobs may take {hours:g}"
    if state.flashboot != "OFF":
        yield f"FlashBoot is {state.flashboot}: a revived process has no GPU it can trust"
    if not state.max_workers and stack.parameters.get("EndpointMaxWorkers") == "0":
        yield "no workers, and EndpointMaxWorkers is 0: nobody raises them"


def _tokenizers(facts: StageFacts) -> Iterator[Check]:
    if isinstance(facts.tokenizers, Unseen):
        mend = f"aws s3 ls s3://{_output(facts, 'BucketName')}/base-models/"
        yield _bad("tokenizers", says=facts.tokenizers.why, mend=mend)
        return
    for model in facts.offered:
        name = f"tokenizer {model.id}"
        if model.id in facts.tokenizers:
            yield _good(name, says="installed: tokens are counted")
        else:
            mend = f"brightrun models install-tokenizer {model.id} --stage {facts.stage}"
            yield _bad(name, says="missing: tokens are estimated, no row has a preview", mend=mend)


def _storage(facts: StageFacts) -> Iterator[Check]:
    if facts.round_trip is not None:
        mend = f"aws s3api get-bucket-location --bucket {_output(facts, 'BucketName')}"
        yield _bad("storage", says=facts.round_trip.why, mend=mend)
    else:
        yield _good("storage", says="a signed PUT was taken, and a signed GET gave it back")


def _schedules(facts: StageFacts) -> Iterator[Check]:
    if isinstance(facts.heard, Unseen):
        url = f"{_output(facts, 'ApiUrl')}/api/health"
        yield _bad("API", says=f"it does not answer: {facts.heard.why}", mend=f"curl -i {url}")
        return
    yield _good("API", says="it answers")
    for function, logical in _FUNCTIONS.items():
        at = facts.heard.get(function)
        mend = f"sam logs --stack-name {_stack_name(facts)} --name {logical}"
        if at is None:
            yield _bad(f"schedule {function}", says="never heard of", mend=mend)
        elif facts.now - at > SILENT:
            minutes = int((facts.now - at).total_seconds() // 60)
            yield _bad(f"schedule {function}", says=f"silent for {minutes} minutes", mend=mend)
        else:
            yield _good(f"schedule {function}", says="heard from")


def _mail(facts: StageFacts) -> Iterator[Check]:
    parameters = {} if isinstance(facts.stack, Unseen) else facts.stack.parameters
    if not parameters.get("AlarmEmail"):
        yield _note("alarms", says="AlarmEmail is empty: nobody is told of an alarm")
    sender = parameters.get("MailFrom")
    if not sender:
        yield _note("mail", says="MailFrom is empty: no notification is sent by e-mail")
    elif isinstance(facts.mail, Unseen):
        yield _bad("mail", says=facts.mail.why, mend="aws sesv2 get-account")
    elif not facts.mail.sender_verified:
        mend = f"aws sesv2 create-email-identity --email-identity {sender}"
        yield _bad("mail", says=f"{sender} is not verified: every mail fails", mend=mend)
    elif not facts.mail.out_of_sandbox:
        mend = (
            "aws sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL "
            "--website-url https://example.org"
        )
        yield _bad(
            "mail", says="SES is in its sandbox: only verified addresses get mail", mend=mend
        )
    else:
        yield _good("mail", says=f"{sender} may write to anybody")


def _people(facts: StageFacts) -> Iterator[Check]:
    add = f"brightrun users add you@example.org --admin --stage {facts.stage}"
    if isinstance(facts.people, Unseen):
        yield _bad("people", says=facts.people.why, mend="aws cognito-idp list-user-pools")
    elif not facts.people[0]:
        yield _bad("people", says="nobody can sign in", mend=add)
    elif not facts.people[1]:
        yield _note("people", says=f"{facts.people[0]}, none of them an administrator", mend=add)
    else:
        users, admins = facts.people
        yield _good("people", says=f"{users}, of them administrators: {admins}")


def _output(facts: StageFacts, name: str) -> str:
    if isinstance(facts.stack, Unseen):
        return f"<{name}>"
    return facts.stack.outputs.get(name) or f"<{name}>"


def _stack_name(facts: StageFacts) -> str:
    return f"brightrun-{facts.stage}" if isinstance(facts.stack, Unseen) else facts.stack.name


_CHECKS: tuple[Callable[[StageFacts], Iterator[Check]], ...] = (
    _identity,
    _quota,
    _stack,
    _key,
    _endpoints,
    _tokenizers,
    _storage,
    _schedules,
    _people,
    _mail,
)
