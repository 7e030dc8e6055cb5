"""`brightrun doctor`: a stage in this process, well in every part, and then broken in each."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from brightrun.deployment.aws import DeploySession
from brightrun.deployment.main import main
from brightrun.ports.dynamodb.heartbeats import FUNCTIONS, cycle
from brightrun.runtime import Deps
from brightrun.s3_keys import TOKENIZER, base_model_prefix
from local.runpod.resources import born_with
from tests.support.api.client_wires import Storage, api_transport
from tests.support.api.http_calls import Call
from tests.support.deployment.aws_account import FakeAccount, FakePool, refused
from tests.support.deployment.standin_account import ADDRESS, KEY, StandInAccount
from tests.support.factories import NOON

JOBS = "http://runpod.test/v2"
OUTPUTS = {
    "ApiUrl": "https://api.test",
    "BucketName": "storage",
    "RunPodSecretArn": "secret",
    "TableName": "records",
    "UserPoolClientId": "client",
    "UserPoolId": "pool",
}


@dataclass
class Patient:
    """A stage: its account, its provider, its API and its storage, each of which may break."""

    deps: Deps
    api: Callable[[httpx.Request], httpx.Response]
    folder: Path
    secret: str = f"{KEY}\n"
    verified: bool = True
    sandbox: bool = False
    functions_at_once: int = 1000
    pool: FakePool = field(default_factory=FakePool)
    runpod: StandInAccount = field(default_factory=StandInAccount)
    jobs_status: int = 200

    def __post_init__(self) -> None:
        self.storage = Storage(self.deps)
        self.runpod.resources.endpoints.update(born_with(["e1", "e2-2x"]))
        self.account = FakeAccount({"brightrun-dev": dict(OUTPUTS)})
        self.account.parameters = {
            "GpuEndpoints": '{"A100-80GB": "e1", "A100-80GB x2": "e2-2x"}',
            "RunPodManagementUrl": ADDRESS,
            "RunPodApiUrl": JOBS,
            "MailFrom": "jobs@example.org",
            "AlarmEmail": "you@example.org",
        }
        limit = {"AccountLimit": {"ConcurrentExecutions": self.functions_at_once}}
        self.account.clients = {
            "sts": SimpleNamespace(get_caller_identity=lambda: {"Account": "123456789012"}),
            "lambda": SimpleNamespace(get_account_settings=lambda: limit),
            "secretsmanager": SimpleNamespace(get_secret_value=self._secret),
            "s3": self.deps.store.client,
            "sesv2": SimpleNamespace(get_account=self._ses, get_email_identity=self._identity),
            "cognito-idp": self.pool,
        }

    def _secret(self, **_: Any) -> dict[str, str]:
        return {"SecretString": self.secret}

    def _ses(self) -> dict[str, bool]:
        return {"ProductionAccessEnabled": not self.sandbox}

    def _identity(self, *, EmailIdentity: str) -> dict[str, bool]:  # noqa: N803 - AWS's own name
        if "@" in EmailIdentity:
            raise refused("NotFoundException")
        return {"VerifiedForSendingStatus": self.verified}

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.test":
            return self.api(request)
        if request.url.path.startswith("/v2/"):
            return httpx.Response(self.jobs_status, json={})
        return self.runpod.answer(request)

    def examined(self, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
        """Return the exit status, and each line by its name."""
        samconfig = str(self.folder / "none.toml")
        status = main(["doctor", "--json", "--samconfig", samconfig], self.session())
        return status, {line["name"]: line for line in json.loads(capsys.readouterr().out)}

    def session(self) -> DeploySession:
        return DeploySession(
            {},
            self.folder / "config.toml",
            transport=httpx.MockTransport(self.answer),
            storage_transport=httpx.MockTransport(self.storage.handle),
            sleep=lambda _: None,
            now=lambda: NOON,
            connect_aws=self.account.connect,
        )


@pytest.fixture
def patient(deps: Deps, api: Call, tmp_path: Path) -> Patient:
    for function in FUNCTIONS:
        with cycle(deps.table, function, NOON):
            pass
    for model in deps.catalog.base_models:
        key = base_model_prefix(model.id, model.revision) + TOKENIZER
        deps.store.client.put_object(Bucket=deps.store.bucket, Key=key, Body=b"{}")
    made = Patient(deps, api_transport(api).handle_request, tmp_path)
    made.pool.users["you@example.org"] = {"groups": ["admin"]}
    return made


def test_a_stage_that_is_well_is_ready_and_keeps_nothing_of_the_examination(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines = patient.examined(capsys)

    assert status == 0, lines
    assert {line["state"] for line in lines.values()} == {"good"}
    assert len(lines) == 16
    left = patient.deps.store.client.list_objects_v2(
        Bucket=patient.deps.store.bucket, Prefix="staging/"
    )
    assert left["KeyCount"] == 0


def _denied(**_: Any) -> None:
    raise refused("AccessDenied", "no")


def _deny(service: str, call: str) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        patient.account.clients[service] = SimpleNamespace(**{call: _denied})

    return change


def _without_output(name: str) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        del patient.account.stacks["brightrun-dev"][name]

    return change


def _no_stack(patient: Patient) -> None:
    patient.account.stacks.clear()


def _unmade_secret(patient: Patient) -> None:
    patient.secret = "born, not entered"  # pragma: allowlist secret


def _refused_key(patient: Patient) -> None:
    patient.secret = "another-key"  # pragma: allowlist secret
    patient.jobs_status = 401


def _runpod_away(patient: Patient) -> None:
    patient.runpod.breaks("GET serverless", times=9, status=503)


def _endpoint_gone(patient: Patient) -> None:
    del patient.runpod.resources.endpoints["e1"]


def _endpoint_shrunk(patient: Patient) -> None:
    patient.runpod.resources.endpoints["e1"]["disk"] = 20


def _tokenizer_gone(patient: Patient) -> None:
    model = patient.deps.catalog.base_models[0]
    key = base_model_prefix(model.id, model.revision) + TOKENIZER
    patient.deps.store.client.delete_object(Bucket=patient.deps.store.bucket, Key=key)


def _put_refused(patient: Patient) -> None:
    patient.storage.refuse = lambda _: 403


def _api_away(patient: Patient) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody", request=request)

    patient.api = away


def _schedule_silent(patient: Patient) -> None:
    patient.deps.table.client.delete_item(
        TableName=patient.deps.table.name, Key={"pk": "HEALTH", "sk": "process_jobs"}
    )


def _nobody(patient: Patient) -> None:
    patient.pool.users.clear()


def _in_the_sandbox(patient: Patient) -> None:
    patient.sandbox = True


def _not_verified(patient: Patient) -> None:
    patient.verified = False


@pytest.mark.parametrize(
    ("breaks", "name", "says"),
    [
        (_deny("sts", "get_caller_identity"), "identity", "AccessDenied: no"),
        (_no_stack, "stack", "brightrun-dev cannot be read"),
        (_without_output("TableName"), "stack", "no output TableName"),
        (_deny("secretsmanager", "get_secret_value"), "RunPod key", "cannot be read"),
        (_unmade_secret, "RunPod key", "nothing that looks like a key"),
        (_refused_key, "RunPod key", "RunPod refuses the key"),
        (_runpod_away, "RunPod key", "cannot be asked: RunPod answered 503"),
        (_endpoint_gone, "endpoint A100-80GB", "no endpoint e1"),
        (_endpoint_shrunk, "endpoint A100-80GB", "20 GB of disk"),
        (_tokenizer_gone, "tokenizer Qwen/Qwen3-8B", "missing"),
        (_put_refused, "storage", "answers 403"),
        (_api_away, "API", "nobody"),
        (_schedule_silent, "schedule process_jobs", "never heard of"),
        (_nobody, "people", "nobody can sign in"),
        (_in_the_sandbox, "mail", "sandbox"),
        (_not_verified, "mail", "not verified"),
        (_deny("sesv2", "get_account"), "mail", "AccessDenied"),
    ],
)
def test_what_breaks_is_red_by_its_name_and_nothing_crashes(
    patient: Patient,
    capsys: pytest.CaptureFixture[str],
    breaks: Callable[[Patient], None],
    name: str,
    says: str,
) -> None:
    breaks(patient)
    status, lines = patient.examined(capsys)

    assert status == 1
    assert lines[name]["state"] == "bad"
    assert says in lines[name]["says"]
    assert lines[name]["mend"]


def test_a_key_for_jobs_alone_is_accepted_and_sees_no_details(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    patient.runpod.breaks("GET serverless", times=9, status=403)
    status, lines = patient.examined(capsys)

    assert status == 0
    assert lines["RunPod key"]["state"] == "good"
    assert lines["endpoint A100-80GB"]["state"] == "note"


def test_a_small_account_is_told_how_to_ask_for_more(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = {"AccountLimit": {"ConcurrentExecutions": 10}}
    patient.account.clients["lambda"] = SimpleNamespace(get_account_settings=lambda: limit)
    status, lines = patient.examined(capsys)

    assert status == 1
    assert "L-B99A9384" in lines["quota"]["mend"]


def test_the_command_that_mends_can_be_copied_as_it_stands(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    """A terminal's pictures for words between colons would spoil an ARN."""
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:brightrun-dev"
    patient.account.stacks["brightrun-dev"]["RunPodSecretArn"] = arn
    _refused_key(patient)
    status = main(["doctor", "--samconfig", "none.toml"], patient.session())

    assert status == 1
    shown = capsys.readouterr().out
    assert f"aws secretsmanager put-secret-value --secret-id {arn} --secret-string" in shown
    assert "1 things to mend" in shown
