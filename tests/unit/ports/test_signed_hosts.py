"""A signed URL names the host that has the bucket, so that nobody is redirected."""

import boto3
import pytest

from brightrun.ports.s3.objects import Store, sign_download, sign_upload
from brightrun.runtime import STORAGE


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_a_signed_url_names_the_buckets_own_region(region: str) -> None:
    session = boto3.Session("key", "secret", region_name=region)
    store = Store(session.client("s3", config=STORAGE), "a-bucket")
    host = f"https://a-bucket.s3.{region}.amazonaws.com/"

    assert sign_download(store, "models/x").startswith(host)
    assert sign_upload(store, "models/x", size_bytes=1).url.startswith(host)


def test_an_endpoint_of_ones_own_is_kept() -> None:
    session = boto3.Session("key", "secret", region_name="us-east-1")
    own = session.client("s3", config=STORAGE, endpoint_url="http://127.0.0.1:8701")

    assert sign_download(Store(own, "a-bucket"), "x").startswith("http://127.0.0.1:8701/a-bucket/x")
