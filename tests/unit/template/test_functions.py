"""How the functions run."""

import pytest

from tests.support.deployment.template import BACKGROUND, FUNCTIONS, Template, of_type, properties


def test_there_are_five_functions_each_imported_from_its_own_folder(template: Template) -> None:
    """Built under its parent packages, so that the cloud imports what the tests import."""
    functions = of_type(template, "AWS::Serverless::Function")
    steps = {"authorizer", "api", "validate_dataset", "process_jobs", "create_artifacts"}

    assert functions.keys() == FUNCTIONS
    assert {
        (function["Properties"]["CodeUri"], function["Properties"]["Handler"])
        for function in functions.values()
    } == {(f"functions/{step}/", f"functions.{step}.app.lambda_handler") for step in steps}
    for function in functions.values():
        assert function["Metadata"] == {"BuildProperties": {"ParentPackageMode": "auto"}}


def test_functions_run_on_the_chosen_processor_with_the_layer(
    deployed: Template, template: Template
) -> None:
    functions = of_type(deployed, "AWS::Lambda::Function")

    assert template["Resources"]["SharedLayer"]["Metadata"]["BuildArchitecture"] == {"Ref": "Arch"}
    assert len(functions) == 5
    assert deployed["Parameters"]["Arch"]["Default"] == "arm64"
    for function in functions.values():
        assert function["Properties"]["Runtime"] == "python3.13"
        assert function["Properties"]["Architectures"] == [{"Ref": "Arch"}]
        assert len(function["Properties"]["Layers"]) == 1
        assert "ZipFile" not in function["Properties"]["Code"]


def test_a_new_account_takes_the_stack(template: Template) -> None:
    """Its quota of ten refuses any reservation, and the stack with it."""
    assert template["Parameters"]["ReserveConcurrency"]["Default"] == "false"


def test_every_function_has_room_of_its_own_where_the_account_allows_it(
    template: Template,
) -> None:
    room: dict[str, object] = dict.fromkeys(BACKGROUND, 10)
    room |= {function: {"Ref": "ApiConcurrency"} for function in FUNCTIONS - BACKGROUND}
    reserved = {
        function: properties(template, function)["ReservedConcurrentExecutions"]["Fn::If"]
        for function in FUNCTIONS
    }

    assert reserved == {
        function: ["ConcurrencyIsReserved", wanted, {"Ref": "AWS::NoValue"}]
        for function, wanted in room.items()
    }


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
