"""The roles of template.yaml: nothing is missing, and nothing is there that no function does.

What is missing is refused in every test of a handler, by the guard that all clients of the tests
have (tests/support/deployment/permissions.py). Here it is shown that it does, and asked what was
never used.
"""

import copy
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import boto3
import pytest

from brightrun.ports.dynamodb.table import Table
from brightrun.ports.eventbridge import Bus
from brightrun.ports.s3.objects import Store
from brightrun.runtime import Deps
from tests.support.deployment.every_call import a_stage, make_every_call
from tests.support.deployment.permissions import SIGNER, Grant, Guard, NotPermitted, grants
from tests.support.deployment.template import FUNCTIONS, Template, as_list, statements

_UNVERSIONED = "a dataset that was confirmed before versions were kept names none"
_BY_THE_WIRES = "the catalogue that was pushed is read where the wires are made, not in a scene"
_FETCHED = "files of a strange worker: tests/integration/pipeline/test_fetched_files.py"
_LEDGER = "the whole ledger: tests/integration/api/test_api_dataset_reading.py"
_CHECKED = "what is told of a job and changes no field of it is written under a check of it"
_DATASETS, _IMPORTED = "StorageBucket/datasets/*", "StorageBucket/training-files/*"
_STAGING, _CATALOG = "StorageBucket/staging/*", "StorageBucket/catalog/*"
NEEDED_IN_NO_SCENE = {
    Grant("ApiFunction", "s3:GetObject", _CATALOG): _BY_THE_WIRES,
    Grant("ApiFunction", "s3:GetObject", _DATASETS): _UNVERSIONED,
    Grant("CreateArtifactsFunction", "s3:AbortMultipartUpload", _STAGING): _FETCHED,
    Grant("CreateArtifactsFunction", "s3:ListMultipartUploadParts", _STAGING): _FETCHED,
    Grant("CreateArtifactsFunction", "s3:PutObject", _STAGING): _FETCHED,
    Grant("CreateArtifactsFunction", "dynamodb:ConditionCheckItem", "Table"): _CHECKED,
    Grant("ProcessJobsFunction", "dynamodb:ConditionCheckItem", "Table"): _CHECKED,
    Grant("ProcessJobsFunction", "s3:GetObject", _DATASETS): _UNVERSIONED,
    Grant("ProcessJobsFunction", "s3:GetObject", _IMPORTED): _UNVERSIONED,
    Grant("ValidateDatasetFunction", "s3:GetObject", _CATALOG): _BY_THE_WIRES,
    Grant("ValidateDatasetFunction", "s3:GetObject", _IMPORTED): _UNVERSIONED,
}
"""Grants that are needed though no scene shows it, each with its reason."""


def guarded(deps: Deps, guard: Guard) -> tuple[Deps, Callable[[str], Any]]:
    """Return dependencies whose clients this guard watches, and a maker of further ones."""
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    guard.watch(session)

    def client(service: str) -> Any:
        made: Callable[..., Any] = session.client
        return made(service)

    wired = {
        "table": Table(session.resource("dynamodb").meta.client, deps.table.name, sleep=deps.sleep),
        "store": Store(client("s3"), deps.store.bucket),
        "bus": Bus(partial(client, "events"), deps.bus.name),
    }
    return Deps(**{**vars(deps), **wired}), client


def played(deps: Deps, template: Template) -> Guard:
    """Return the guard that has seen every scene."""
    guard = Guard(template)
    make_every_call(a_stage(*guarded(deps, guard)))
    return guard


def without(template: Template, function: str, action: str) -> Template:
    """Return the template with one action taken away from a role."""
    changed = copy.deepcopy(template)
    for statement in statements(changed, function):
        statement["Action"] = [a for a in as_list(statement["Action"]) if a != action]
    return changed


def _words(found: Iterable[Grant]) -> list[str]:
    return sorted(f"{grant.function} {grant.action} {grant.resource}" for grant in found)


def test_every_grant_of_every_role_is_used_or_has_its_reason(
    deps: Deps, template: Template
) -> None:
    granted = {grant for function in {*FUNCTIONS, SIGNER} for grant in grants(template, function)}
    unused = granted - played(deps, template).used

    assert _words(unused) == _words(NEEDED_IN_NO_SCENE)
    assert len(granted) > 40


@pytest.mark.parametrize(
    ("function", "action"),
    [
        ("ApiFunction", "dynamodb:BatchGetItem"),
        ("ApiFunction", "s3:PutObject"),
        ("AuthorizerFunction", "dynamodb:GetItem"),
        ("ValidateDatasetFunction", "s3:GetObjectVersion"),
        ("ProcessJobsFunction", "secretsmanager:GetSecretValue"),
        ("CreateArtifactsFunction", "s3:DeleteObject"),
    ],
)
def test_an_action_taken_away_is_missed(
    deps: Deps, template: Template, function: str, action: str
) -> None:
    with pytest.raises(NotPermitted, match=f"{function} needs {action}"):
        played(deps, without(template, function, action))


def test_an_action_added_is_one_too_many(deps: Deps, template: Template) -> None:
    added = copy.deepcopy(template)
    first = statements(added, "ProcessJobsFunction")[0]
    first["Action"] = [*first["Action"], "dynamodb:DeleteItem"]
    granted = grants(added, "ProcessJobsFunction")

    assert granted - played(deps, added).used - NEEDED_IN_NO_SCENE.keys() == {
        Grant("ProcessJobsFunction", "dynamodb:DeleteItem", "Table")
    }
