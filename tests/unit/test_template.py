"""What template.yaml promises, read from the file: above all what the embedded stack ignores.

Nothing here runs the stack; tests/stack does, and cannot see these properties.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from brightrun.ports.events import SOURCE, Happening
from brightrun.settings import Settings

ROOT = Path(__file__).parents[2]
Template = dict[str, Any]

FUNCTIONS = {
    "AuthorizerFunction",
    "ApiFunction",
    "ValidateDatasetFunction",
    "ProcessJobsFunction",
    "CreateArtifactsFunction",
}
BACKGROUND = {"ValidateDatasetFunction", "ProcessJobsFunction", "CreateArtifactsFunction"}


def properties(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {name: r for name, r in template["Resources"].items() if r["Type"] == kind}


def statements(template: Template, function: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in properties(template, function)["Policies"]
        for statement in policy["Statement"]
    ]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def values_in(tree: Any) -> Iterator[Any]:
    yield tree
    for inner in (
        tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    ):
        yield from values_in(inner)


@pytest.fixture(scope="session")
def deployed(template: Template) -> Template:
    """The plain CloudFormation that SAM makes of it."""
    source = template | {"Resources": dict(template["Resources"])}
    for name, resource in source["Resources"].items():
        where = {"CodeUri", "ContentUri"} & resource["Properties"].keys()
        packaged = resource["Properties"] | dict.fromkeys(where, "s3://bucket/key")
        source["Resources"][name] = resource | {"Properties": packaged}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        made: Template = transform(source, {}, None)
    return made


# What is kept


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
    assert by_id["replaced-versions-go"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


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


def test_what_holds_data_outlives_the_stack(template: Template) -> None:
    kept = {
        name
        for name, resource in template["Resources"].items()
        if resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain"
    }

    assert kept == {"Table", "StorageBucket", "UserPool", "RunPodSecret"}


def test_people_are_invited_and_passwords_are_long(template: Template) -> None:
    pool = properties(template, "UserPool")

    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12


# What is heard


def test_each_of_our_events_wakes_exactly_one_function(template: Template) -> None:
    woken: dict[str, list[str]] = {}
    for function in BACKGROUND:
        for event in properties(template, function)["Events"].values():
            pattern = event["Properties"].get("Pattern", {})
            if pattern.get("source") == [SOURCE]:
                for kind in pattern["detail-type"]:
                    woken.setdefault(kind, []).append(function)

    assert woken == {
        "dataset.confirmed": ["ValidateDatasetFunction"],
        "job.created": ["ProcessJobsFunction"],
        "job.stop_requested": ["ProcessJobsFunction"],
        "attempt.started": ["ProcessJobsFunction"],
        "attempt.finished": ["ProcessJobsFunction"],
        "job.collectable": ["CreateArtifactsFunction"],
    }
    assert woken.keys() == {str(kind) for kind in Happening}


def test_only_dataset_objects_wake_the_validator(template: Template) -> None:
    pattern = properties(template, "ValidateDatasetFunction")["Events"]["Uploaded"]["Properties"]

    assert pattern["Pattern"]["detail"] == {
        "bucket": {"name": [{"Ref": "StorageBucket"}]},
        "object": {"key": [{"prefix": "datasets/"}]},
    }


def test_each_background_function_is_started_every_minute(deployed: Template) -> None:
    schedules = of_type(deployed, "AWS::Scheduler::Schedule")
    targets = {s["Properties"]["Target"]["Arn"]["Fn::GetAtt"][0] for s in schedules.values()}
    rates = {s["Properties"]["ScheduleExpression"] for s in schedules.values()}

    assert targets == BACKGROUND
    assert rates == {"rate(1 minute)"}


def test_two_stacks_in_one_account_do_not_share_a_schedule(deployed: Template) -> None:
    """SAM names a schedule by its logical id when nobody else does."""
    schedules = of_type(deployed, "AWS::Scheduler::Schedule")
    names = [s["Properties"]["Name"]["Fn::Sub"] for s in schedules.values()]

    assert len(set(names)) == 3
    assert all(name.startswith("${AWS::StackName}-") for name in names)


def test_nothing_that_was_given_up_is_lost(deployed: Template) -> None:
    """Rules, schedules and asynchronous invocations all end in the same queue."""
    queue = {"Fn::GetAtt": ["UndeliveredQueue", "Arn"]}
    rules = of_type(deployed, "AWS::Events::Rule").values()
    schedules = of_type(deployed, "AWS::Scheduler::Schedule").values()
    targets = [target for rule in rules for target in rule["Properties"]["Targets"]]
    targets += [schedule["Properties"]["Target"] for schedule in schedules]

    assert len(targets) == 7
    assert all(target["DeadLetterConfig"] == {"Arn": queue} for target in targets)
    for function in BACKGROUND:
        assert properties(deployed, function)["DeadLetterConfig"] == {"TargetArn": queue}


# The functions


def test_there_are_five_functions_with_code_in_their_own_folder(template: Template) -> None:
    functions = of_type(template, "AWS::Serverless::Function")
    folders = {function["Properties"]["CodeUri"] for function in functions.values()}

    assert functions.keys() == FUNCTIONS
    assert folders == {
        "functions/authorizer/",
        "functions/api/",
        "functions/validate_dataset/",
        "functions/process_jobs/",
        "functions/create_artifacts/",
    }
    assert template["Globals"]["Function"]["Handler"] == "app.lambda_handler"


def test_functions_run_on_the_chosen_processor_with_the_layer(deployed: Template) -> None:
    functions = of_type(deployed, "AWS::Lambda::Function")

    assert len(functions) == 5
    assert deployed["Parameters"]["Arch"]["Default"] == "arm64"
    for function in functions.values():
        assert function["Properties"]["Runtime"] == "python3.13"
        assert function["Properties"]["Architectures"] == [{"Ref": "Arch"}]
        assert len(function["Properties"]["Layers"]) == 1
        assert "ZipFile" not in function["Properties"]["Code"]


def test_background_functions_are_capped_and_the_cap_can_be_lifted(template: Template) -> None:
    for function in BACKGROUND:
        cap = properties(template, function)["ReservedConcurrentExecutions"]["Fn::If"]

        assert cap == ["ConcurrencyIsReserved", 10, {"Ref": "AWS::NoValue"}]


@pytest.mark.parametrize(
    ("function", "seconds"),
    [
        ("AuthorizerFunction", 10),
        ("ApiFunction", 29),
        ("ValidateDatasetFunction", 900),
        ("ProcessJobsFunction", 120),
        ("CreateArtifactsFunction", 300),
    ],
)
def test_every_function_has_its_time(template: Template, function: str, seconds: int) -> None:
    assert properties(template, function)["Timeout"] == seconds


def test_every_function_logs_where_logs_are_forgotten(template: Template) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    used = {properties(template, f)["LoggingConfig"]["LogGroup"]["Ref"] for f in FUNCTIONS}

    assert len(used) == 5
    assert used < groups.keys()
    for group in groups.values():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_function_has_an_alarm_for_errors_and_for_throttles(template: Template) -> None:
    alarms = [alarm["Properties"] for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()]
    watched = {
        (alarm["Dimensions"][0]["Value"]["Ref"], alarm["MetricName"])
        for alarm in alarms
        if alarm["Namespace"] == "AWS/Lambda"
    }

    assert watched == {(f, metric) for f in FUNCTIONS for metric in ("Errors", "Throttles")}
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms)
    assert {alarm["Namespace"] for alarm in alarms} == {
        "AWS/Lambda",
        "AWS/SQS",
        "AWS/ApiGateway",
    }


# Who may do what


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


RECORDS = {
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
}
OBJECTS = {"s3:GetObject", "s3:ListBucket"}


@pytest.mark.parametrize(
    ("function", "allowed"),
    [
        ("AuthorizerFunction", {"dynamodb:GetItem"}),
        (
            "ApiFunction",
            RECORDS
            | OBJECTS
            | {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}
            | {"events:PutEvents"},
        ),
        (
            "ValidateDatasetFunction",
            RECORDS | OBJECTS | {"s3:PutObject", "s3:AbortMultipartUpload"},
        ),
        (
            "ProcessJobsFunction",
            RECORDS | OBJECTS | {"secretsmanager:GetSecretValue", "events:PutEvents"},
        ),
        ("CreateArtifactsFunction", RECORDS | OBJECTS | {"s3:PutObject", "s3:DeleteObject"}),
    ],
)
def test_a_function_may_do_what_it_does_and_nothing_else(
    template: Template, function: str, allowed: set[str]
) -> None:
    actions = {a for s in statements(template, function) for a in as_list(s["Action"])}

    assert actions == allowed


def test_a_published_model_can_be_deleted_by_no_function(template: Template) -> None:
    deletable = {
        resource["Fn::Sub"]
        for function in FUNCTIONS
        for statement in statements(template, function)
        if "s3:DeleteObject" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }

    assert deletable == {"${StorageBucket.Arn}/staging/*"}


def test_the_secret_is_always_named_by_arn(template: Template) -> None:
    """`!Ref` is the ARN on AWS and the name elsewhere; `Id` is the ARN everywhere."""
    uses = [value for value in values_in(template) if value == {"Ref": "RunPodSecret"}]

    assert uses == []


def test_no_secret_is_a_parameter(template: Template) -> None:
    names = {name.lower() for name in template["Parameters"]}

    assert not any(word in name for name in names for word in ("secret", "password", "apikey"))


# The HTTP API


def test_the_authorizer_is_asked_for_every_request_also_without_a_token(
    deployed: Template,
) -> None:
    body = properties(deployed, "HttpApi")["Body"]
    schemes = body["components"]["securitySchemes"]
    asked = schemes["Identify"]["x-amazon-apigateway-authorizer"]
    routes = [method for path in body["paths"].values() for method in path.values()]

    assert asked["authorizerPayloadFormatVersion"] == "2.0"
    assert asked["enableSimpleResponses"] is True
    assert asked["authorizerResultTtlInSeconds"] == 0
    assert not asked.get("identitySource")
    assert len(routes) == 6
    assert all(route["security"] == [{"Identify": []}] for route in routes)


def test_preflights_are_answered_by_the_api_and_not_by_a_route(deployed: Template) -> None:
    body = properties(deployed, "HttpApi")["Body"]
    methods = {method for path in body["paths"].values() for method in path}

    assert methods == {"get", "post", "put", "patch", "delete"}


def test_cors_survives_the_transformation(deployed: Template) -> None:
    """Given a function instead of a list of origins, SAM drops all the rest of CORS."""
    cors = properties(deployed, "HttpApi")["Body"]["x-amazon-apigateway-cors"]

    assert cors["allowOrigins"] == ["*"]
    assert {"authorization", "content-type", "idempotency-key"} <= set(cors["allowHeaders"])
    assert not cors.get("allowCredentials")


def test_the_api_is_throttled_and_writes_access_logs(deployed: Template) -> None:
    stage = properties(deployed, "HttpApiApiGatewayDefaultStage")

    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 200
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 400
    assert stage["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["HttpApiLogs", "Arn"]}


# Configuration


def variables(template: Template) -> set[str]:
    names = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for function in FUNCTIONS:
        own = properties(template, function).get("Environment", {}).get("Variables", {})
        names |= own.keys()
    return {name for name in names if name.startswith("BRIGHTRUN_")}


def test_every_setting_is_in_the_template_and_nothing_else_is(template: Template) -> None:
    settings = {f"BRIGHTRUN_{name.upper()}" for name in Settings.model_fields}

    assert variables(template) == settings


def test_every_setting_and_every_parameter_is_explained(template: Template) -> None:
    explained = (ROOT / "docs" / "configuration.md").read_text()
    names = [f"BRIGHTRUN_{name.upper()}" for name in Settings.model_fields]
    missing = [n for n in [*names, *template["Parameters"]] if f"`{n}`" not in explained]

    assert missing == []


def test_every_parameter_is_used(template: Template) -> None:
    rest = {part: template[part] for part in ("Globals", "Resources", "Conditions", "Outputs")}
    used = {value["Ref"] for value in values_in(rest) if isinstance(value, dict) and "Ref" in value}

    assert set(template["Parameters"]) <= used


def test_template_defaults_are_the_codes_defaults(template: Template) -> None:
    """A limit that is a setting with a default has the same one in the template."""
    parameters = template["Parameters"]
    words = {
        name: "".join(w.capitalize() for w in name.split("_")) for name in Settings.model_fields
    }
    compared = 0
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, int | float) and words[name] in parameters:
            assert parameters[words[name]]["Default"] == field.default, name
            compared += 1

    assert compared == 12
