"""What rings, by which words of the code, and that whoever hears it finds what to do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.deployment.template import BACKGROUND, FUNCTIONS, Template, of_type, properties

ROOT = Path(__file__).parents[3]
LOGS = {
    "ValidateDatasetLogs": "functions/validate_dataset",
    "ProcessJobsLogs": "functions/process_jobs",
    "CreateArtifactsLogs": "functions/create_artifacts",
}
ERRORS = ("ValidatingErrorsFilter", "ProcessingErrorsFilter", "CollectingErrorsFilter")
SILENT = ("ValidateDatasetSilentAlarm", "ProcessJobsSilentAlarm", "CreateArtifactsSilentAlarm")
BILLS = ("ApiBillsFilter", "ProcessingBillsFilter", "CollectingBillsFilter")
RUNBOOK = ROOT / "docs" / "runbook.md"


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    found = of_type(template, "AWS::CloudWatch::Alarm")
    return {name: alarm["Properties"] for name, alarm in found.items()}


def source_of(*folders: str) -> str:
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return "\n".join(file.read_text() for file in files)


def words_in(pattern: str) -> list[str]:
    """Return the messages that a filter looks for or leaves out."""
    return re.findall(r'\$\.message !?= "([^"]+)"', pattern)


def test_every_alarm_has_an_entry_in_the_runbook_and_every_entry_an_alarm(
    template: Template,
) -> None:
    budgets = of_type(template, "AWS::Budgets::Budget")
    headings = [line for line in RUNBOOK.read_text().splitlines() if line.startswith("## ")]
    entries = re.findall(r"`(\w+)`", " ".join(headings))

    assert sorted(entries) == sorted([*alarms(template), *budgets])
    assert all("(docs/runbook.md)" in a["AlarmDescription"] for a in alarms(template).values())


def test_every_call_that_the_runbook_names_is_one_of_ours() -> None:
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    ours = {
        (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, methods in paths.items()
        for method in methods
    }
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/api/[^`? ]+)", RUNBOOK.read_text())

    assert len(named) >= 8
    assert {(method, re.sub(r"{\w+}", "{}", path)) for method, path in named} <= ours


def test_there_are_few_alarms_and_each_tells_somebody(template: Template) -> None:
    found = alarms(template)

    assert len(found) <= 15
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in found.values())


def test_only_silence_rings_where_nothing_is_measured(template: Template) -> None:
    rings = {n for n, a in alarms(template).items() if a["TreatMissingData"] == "breaching"}
    others = {a["TreatMissingData"] for n, a in alarms(template).items() if n not in rings}

    assert rings == set(SILENT)
    assert others == {"notBreaching"}


def test_every_function_has_an_alarm_for_its_errors(template: Template) -> None:
    watched = {
        alarm["Dimensions"][0]["Value"]["Ref"]
        for alarm in alarms(template).values()
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    }

    assert watched == FUNCTIONS


def test_a_schedule_that_fell_silent_rings_after_five_minutes(template: Template) -> None:
    found = [properties(template, name) for name in SILENT]

    assert {alarm["Dimensions"][0]["Value"]["Ref"] for alarm in found} == BACKGROUND
    for alarm in found:
        assert (alarm["MetricName"], alarm["Statistic"]) == ("Invocations", "Sum")
        assert (alarm["Period"], alarm["EvaluationPeriods"]) == (60, 5)
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "LessThanThreshold")


def test_no_alarm_needs_what_the_embedded_engine_refuses(template: Template) -> None:
    """It takes no metric math, and the template goes in there as it is."""
    assert not any("Metrics" in alarm for alarm in alarms(template).values())


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_line_of_a_background_function_rings(template: Template, name: str) -> None:
    rule = properties(template, name)
    (metric,) = rule["MetricTransformations"]

    assert '($.level = "ERROR")' in rule["FilterPattern"]
    assert rule["LogGroupName"]["Ref"] in LOGS
    assert metric["MetricName"] == properties(template, "ErrorLinesAlarm")["MetricName"]


def test_error_lines_of_all_background_functions_are_heard(template: Template) -> None:
    heard = {properties(template, name)["LogGroupName"]["Ref"] for name in ERRORS}

    assert heard == LOGS.keys()


def test_what_has_an_alarm_of_its_own_does_not_ring_twice(template: Template) -> None:
    left_out = words_in(properties(template, "ProcessingErrorsFilter")["FilterPattern"])
    own = [
        *words_in(properties(template, "OrphansFilter")["FilterPattern"]),
        *words_in(properties(template, "ProviderTroubleFilter")["FilterPattern"]),
    ]

    assert sorted(left_out) == sorted(own)
    assert len(own) == 4


def test_every_word_that_a_filter_looks_for_is_said_by_the_code(template: Template) -> None:
    looked_for = {
        word
        for rule in of_type(template, "AWS::Logs::MetricFilter").values()
        for word in words_in(rule["Properties"]["FilterPattern"])
    }
    code = source_of("functions", "layers/shared/brightrun")
    silent = [w for w in looked_for if not re.search(rf'log\.(error|warning|info)\("{w}"', code)]

    assert silent == []
    assert len(looked_for) == 6


def test_bills_are_added_up_wherever_a_job_may_end(template: Template) -> None:
    rules = [properties(template, name) for name in BILLS]
    (value,) = {r["MetricTransformations"][0]["MetricValue"] for r in rules}
    alarm = properties(template, "SpendAlarm")

    assert {r["LogGroupName"]["Ref"] for r in rules} == {
        "ApiLogs",
        "ProcessJobsLogs",
        "CreateArtifactsLogs",
    }
    assert value == "$.amount_usd"
    assert {str(r["MetricTransformations"][0]["MetricName"]) for r in rules} == {
        str(alarm["MetricName"])
    }
    assert (alarm["Period"], alarm["Threshold"]) == (86400, {"Ref": "DailySpendAlarmUsd"})


def test_a_second_letter_nobody_could_deliver_rings_again(template: Template) -> None:
    """What lies in the queue lies there for two weeks, and would keep the alarm from ringing."""
    assert properties(template, "UndeliveredAlarm")["MetricName"] == "NumberOfMessagesSent"


def test_the_budget_is_there_only_where_somebody_can_be_told(template: Template) -> None:
    assert template["Resources"]["AccountBudget"]["Condition"] == "AccountIsBudgeted"
    assert template["Conditions"]["AccountIsBudgeted"]["Fn::And"][0] == {
        "Condition": "HasAlarmEmail"
    }
