"""The roles of template.yaml, held against every call that a handler makes in a test.

A hook of botocore sees each call and each URL that is signed; the function that stands on the stack
is the one that calls: `functions/api/…` is ApiFunction. What its role does not allow is refused as
AWS would, in whatever test it happens; what was allowed is remembered, so that a test can ask what
was never used. A call that no function makes, such as a test's own, is nobody's.
"""

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import unquote

from tests.support.deployment.template import Template, as_list, properties, statements

FUNCTIONS_FOLDER = str(Path(__file__).parents[3] / "functions") + "/"

SIGNER = "SigningRole"


@dataclass(frozen=True)
class Need:
    """One action on one thing, named as template.yaml does: `StorageBucket/datasets/a.jsonl`."""

    action: str
    resource: str
    leading_key: str | None = None


@dataclass(frozen=True)
class Grant:
    """One action on one pattern of things, as a role has it."""

    function: str
    action: str
    resource: str


class NotPermitted(BaseException):
    """A role lacks what its function does; no batch boundary may hide that."""


@dataclass
class Guard:
    """What each function may do; refuses the rest, and remembers what was used."""

    template: Template
    used: set[Grant] = field(default_factory=set)

    def watch(self, session: Any) -> None:
        """See every call of the clients that this session makes from now on."""
        session.events.register("before-parameter-build", self.see)

    def see(self, *, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Refuse a call that the calling function may not make."""
        function = calling_function()
        if function is None:
            return
        for need in needs_of(model.service_model.signing_name, model.name, params):
            granted = [*self._grants(function, need)]
            if not granted:
                raise NotPermitted(f"{function} needs {need.action} on {need.resource}")
            self.used.update(granted)

    def _grants(self, function: str, need: Need) -> Iterator[Grant]:
        for statement in role(self.template, function):
            if need.action not in as_list(statement["Action"]) or not _holds(statement, need):
                continue
            for pattern in map(named, as_list(statement["Resource"])):
                if fnmatchcase(need.resource, pattern):
                    yield Grant(function, need.action, pattern)


def role(template: Template, function: str) -> list[dict[str, Any]]:
    """Return the statements of a function's role, or of the one that URLs are signed under."""
    if function != SIGNER:
        return statements(template, function)
    (policy,) = properties(template, SIGNER)["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def grants(template: Template, function: str) -> set[Grant]:
    """Return all that a function's role allows."""
    return {
        Grant(function, action, named(resource))
        for statement in role(template, function)
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def named(resource: Any) -> str:
    """Return a resource of a role as a pattern of our names."""
    if "Fn::GetAtt" in resource:
        return str(as_list(resource["Fn::GetAtt"])[0]).split(".", maxsplit=1)[0]
    text = str(resource["Fn::Sub"])
    return text.removeprefix("${").replace(".Arn}", "", 1) if ".Arn}" in text else text


def calling_function() -> str | None:
    """Return the function whose code is nearest on the stack, by its name in template.yaml.

    A thread of a pool has none of it on its own stack: there, the main thread waits for it.
    """
    own = sys._getframe(1)
    found = _function_on(own)
    if found is None and threading.current_thread() is not threading.main_thread():
        found = _function_on(sys._current_frames()[threading.main_thread().ident or 0])
    return SIGNER if found == "ApiFunction" and _signs(own) else found


def _signs(frame: FrameType | None) -> bool:
    """Whether a URL is being signed, which the API does under a role of its own."""
    while frame is not None and frame.f_code.co_name != "generate_presigned_url":
        frame = frame.f_back
    return frame is not None


def _function_on(frame: FrameType | None) -> str | None:
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(FUNCTIONS_FOLDER):
            folder = path[len(FUNCTIONS_FOLDER) :].split("/")[0]
            return "".join(word.capitalize() for word in folder.split("_")) + "Function"
        frame = frame.f_back
    return None


def needs_of(service: str, operation: str, params: dict[str, Any]) -> list[Need]:
    """Return the actions that a call is judged by."""
    if service == "dynamodb":
        return [*_of_table(operation, params)]
    if service == "s3":
        return [*_of_bucket(operation, params)]
    resource = {
        "events": "PipelineBus",
        "cognito-idp": "UserPool",
        "secretsmanager": "RunPodSecret",
        "ses": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/sender",
    }[service]
    return [Need(f"{service}:{operation}", resource)]


_TRANSACTED = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}


def _of_table(operation: str, params: dict[str, Any]) -> Iterator[Need]:
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            yield from (Need(_TRANSACTED[kind], "Table") for kind in item)
        return
    index = params.get("IndexName")
    yield Need(
        f"dynamodb:{operation}",
        f"Table/index/{index}" if index else "Table",
        leading_key=_text(params["Key"]["pk"]) if "Key" in params else None,
    )


def _text(key: Any) -> str:
    """The resource's client wraps a value before it is sent; the order of the hooks is its own."""
    return str(key["S"] if isinstance(key, dict) else key)


_OBJECT_ACTIONS = {
    "HeadObject": "s3:GetObject",
    "GetObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CopyObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "UploadPartCopy": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "ListParts": "s3:ListMultipartUploadParts",
    "DeleteObject": "s3:DeleteObject",
}
_BUCKET_ACTIONS = {
    "ListObjectsV2": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
}


def _of_bucket(operation: str, params: dict[str, Any]) -> Iterator[Need]:
    if operation in _BUCKET_ACTIONS:
        yield Need(_BUCKET_ACTIONS[operation], "StorageBucket")
        return
    if operation == "DeleteObjects":
        for entry in params["Delete"]["Objects"]:
            yield _on_object("s3:DeleteObject", entry["Key"], entry.get("VersionId"))
        return
    action = _OBJECT_ACTIONS[operation]
    yield _on_object(action, params["Key"], params.get("VersionId"))
    if "CopySource" in params:  # botocore has made one text of it by now
        source, _, version = params["CopySource"].partition("?versionId=")
        yield _on_object("s3:GetObject", unquote(source).split("/", 1)[1], version)
    if operation == "HeadObject":  # without it what is missing is answered by 403
        yield Need("s3:ListBucket", "StorageBucket")


def _on_object(action: str, key: str, version_id: str | None) -> Need:
    return Need(f"{action}Version" if version_id else action, f"StorageBucket/{key}")


def _holds(statement: dict[str, Any], need: Need) -> bool:
    """Whether a statement's condition on leading keys holds; others are asserted elsewhere."""
    condition = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
    patterns = condition.get("dynamodb:LeadingKeys")
    if patterns is None:
        return True
    return need.leading_key is not None and any(fnmatchcase(need.leading_key, p) for p in patterns)
