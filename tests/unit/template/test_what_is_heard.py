"""What wakes a function, and where it goes when nobody could be woken."""

from brightrun.ports.eventbridge import SOURCE, EventType
from tests.support.deployment.template import BACKGROUND, Template, of_type, properties


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
    assert woken.keys() == {str(kind) for kind in EventType}


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
