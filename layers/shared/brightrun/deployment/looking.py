"""Looking at a stage from outside, part by part; what cannot be looked at says why, and no more.

Imports botocore: only `brightrun doctor` does, when it runs.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.session import Session
from brightrun.deployment.aws import StageInAws
from brightrun.deployment.offered import catalog_in
from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.ports.runpod.resources import Management, find_endpoint
from brightrun.ports.s3.objects import Store, sign_download, sign_upload
from brightrun.ports.s3.tokenizers import installed_tokenizers
from brightrun.provisioning.stage_checks import named_endpoints
from brightrun.provisioning.stage_facts import (
    Mail,
    RunPodAnswer,
    Stack,
    StageFacts,
    Unseen,
)
from brightrun.s3_keys import base_model_prefix
from brightrun.training.catalog import TrainableModel

T = TypeVar("T")
RUNPOD_JOBS, RUNPOD_MANAGEMENT = "https://api.runpod.ai/v2", "https://api.runpod.io/v2"
_TIMEOUT = httpx.Timeout(15.0, connect=5.0)
_REFUSED = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})
_MOST_PEOPLE = 60


def look_at(stage: str, aws: StageInAws, session: Session) -> StageFacts:
    """Return everything that was seen of a stage, in one pass; changes nothing but one object."""
    stack = _seen(lambda: _stack(aws))
    key = _output(stack, "RunPodSecretArn", lambda arn: _key(aws, arn))
    offered = _offered(stack, aws, session.now())
    return StageFacts(
        stage=stage,
        now=session.now(),
        account=_seen(lambda: str(aws.client("sts").get_caller_identity()["Account"])),
        functions_at_once=_seen(lambda: _functions_at_once(aws)),
        stack=stack,
        key=key if isinstance(key, Unseen) else _looks_like_a_key(key),
        runpod=_runpod(stack, key, session),
        offered=offered,
        tokenizers=_output(stack, "BucketName", lambda name: _installed(aws, name, offered)),
        round_trip=_round_trip(stack, aws, session),
        heard=_output(stack, "ApiUrl", lambda url: _heard(url, session)),
        mail=_seen(lambda: _mail(aws, stack)),
        people=_output(stack, "UserPoolId", lambda pool: _people(aws, pool)),
    )


def _seen(look: Callable[[], T]) -> T | Unseen:
    try:
        return look()
    except WrongCommand as error:
        return Unseen(str(error))
    except ClientError as error:
        told = error.response["Error"]
        return Unseen(f"{told.get('Code')}: {told.get('Message')}")
    except (BotoCoreError, httpx.HTTPError, ValueError, KeyError) as error:
        return Unseen(str(error) or type(error).__name__)


def _output(stack: Stack | Unseen, name: str, look: Callable[[str], T]) -> T | Unseen:
    """Look at what an output of the stack names; where there is none, that is the reason."""
    if isinstance(stack, Unseen):
        return Unseen("there is no stack")
    value = stack.outputs.get(name)
    return _seen(lambda: look(value)) if value else Unseen(f"the stack has no output {name}")


def _stack(aws: StageInAws) -> Stack:
    told = aws.stack()
    name = aws.where.stack_name
    region = str(aws.client("cloudformation").meta.region_name)
    return Stack(name, region, str(told["StackStatus"]), aws.outputs(), aws.parameters())


def _functions_at_once(aws: StageInAws) -> int:
    limits = aws.client("lambda").get_account_settings()["AccountLimit"]
    return int(limits["ConcurrentExecutions"])


def _key(aws: StageInAws, arn: str) -> str:
    told = aws.client("secretsmanager").get_secret_value(SecretId=arn)
    return str(told["SecretString"]).strip()


def _looks_like_a_key(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable() and " " not in key


def _offered(stack: Stack | Unseen, aws: StageInAws, now: datetime) -> tuple[TrainableModel, ...]:
    if isinstance(stack, Unseen) or "BucketName" not in stack.outputs:
        return ()
    s3, bucket = aws.client("s3"), stack.outputs["BucketName"]
    try:
        return catalog_in(s3, bucket, stack.parameters, now).base_models
    except ValueError:
        return catalog_in(s3, bucket, {}, now).base_models


def _runpod(stack: Stack | Unseen, key: str | Unseen, session: Session) -> RunPodAnswer | Unseen:
    if isinstance(stack, Unseen) or isinstance(key, Unseen) or not _looks_like_a_key(key):
        return Unseen("there is no key to ask with")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(headers=headers, timeout=_TIMEOUT, transport=session.transport) as http:
        return _seen(lambda: _asked_runpod(stack, http, session))


def _asked_runpod(stack: Stack, http: httpx.Client, session: Session) -> RunPodAnswer:
    http.base_url = httpx.URL(stack.parameters.get("RunPodManagementUrl") or RUNPOD_MANAGEMENT)
    named = named_endpoints(stack)
    try:
        api = Management(http, session.sleep)
        found = {name: find_endpoint(api, endpoint) for name, endpoint in named.items()}
        if not named and http.get("/serverless").status_code in _REFUSED:
            return RunPodAnswer(key_accepted=False)
    except ProviderRefused as refusal:
        if refusal.status_code not in _REFUSED:
            raise ValueError(str(refusal)) from refusal
        return _by_jobs(stack, http, named)
    except ProviderUnavailable as error:
        raise ValueError(str(error)) from error
    return RunPodAnswer(key_accepted=True, endpoints=found)


def _by_jobs(stack: Stack, http: httpx.Client, named: dict[str, str]) -> RunPodAnswer:
    """Ask the job API instead: a key that may start jobs need not see how endpoints are set up."""
    jobs = stack.parameters.get("RunPodApiUrl") or RUNPOD_JOBS
    codes = {
        name: http.get(f"{jobs}/{endpoint}/health").status_code for name, endpoint in named.items()
    }
    absent = [name for name, code in codes.items() if code == httpx.codes.NOT_FOUND]
    accepted = any(code not in _REFUSED for code in codes.values())
    return RunPodAnswer(key_accepted=accepted, endpoints=dict.fromkeys(absent))


def _installed(aws: StageInAws, bucket: str, offered: tuple[TrainableModel, ...]) -> frozenset[str]:
    prefixes = installed_tokenizers(Store(aws.client("s3"), bucket))
    return frozenset(m.id for m in offered if base_model_prefix(m.id, m.revision) in prefixes)


def _round_trip(stack: Stack | Unseen, aws: StageInAws, session: Session) -> Unseen | None:
    told = _output(stack, "BucketName", lambda bucket: _put_and_get(aws, bucket, session))
    return told if isinstance(told, Unseen) else None


def _put_and_get(aws: StageInAws, bucket: str, session: Session) -> bool:
    store = Store(aws.client("s3"), bucket)
    body = secrets.token_bytes(64)
    key = f"staging/doctor/{secrets.token_hex(8)}"
    upload = sign_upload(store, key, size_bytes=len(body))
    with httpx.Client(timeout=_TIMEOUT, transport=session.storage_transport) as http:
        put = http.put(upload.url, headers=upload.headers, content=body)
        if not put.is_success:
            raise ValueError(f"a signed PUT to {put.url.host} answers {put.status_code}")
        got = http.get(sign_download(store, key))
        if got.content != body:
            raise ValueError(f"a signed GET from {got.url.host} answers {got.status_code}")
    store.client.delete_object(Bucket=bucket, Key=key)
    return True


def _heard(url: str, session: Session) -> dict[str, datetime | None]:
    with httpx.Client(timeout=_TIMEOUT, transport=session.transport) as http:
        answer = http.get(f"{url}/api/health")
    told = answer.json()["data"]["functions"]
    return {name: _moment(function.get("last_run_at")) for name, function in told.items()}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _mail(aws: StageInAws, stack: Stack | Unseen) -> Mail:
    sender = "" if isinstance(stack, Unseen) else stack.parameters.get("MailFrom", "")
    ses = aws.client("sesv2")
    out = bool(ses.get_account().get("ProductionAccessEnabled"))
    return Mail(out, bool(sender) and _verified(ses, sender))


def _verified(ses: Any, sender: str) -> bool:  # noqa: ANN401 - boto3 makes clients by name
    """Whether the address, or else its domain, is an identity that SES has verified."""
    for identity in (sender, sender.partition("@")[2]):
        try:
            told = ses.get_email_identity(EmailIdentity=identity)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NotFoundException":
                raise
        else:
            return bool(told.get("VerifiedForSendingStatus"))
    return False


def _people(aws: StageInAws, pool: str) -> tuple[int, int]:
    cognito = aws.client("cognito-idp")
    users = cognito.list_users(UserPoolId=pool, Limit=_MOST_PEOPLE)["Users"]
    admins = cognito.list_users_in_group(UserPoolId=pool, GroupName="admin", Limit=_MOST_PEOPLE)
    return len(users), len(admins["Users"])
