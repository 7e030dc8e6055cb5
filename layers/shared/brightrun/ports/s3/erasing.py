"""Objects that are gone for good: every version below a prefix, delete markers among them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from brightrun.errors import ProviderUnavailable
from brightrun.ports.s3.objects import Store

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


def erase_under(store: Store, prefix: str, *, has_time: Callable[[], bool]) -> bool:
    """Remove every version below a prefix; return whether all of them are gone.

    Safe to repeat, and to break off between two pages of a thousand.

    Raises:
        ValueError: the prefix names no folder: it could reach what begins with the same letters.
        ProviderUnavailable: storage kept some.
    """
    if not prefix.endswith("/"):
        raise ValueError(prefix)
    pages = store.client.get_paginator("list_object_versions").paginate(
        Bucket=store.bucket, Prefix=prefix
    )
    for page in pages:
        if not has_time():
            return False
        found: list[ObjectIdentifierTypeDef] = [
            {"Key": entry["Key"], "VersionId": entry["VersionId"]}
            for entry in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        ]
        if found:
            _remove(store, found)
    return True


def _remove(store: Store, found: "list[ObjectIdentifierTypeDef]") -> None:
    answer = store.client.delete_objects(
        Bucket=store.bucket, Delete={"Objects": found, "Quiet": True}
    )
    kept = answer.get("Errors", [])
    if kept:
        raise ProviderUnavailable(f"storage kept {len(kept)} objects: {kept[0].get('Code')}")
