"""One built function, one event, against the running local stack: `make invoke STEP= EVENT=`.

What `sam local invoke` does, without a container engine; with `IN=container`, `sam local invoke`
itself. `python -m local.invoke --env-vars` prints the file that SAM's own `--env-vars` wants.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from local import container, emulator
from local.deploy import ENGINE_KEY, Aws
from local.settings import REGION, STACK_NAME, LocalSettings, read_settings

STEPS = {
    "authorizer": "AuthorizerFunction",
    "api": "ApiFunction",
    "validate_dataset": "ValidateDatasetFunction",
    "process_jobs": "ProcessJobsFunction",
    "create_artifacts": "CreateArtifactsFunction",
}


def deployed_variables(settings: LocalSettings) -> dict[str, dict[str, str]]:
    """Return each deployed function's variables, by its name in the template, with AWS's own."""
    aws = Aws(settings.aws_url)
    stacks = aws.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"]
    names = {o["OutputKey"]: o["OutputValue"] for o in stacks[0]["Outputs"]}
    reach = {
        "AWS_ENDPOINT_URL": settings.aws_url,
        "AWS_ACCESS_KEY_ID": ENGINE_KEY,
        "AWS_SECRET_ACCESS_KEY": ENGINE_KEY,
        "AWS_DEFAULT_REGION": REGION,
        # the deployed function alone may take on the role that signs; the engine's key signs itself
        "BRIGHTRUN_SIGNING_ROLE_ARN": "",
    }
    found = {}
    for function in STEPS.values():
        known = aws.client("lambda").get_function_configuration(
            FunctionName=names[f"{function}Name"]
        )
        found[function] = {**known["Environment"]["Variables"], **reach}
    return found


def invoked(settings: LocalSettings, step: str, event: Mapping[str, Any]) -> str:
    """Return what a step answers to an event, under the runtime's emulator.

    Raises:
        NotBuilt: there is nothing to run.
    """
    function = emulator.built(STEPS[step])
    variables = deployed_variables(settings)[function.name]
    with emulator.running(function, variables) as url:
        return emulator.invoke(url, event)


def invoked_in_container(settings: LocalSettings, step: str, event: str) -> str:
    """Return what a step answers to an event of `events/`, by `sam local invoke`.

    Raises:
        NotBuilt: there is nothing to run, or nothing to run it in.
    """
    variables = deployed_variables(settings)
    return container.invoked_by_sam(STEPS[step], event, variables, settings.aws_port)


def main() -> int:
    """Print the answer; 1 when the function failed, 2 when it could not be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", nargs="?", choices=[*STEPS])
    parser.add_argument("event", nargs="?", help="the name of a file in events/")
    parser.add_argument("--env-vars", action="store_true", help="print sam local invoke's file")
    parser.add_argument("--container", action="store_true", help="by sam local invoke")
    asked = parser.parse_args()
    settings = read_settings()
    if asked.env_vars:
        print(json.dumps(deployed_variables(settings), indent=2))
        return 0
    if not (asked.step and asked.event):
        parser.error("name a step and an event")
    try:
        if asked.container:
            answer = invoked_in_container(settings, asked.step, asked.event)
        else:
            answer = invoked(settings, asked.step, emulator.event(asked.event))
    except emulator.NotBuilt as error:
        print(error, file=sys.stderr)
        return 2
    print(answer)
    return int('"errorType"' in answer)


if __name__ == "__main__":
    sys.exit(main())
