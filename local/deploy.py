"""Deploy template.yaml into the embedded AWS, as `sam deploy` would into the real one.

The template is the one that goes to AWS. Only two things are put in from here: where the archives
lie, and the parameters that name endpoints.
"""

import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from local.build import built_function, built_layer
from local.settings import GPU_ENDPOINTS, REGION, STACK_NAME, LocalSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ARCHIVE_BUCKET = "brightrun-local-archives"
# The engine's root, as its documentation names it; it opens nothing but this engine.
ENGINE_KEY = "test"
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_CODE_OF = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
_FINISHED_WITHIN_SECONDS = 120.0


class DeployFailed(RuntimeError):
    """The stack did not reach a complete state; the message names the resource and the reason."""


@dataclass(frozen=True)
class Aws:
    """Clients of the embedded AWS, all with its address and root key."""

    url: str

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients by name
        """Return a client of one service."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ENGINE_KEY,
            aws_secret_access_key=ENGINE_KEY,
        )


def parameters(settings: LocalSettings, base_models: list[dict[str, Any]]) -> dict[str, str]:
    """Return the values for the template: the addresses of this stack and the demo's base model."""
    named = {"DefaultBaseModel": base_models[0]["id"]} if base_models else {}
    return {
        **named,
        "Stage": "local",
        "Arch": "x86_64",
        "PublicApiUrl": settings.front_url,
        # The engine has no CloudFront; the front port serves the pages.
        "ServePages": "false",
        "PagesUrl": settings.front_url,
        "RunPodApiUrl": f"{settings.runpod_url}/v2",
        "RunPodManagementUrl": f"{settings.runpod_url}/management",
        # The stand-in's own limit stands: tests ask for the number of workers they want.
        "EndpointMaxWorkers": "1",
        "CognitoJwksBaseUrl": settings.aws_url,
        "RequireTls": "false",
        # Background work may not take the places that people's calls need; see local/engine.
        "ReserveConcurrency": "true",
        "ApiConcurrency": "10",
        "GpuEndpoints": json.dumps(GPU_ENDPOINTS),
        "ExtraBaseModels": json.dumps(base_models),
        # Short, so that a person watching a two-minute run sees it move.
        "ReportIntervalSeconds": "2",
    }


def deploy(
    settings: LocalSettings, template_file: Path, values: Mapping[str, str]
) -> dict[str, str]:
    """Bring the stack to what the template says and return its outputs; repeating is cheap.

    Raises:
        DeployFailed: a resource was refused.
        BuildFailed: a package of a function could not be installed.
    """
    aws = Aws(settings.aws_url)
    template = _translated(_with_archives(settings, aws.client("s3"), template_file), values)
    cloudformation = aws.client("cloudformation")
    body = json.dumps(template)
    known = set(template.get("Parameters", {}))
    given = [
        {"ParameterKey": key, "ParameterValue": value}
        for key, value in values.items()
        if key in known
    ]
    request = {
        "StackName": STACK_NAME,
        "TemplateURL": _uploaded(aws.client("s3"), "template.json", body.encode(), settings),
        "Parameters": given,
        "Capabilities": _CAPABILITIES,
    }
    try:
        if _existing(cloudformation) is None:
            cloudformation.create_stack(**request)
        else:
            cloudformation.update_stack(**request)
    except ClientError as error:
        if "No updates" not in str(error):
            raise DeployFailed(str(error)) from error
    outputs = _finished(cloudformation)
    _forget_previous(aws.client("s3"), template)
    return outputs


def _forget_previous(s3: "S3Client", template: Mapping[str, Any]) -> None:
    """Delete archives that the deployed template does not name; one is 80 MB."""
    named = json.dumps(template)
    stored = s3.list_objects_v2(Bucket=ARCHIVE_BUCKET).get("Contents", [])
    for key in (entry["Key"] for entry in stored):
        if key.endswith(".zip") and key not in named:
            s3.delete_object(Bucket=ARCHIVE_BUCKET, Key=key)


def built_template(settings: LocalSettings, template_file: Path) -> dict[str, Any]:
    """Return the template with every folder replaced by its archive, as `sam build` leaves one.

    Raises:
        BuildFailed: a package of a function could not be installed.
    """
    from samtranslator.yaml_helper import yaml_parse  # noqa: PLC0415 - slow; only to deploy

    template: dict[str, Any] = yaml_parse(template_file.read_text())
    for kind, resource, properties in _packaged(template):
        is_layer = kind == "AWS::Serverless::LayerVersion"
        folder = template_file.parent / properties[_CODE_OF[kind]]
        archive = (
            built_layer(settings)
            if is_layer
            else built_function(settings, folder, _place(resource))
        )
        properties[_CODE_OF[kind]] = str(archive)
    return template


def _with_archives(settings: LocalSettings, s3: "S3Client", template_file: Path) -> dict[str, Any]:
    """Return the template with every local folder replaced by its uploaded archive."""
    template = built_template(settings, template_file)
    if ARCHIVE_BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=ARCHIVE_BUCKET)
    for kind, _, properties in _packaged(template):
        archive = Path(properties[_CODE_OF[kind]])
        _upload_once(s3, archive)
        properties[_CODE_OF[kind]] = f"s3://{ARCHIVE_BUCKET}/{archive.name}"
    return template


def _packaged(
    template: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any], dict[str, Any]]]:
    """Yield what has code: its type, the resource, and its properties."""
    for resource in template["Resources"].values():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind in _CODE_OF and isinstance(properties.get(_CODE_OF[kind]), str):
            yield kind, resource, properties


def _place(function: Mapping[str, Any]) -> str:
    """Return where SAM puts a function's files: below the packages that its handler names."""
    mode = function.get("Metadata", {}).get("BuildProperties", {}).get("ParentPackageMode")
    if mode != "auto":
        return ""
    package, _, _ = function["Properties"]["Handler"].rsplit(".", 2)
    return str(package).replace(".", "/")


def _upload_once(s3: "S3Client", archive: Path) -> None:
    try:
        s3.head_object(Bucket=ARCHIVE_BUCKET, Key=archive.name)
    except ClientError:
        s3.upload_file(str(archive), ARCHIVE_BUCKET, archive.name)


def _uploaded(s3: "S3Client", name: str, body: bytes, settings: LocalSettings) -> str:
    s3.put_object(Bucket=ARCHIVE_BUCKET, Key=name, Body=body)
    return f"{settings.aws_url}/{ARCHIVE_BUCKET}/{name}"


def _translated(template: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Return plain CloudFormation, made offline by the translator that AWS runs."""
    from samtranslator.translator.transform import transform  # noqa: PLC0415 - slow, as above

    # The translator asks its environment for a region and knows no other way.
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    # It warns of usage numbers that it was not asked to send.
    logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)
    plain: dict[str, Any] = transform(template, dict(values), None)
    return plain


def _status(cloudformation: Any) -> str | None:  # noqa: ANN401 - a client made by name
    try:
        found = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    except ClientError:
        return None
    status: str = found["StackStatus"]
    return None if status == "DELETE_COMPLETE" else status


def _existing(cloudformation: Any) -> str | None:  # noqa: ANN401 - a client made by name
    """Return the status of a stack that can be updated; one that never came up is removed."""
    status = _status(cloudformation)
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}:
        cloudformation.delete_stack(StackName=STACK_NAME)
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        return None
    return status


def _finished(cloudformation: Any) -> dict[str, str]:  # noqa: ANN401 - a client made by name
    deadline = time.monotonic() + _FINISHED_WITHIN_SECONDS
    while (status := str(_status(cloudformation))).endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeployFailed(f"{STACK_NAME} is {status} after {_FINISHED_WITHIN_SECONDS} s")
        time.sleep(0.2)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeployFailed(f"{STACK_NAME} is {status}: {_reason(cloudformation)}")
    outputs = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0].get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def _reason(cloudformation: Any) -> str:  # noqa: ANN401 - a client made by name
    events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '?')}"
        for event in reversed(failed)
    )
