"""`python -m tools.upload_pages STACK`: put web/dist where the stack's CloudFront reads it.

Assets go first and the index last, so that no index ever names what is not there. Replaced assets
stay for a week: a tab that was open goes on working. May run twice.
"""

import mimetypes
import sys
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DIST = Path("web/dist")
INDEX = "index.html"
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
KEPT_FOR = timedelta(days=7)


class NoPages(RuntimeError):
    """The stack serves no pages, or there is nothing to upload; the message says which."""


def files_in_order(dist: Path) -> Iterator[tuple[str, Path]]:
    """Yield key and file of everything built, the index last.

    Raises:
        NoPages: nothing was built.
    """
    if not (dist / INDEX).is_file():
        raise NoPages(f"{dist / INDEX} is missing: `make pages` builds it")
    found = {str(f.relative_to(dist)): f for f in dist.rglob("*") if f.is_file()}
    index = found.pop(INDEX)
    yield from sorted(found.items())
    yield INDEX, index


def upload(s3: "S3Client", bucket: str, dist: Path, now: datetime) -> list[str]:
    """Upload what was built, remove what was replaced a week ago, and return the keys uploaded."""
    uploaded = []
    for key, file in files_in_order(dist):
        kept = FOREVER if key.startswith("assets/") else ASK_AGAIN
        media_type = mimetypes.guess_type(key)[0] or "application/octet-stream"
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=file.read_bytes(),
            CacheControl=kept,
            ContentType=media_type,
        )
        uploaded.append(key)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for stored in page.get("Contents", []):
            if stored["Key"] not in uploaded and stored["LastModified"] < now - KEPT_FOR:
                s3.delete_object(Bucket=bucket, Key=stored["Key"])
    return uploaded


def outputs_of(cloudformation: Any, stack_name: str) -> Mapping[str, str]:  # noqa: ANN401 - boto3 makes clients by name
    """Return the outputs of a deployed stack."""
    (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def main(stack_name: str) -> None:
    """Upload, and have every edge ask for the index again.

    Raises:
        NoPages: see there.
    """
    outputs = outputs_of(boto3.client("cloudformation"), stack_name)
    if "PagesBucketName" not in outputs:
        raise NoPages(f"{stack_name} serves no pages: ServePages is false")
    uploaded = upload(boto3.client("s3"), outputs["PagesBucketName"], DIST, datetime.now(UTC))
    boto3.client("cloudfront").create_invalidation(
        DistributionId=outputs["PagesDistributionId"],
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": [f"/{INDEX}"]},
            "CallerReference": str(uuid.uuid4()),
        },
    )
    sys.stdout.write(f"{len(uploaded)} files; the dashboard: {outputs['PagesUrl']}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except NoPages as reason:
        sys.exit(str(reason))
