"""What no role may do, typed by hand. What each needs: tests/integration/template."""

import pytest

from tests.support.deployment.template import (
    FUNCTIONS,
    Template,
    as_list,
    properties,
    statements,
    values_in,
)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_no_function_may_do_anything_everywhere(template: Template, function: str) -> None:
    for statement in statements(template, function):
        assert "*" not in as_list(statement["Resource"])
        assert not any(action.endswith("*") for action in as_list(statement["Action"]))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_no_function_may_scan_the_table(template: Template, function: str) -> None:
    actions = {a for s in statements(template, function) for a in as_list(s["Action"])}

    assert "dynamodb:Scan" not in actions


def test_only_process_jobs_may_read_the_providers_key(template: Template) -> None:
    readers = {
        function
        for function in FUNCTIONS
        for statement in statements(template, function)
        if "secretsmanager:GetSecretValue" in as_list(statement["Action"])
    }

    assert readers == {"ProcessJobsFunction"}


def test_only_the_eraser_removes_old_versions_and_nobody_hides_a_model(template: Template) -> None:
    """What a compromised function could do: hide a dataset's file, which its version outlives."""
    erasers = {
        function
        for function in FUNCTIONS
        for statement in statements(template, function)
        if "s3:DeleteObjectVersion" in as_list(statement["Action"])
    }
    deletable = {
        resource["Fn::Sub"]
        for function in FUNCTIONS
        for statement in statements(template, function)
        if "s3:DeleteObject" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }

    assert erasers == {"CreateArtifactsFunction"}
    assert deletable == {"${StorageBucket.Arn}/staging/*", "${StorageBucket.Arn}/datasets/*"}


def test_parts_are_joined_only_where_something_is_uploaded_or_fetched(
    template: Template,
) -> None:
    """A worker holds no credential: what it sends in parts is listed and joined for it.

    What one that is not ours leaves at addresses is fetched by the collector.
    """
    joiners = {
        (function, resource["Fn::Sub"])
        for function in FUNCTIONS
        for statement in statements(template, function)
        if "s3:ListMultipartUploadParts" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
        if "s3:PutObject" in as_list(statement["Action"])
    }

    assert joiners == {
        ("ApiFunction", "${StorageBucket.Arn}/datasets/*"),
        ("ApiFunction", "${StorageBucket.Arn}/staging/*"),
        ("CreateArtifactsFunction", "${StorageBucket.Arn}/staging/*"),
    }


def test_open_uploads_are_looked_for_only_where_parts_are_joined(template: Template) -> None:
    """The right is of the whole bucket: AWS knows no prefix of it, and with one it refuses.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    found = [
        (function, statement["Resource"], "Condition" in statement)
        for function in FUNCTIONS
        for statement in statements(template, function)
        if "s3:ListBucketMultipartUploads" in as_list(statement["Action"])
    ]

    assert found == [("ApiFunction", {"Fn::GetAtt": ["StorageBucket", "Arn"]}, False)]


def test_what_signs_urls_may_do_what_is_signed_and_the_api_alone_takes_it_on(
    template: Template,
) -> None:
    role, taken_on = properties(template, "SigningRole"), properties(template, "SigningRolePolicy")
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    (policy,) = role["Policies"]
    granted = {
        (action.removeprefix("s3:"), where["Fn::Sub"].removeprefix("${StorageBucket.Arn}/"))
        for statement in policy["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
        for where in as_list(statement["Resource"])
    }

    assert trusted["Principal"] == {"AWS": {"Fn::GetAtt": ["ApiFunctionRole", "Arn"]}}
    sent, versions = {"datasets", "training-files", "staging"}, {"datasets", "training-files"}
    assert granted == {
        *(("PutObject", f"{place}/*") for place in sent),
        *(("GetObject", f"{place}/*") for place in sent | {"models", "reports"}),
        *(("GetObjectVersion", f"{place}/*") for place in versions),
    }
    assert taken_on["Roles"] == [{"Ref": "ApiFunctionRole"}]


def test_the_secret_is_always_named_by_arn(template: Template) -> None:
    """`!Ref` is the ARN on AWS and the name elsewhere; `Id` is the ARN everywhere."""
    uses = [value for value in values_in(template) if value == {"Ref": "RunPodSecret"}]

    assert uses == []


def test_no_secret_is_a_parameter(template: Template) -> None:
    names = {name.lower() for name in template["Parameters"]}

    assert not any(word in name for name in names for word in ("secret", "password", "apikey"))
