"""How the dashboard gets into its bucket."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tools.upload_pages import NoPages, files_in_order, upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "pages"


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    with mock_aws():
        client = boto3.client(
            "s3",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-a1.js").write_text("go()")
    (tmp_path / "index.html").write_text("<!doctype html>")
    return tmp_path


def test_the_index_goes_last(dist: Path) -> None:
    assert [key for key, _ in files_in_order(dist)] == ["assets/index-a1.js", "index.html"]


def test_without_a_build_it_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(NoPages, match="make pages"):
        list(files_in_order(tmp_path))


def test_assets_are_kept_for_ever_and_the_index_is_asked_for_again(
    s3: "S3Client", dist: Path
) -> None:
    upload(s3, BUCKET, dist, datetime.now(UTC))
    asset = s3.head_object(Bucket=BUCKET, Key="assets/index-a1.js")
    index = s3.head_object(Bucket=BUCKET, Key="index.html")

    assert "immutable" in asset["CacheControl"]
    assert (index["CacheControl"], index["ContentType"]) == ("no-cache", "text/html")


def test_what_was_replaced_stays_for_a_week(s3: "S3Client", dist: Path) -> None:
    s3.put_object(Bucket=BUCKET, Key="assets/index-old.js", Body=b"old")
    upload(s3, BUCKET, dist, datetime.now(UTC))
    stored = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert "assets/index-old.js" in {each["Key"] for each in stored}

    upload(s3, BUCKET, dist, datetime.now(UTC) + timedelta(days=8))
    stored = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert {each["Key"] for each in stored} == {"assets/index-a1.js", "index.html"}
