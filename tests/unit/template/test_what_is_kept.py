"""What the template keeps: table, bucket, people. Much of it the embedded stack ignores."""

from tests.support.deployment.template import Template, properties


def test_the_table_can_be_restored_and_forgets_on_time(template: Template) -> None:
    table = properties(template, "Table")

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_table_has_the_two_indexes(template: Template) -> None:
    indexes = {
        index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
        for index in properties(template, "Table")["GlobalSecondaryIndexes"]
    }

    assert indexes == {"work": ["work", "due_at"], "list": ["list_pk", "list_sk"]}


def test_the_bucket_is_private_encrypted_and_versioned(template: Template) -> None:
    bucket = properties(template, "StorageBucket")

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "BucketEncryption" in bucket
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_forgets_what_is_temporary(template: Template) -> None:
    rules = properties(template, "StorageBucket")["LifecycleConfiguration"]["Rules"]
    by_id = {rule["Id"]: rule for rule in rules}

    assert all(rule["Status"] == "Enabled" for rule in rules)
    assert by_id["staging-is-temporary"]["Prefix"] == "staging/"
    assert by_id["staging-is-temporary"]["ExpirationInDays"] == 7
    aborted = by_id["unfinished-uploads-go"]["AbortIncompleteMultipartUpload"]
    assert aborted == {"DaysAfterInitiation": 2}
    kept = by_id["replaced-versions-go"]["NoncurrentVersionExpiration"]
    assert kept == {"NoncurrentDays": {"Ref": "DeletedDays"}}
    assert by_id["markers-of-nothing-go"]["ExpiredObjectDeleteMarker"] is True


def test_nothing_but_staging_expires(template: Template) -> None:
    rules = properties(template, "StorageBucket")["LifecycleConfiguration"]["Rules"]

    assert [rule["Id"] for rule in rules if "ExpirationInDays" in rule] == ["staging-is-temporary"]


def test_a_browser_may_upload_and_read_back_the_checksum(template: Template) -> None:
    (rule,) = properties(template, "StorageBucket")["CorsConfiguration"]["CorsRules"]

    assert {"PUT", "GET"} <= set(rule["AllowedMethods"])
    assert {"ETag", "x-amz-checksum-sha256"} <= set(rule["ExposedHeaders"])


def test_storage_over_plain_http_is_refused_unless_switched_off(template: Template) -> None:
    (statement,) = properties(template, "StorageBucketPolicy")["PolicyDocument"]["Statement"]

    assert template["Resources"]["StorageBucketPolicy"]["Condition"] == "TlsIsRequired"
    assert template["Parameters"]["RequireTls"]["Default"] == "true"
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_holds_data_outlives_the_stack_but_not_one_that_could_not_be_made(
    template: Template,
) -> None:
    """Else each failed first try leaves a table, a bucket, a pool and a secret that is paid for."""
    kept = {
        name
        for name, resource in template["Resources"].items()
        if resource.get("UpdateReplacePolicy") == "Retain"
    }
    policies = {template["Resources"][name]["DeletionPolicy"] for name in kept}

    assert kept == {"Table", "StorageBucket", "UserPool", "RunPodSecret", "PagesBucket"}
    assert policies == {"RetainExceptOnCreate"}


def test_people_are_invited_and_passwords_are_long(template: Template) -> None:
    pool = properties(template, "UserPool")

    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12


def test_an_address_counts_once_it_is_proven_and_a_second_factor_may_be_had(
    template: Template,
) -> None:
    """Else a mail of one's own jobs goes to whatever address somebody typed."""
    pool = properties(template, "UserPool")
    updates = pool["UserAttributeUpdateSettings"]

    assert updates == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    assert pool["MfaConfiguration"] == "OPTIONAL"
