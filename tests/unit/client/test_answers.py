"""Every answer the client reads is one that the API's document promises, field by field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from brightrun.accounts.record import Notification
from brightrun.client import account_answers as account
from brightrun.client import answers
from brightrun.datasets.view import DatasetDetail
from brightrun.jobs.view import JobView
from brightrun.models.view import DownloadLinks, ModelDetail

DOCUMENT = json.loads(Path("docs/openapi.json").read_text(encoding="utf-8"))
Json = dict[str, Any]

READ: dict[str, type] = {
    "post /api/datasets": answers.DeclaredDataset,
    "get /api/datasets": answers.DatasetsPage,
    "get /api/datasets/{dataset_id}": DatasetDetail,
    "get /api/datasets/{dataset_id}/upload": answers.WhereToSend,
    "post /api/datasets/{dataset_id}/confirm": DatasetDetail,
    "get /api/datasets/{dataset_id}/errors": answers.ProblemsPage,
    "get /api/datasets/{dataset_id}/preview": answers.RowPreview,
    "get /api/datasets/{dataset_id}/ledger": answers.LedgerRows,
    "delete /api/datasets/{dataset_id}": answers.Gone,
    "get /api/training-files/available-for-import": answers.LibraryPage,
    "post /api/datasets/import-from-training-file": answers.FromLibrary,
    "post /api/jobs/estimate": answers.PricedRun,
    "post /api/jobs": JobView,
    "get /api/jobs": answers.JobsPage,
    "get /api/jobs/{job_id}": answers.WatchedJob,
    "post /api/jobs/{job_id}/cancel": answers.StoppedJob,
    "post /api/jobs/{job_id}/pause": answers.StoppedJob,
    "post /api/jobs/{job_id}/resume": JobView,
    "get /api/jobs/{job_id}/logs": answers.LogPage,
    "get /api/models": answers.ModelsPage,
    "get /api/models/{model_id}": ModelDetail,
    "post /api/models/{model_id}/download": DownloadLinks,
    "get /api/costs": account.Spending,
    "get /api/limits": account.MonthlyBudget,
    "get /api/notifications": account.NotificationsPage,
    "patch /api/notifications/{notification_id}/read": Notification,
    "post /api/notifications/read-all": account.MarkedRead,
    "post /api/api-keys": account.MadeKey,
    "get /api/api-keys": account.Keys,
    "get /api/catalog": account.Offer,
    "get /api/me": account.Identity,
    "get /api/config": account.SignIn,
    "get /api/admin/users": account.UsersPage,
}


def promised(route: str) -> Json:
    """Return the schema of what stands in `data`."""
    method, path = route.split(" ")
    said = DOCUMENT["paths"][path][method]["responses"]
    schema = next(said[status] for status in ("200", "201") if status in said)
    whole = schema["content"]["application/json"]["schema"]
    options = [resolved(each, DOCUMENT) for each in whole.get("anyOf", [whole])]
    (envelope,) = (each for each in options if "data" in each.get("properties", {}))
    return resolved(envelope["properties"]["data"], DOCUMENT)


def resolved(schema: Json, document: Json) -> Json:
    """Follow references, and the first alternative that is not null."""
    while True:
        if "$ref" in schema:
            found: Any = document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        elif "anyOf" in schema:
            schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
        elif "allOf" in schema:
            schema = schema["allOf"][0]
        else:
            return schema


def missing(wanted: Json, whole: Json, given: Json, path: str = "") -> Iterator[str]:
    """Yield the required fields of what is read that are not promised."""
    wanted, given = resolved(wanted, whole), resolved(given, DOCUMENT)
    if "items" in wanted and "items" in given:
        yield from missing(wanted["items"], whole, given["items"], f"{path}/*")
    known = given.get("properties", {})
    for name, schema in wanted.get("properties", {}).items():
        if name in known:
            yield from missing(schema, whole, known[name], f"{path}/{name}")
        elif name in wanted.get("required", ()):
            yield f"{path}/{name}"


@pytest.mark.parametrize("route", READ)
def test_what_is_read_is_promised(route: str) -> None:
    wanted = TypeAdapter(READ[route]).json_schema()

    assert list(missing(wanted, wanted, promised(route))) == []


def test_a_field_that_nobody_promises_is_noticed() -> None:
    wanted = TypeAdapter(account.MonthlyBudget).json_schema()

    assert next(missing(wanted, wanted, promised("get /api/me"))) == "/month"
