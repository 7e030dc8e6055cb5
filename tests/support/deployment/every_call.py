"""Scenes that lead each function through everything it does with AWS, real handlers throughout.

For what roles are held against: an action that no scene needs is one that a role need not have.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx

from brightrun.accounts.tokens import api_key
from brightrun.datasets.record import Dataset
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import find
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.ports.jwks import KeySet
from brightrun.ports.notification_channels import NotificationChannels
from brightrun.ports.public_web import PublicWeb
from brightrun.ports.runpod.jobs import RunPod
from brightrun.ports.runpod.key import RunPodKey
from brightrun.ports.ses import Mail
from brightrun.ports.user_pool import UserPool
from brightrun.runtime import Deps
from brightrun.s3_keys import REQUIRED_FILES
from brightrun.training.protocol import FinishRequest
from functions.api.app import handle as call_api
from functions.authorizer.app import handle as identify
from functions.validate_dataset import app as validate_dataset
from tests.support.api.bodies import ERASE
from tests.support.api.http_calls import Answer, an_event, answered, identity
from tests.support.datasets.large_files import LARGE, NAME
from tests.support.datasets.uploaded_datasets import GOOD
from tests.support.factories import ADA, an_api_key
from tests.support.harness import World, a_world

SENDER = "pipeline@brightrun.test"
TOKEN = api_key("k" * 43)
ADA_SIGNED_IN = identity(user_id=ADA, email="ada@example.org")
ROOT = identity(user_id="root", admin="true")
IN_PARTS = 80 * 1024**2
A_DAY = 25 * 3600.0


@dataclass
class Stage:
    """A world whose every wire is AWS's own client, and whoever calls its API."""

    world: World

    @property
    def deps(self) -> Deps:
        return self.world.deps

    def call(
        self,
        route: str,
        body: object = None,
        caller: dict[str, str] = ADA_SIGNED_IN,
        **query: str,
    ) -> Any:
        """Return what the API answers; it need not be good news."""
        event = an_event(route, body, caller, None, None, query)
        answer: Answer = answered(call_api(event, None, self.deps))
        return answer.data if "data" in answer.body else answer.body

    def put(self, key: str, body: bytes) -> None:
        self.world.put(key, body)

    def validate(self, event: dict[str, Any] | None = None) -> None:
        validate_dataset.handle(event or {}, None, self.deps)

    def dataset(self, dataset_id: str) -> Dataset:
        found = find(self.deps.table, keys.dataset(ADA, dataset_id), Dataset)
        assert found is not None
        return found


def a_stage(deps: Deps, client: Callable[[str], Any]) -> Stage:
    """Return a stage over these clients: a bucket with versions, mail, a user pool, a secret."""
    deps.store.client.put_bucket_versioning(
        Bucket=deps.store.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    mail, pools, secrets = client("sesv2"), client("cognito-idp"), client("secretsmanager")
    mail.create_email_identity(EmailIdentity=SENDER)
    # moto's user pools need a package that nothing else here needs; each call is answered at once
    pools.meta.events.register("before-call.cognito-identity-provider", _everybody_is_in)
    secrets.create_secret(Name="runpod", SecretString="key")
    nobody = PublicWeb(
        httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(204))), lambda _: []
    )
    settings = deps.settings.model_copy(update={"mail_from": SENDER})
    world = a_world(
        replace(
            deps,
            settings=settings,
            users=UserPool(lambda: pools, "us-east-1_pool"),
            channels=NotificationChannels(Mail(mail, SENDER), nobody),
        )
    )
    signed = httpx.Client(
        transport=httpx.MockTransport(world.runpod.handle),
        base_url="https://runpod.test",
        auth=RunPodKey(lambda: str(secrets.get_secret_value(SecretId="runpod")["SecretString"])),
    )
    world.deps = replace(world.deps, runpod=RunPod(signed, lambda _: None))
    return Stage(world)


def _everybody_is_in(**_: object) -> tuple[object, dict[str, Any]]:
    return SimpleNamespace(status_code=200), {"Enabled": True}


def make_every_call(stage: Stage) -> None:
    """Play every scene once."""
    a_catalogue_is_pushed(stage)
    dataset_id = a_dataset_is_uploaded_and_read(stage)
    imported_id = a_training_file_is_imported(stage)
    uploads_are_given_up(stage)
    a_job_becomes_a_model(stage, dataset_id)
    a_job_is_cancelled(stage, imported_id)
    files_are_read_and_deleted(stage, dataset_id)
    people_come_and_go(stage)
    somebody_is_erased(stage)


def a_catalogue_is_pushed(stage: Stage) -> None:
    """The one that is there, pushed as it is shown."""
    shown = stage.call("GET /api/admin/catalog", caller=ROOT)["document"]
    shown["gpus"][0]["prices"][0]["hourly_rate_usd"] = 9.0
    stage.call("PUT /api/admin/catalog", {"document": shown}, caller=ROOT)


def a_dataset_is_uploaded_and_read(stage: Stage) -> str:
    """Validated by the event of its upload, which is also its confirmation."""
    new = {"name": "Letters", "file_name": "letters.jsonl", "file_size": len(GOOD)}
    dataset_id = str(stage.call("POST /api/datasets", new)["dataset"]["id"])
    key = stage.dataset(dataset_id).storage_path
    stage.put(key, GOOD)
    event = json.loads(Path("events/s3_object_created.json").read_text())
    event["detail"]["object"]["key"] = key
    stage.validate(event)
    stage.call(f"GET /api/datasets/{dataset_id}")
    stage.call(f"GET /api/datasets/{dataset_id}/preview")
    stage.call(f"GET /api/datasets/{dataset_id}/report")
    stage.call("GET /api/datasets", status="ready")
    return dataset_id


def a_training_file_is_imported(stage: Stage) -> str:
    """It stays where it is; the dataset names its version."""
    lines = {"file_name": "v4.jsonl", "file_size": len(GOOD)}
    file = stage.call("POST /api/training-files", {"name": "Made", "jsonl": lines})["training_file"]
    stage.put(file["jsonl"]["key"], GOOD)
    wanted = {"training_file_id": file["id"]}
    made = stage.call("POST /api/datasets/import-from-training-file", wanted)
    stage.validate()
    stage.call(f"GET /api/datasets/{made['dataset']['id']}/preview")
    return str(made["dataset"]["id"])


def uploads_are_given_up(stage: Stage) -> None:
    """One by its owner, one by nobody's coming, one whose address worked after it was deleted."""
    new = {"name": "Large", "file_name": "large.jsonl", "file_size": IN_PARTS}
    left_id = stage.call("POST /api/datasets", new)["dataset"]["id"]
    stage.call(f"GET /api/datasets/{left_id}/upload")
    announced = {"filename": "l.jsonl", "bytes": IN_PARTS, "purpose": "fine-tune",
                 "mime_type": "application/jsonl"}  # fmt: skip
    upload = stage.call("POST /v1/uploads", announced)
    stage.call(f"POST /v1/uploads/{upload['id']}/cancel")
    stage.world.clock.pass_by(A_DAY)
    stage.validate()
    event = json.loads(Path("events/s3_object_created.json").read_text())
    event["detail"]["object"]["key"] = f"datasets/{ADA}/nobody/f.jsonl"
    stage.put(event["detail"]["object"]["key"], b"x")
    stage.validate(event)


def a_job_becomes_a_model(stage: Stage, dataset_id: str) -> None:
    """Its worker dies once, while it sends a checkpoint; the next one sends a file in parts."""
    stage.call("PATCH /api/notification-settings", {"email": True})
    order = {"dataset_id": dataset_id, "gpu_config": {"type": "A100-80GB", "count": 1}}
    stage.world.job_id = str(stage.call("POST /api/jobs", order)["id"])
    stage.world.tick()
    first = stage.world.worker("run-1")
    first.start()
    first.trains(range(1, 6), seconds=50)
    first.checkpoints(4, in_parts=True)
    first.begins(NAME, LARGE, step=5)
    first.leaves(60, "FAILED")
    stage.world.wait(120)
    stage.world.wait(1)
    second = stage.world.worker("run-2", "worker-2")
    second.start()
    others = {name: name.encode() for name in REQUIRED_FILES if name != NAME}
    manifest = [*second.stores(others), *second.stores({NAME: LARGE}, in_parts=True)]
    ended = {"outcome": "succeeded", "execution_seconds": 100, "manifest": manifest}
    second.tells(FinishRequest.model_validate(ended))
    second.leaves(100)
    stage.world.tick()
    stage.world.wait(60)


def a_job_is_cancelled(stage: Stage, dataset_id: str) -> None:
    """Of an imported file; cancelled while its worker trains."""
    order = {"dataset_id": dataset_id, "gpu_config": {"type": "A100-80GB", "count": 1}}
    job_id = stage.call("POST /api/jobs", order)["id"]
    stage.world.job_id = str(job_id)
    stage.world.tick()
    stage.world.worker("run-3").start()
    stage.call(f"POST /api/jobs/{job_id}/cancel")
    stage.world.wait(60)
    stage.call("GET /api/jobs")


def files_are_read_and_deleted(stage: Stage, dataset_id: str) -> None:
    """What its owner takes home, and what goes."""
    (model,) = stage.call("GET /api/models")["models"]
    stage.call(f"POST /api/models/{model['id']}/download")
    part = stage.call("GET /api/me/export")
    while part.get("cursor"):
        part = stage.call("GET /api/me/export", cursor=part["cursor"])
    stage.call(f"DELETE /api/datasets/{dataset_id}")
    stage.call("GET /api/health")


def people_come_and_go(stage: Stage) -> None:
    """An administrator looks at everybody, shuts somebody out, and lets them in again."""
    commit(stage.deps.table, [put_new(stage.deps.table, an_api_key(token=TOKEN))])
    event = json.loads(Path("events/authorizer.json").read_text())
    event["headers"] = {"authorization": f"Bearer {TOKEN}"}
    nobody = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    identify(event, stage.deps, KeySet(nobody, "https://x", lambda: 0.0))
    stage.call("GET /api/admin/overview", caller=ROOT)
    stage.call("GET /api/admin/users", caller=ROOT)
    stage.call(f"GET /api/admin/users/{ADA}", caller=ROOT)
    stage.call(f"POST /api/admin/users/{ADA}/disable", caller=ROOT)
    stage.call(f"POST /api/admin/users/{ADA}/enable", caller=ROOT)


def somebody_is_erased(stage: Stage) -> None:
    """All that is Ada's goes, old versions too."""
    stage.call(f"POST /api/admin/users/{ADA}/erase", ERASE, caller=ROOT)
    for _ in range(4):
        stage.world.wait(3600)
