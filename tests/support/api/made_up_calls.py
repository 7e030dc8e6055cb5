"""Made-up calls over a whole document, over the wire, and every check of what comes back."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.use_after_free,
    checks.ensure_resource_availability,
    checks.ignored_auth,
    checks.negative_data_rejection,
]
"""All there are but `positive_data_acceptance`: an id that fits its pattern may be nobody's, and a
request that fits its schema may ask for a GPU that is not here. Both are rightly refused."""
Case = schemathesis.Case[Any]


@dataclass
class Told:
    """What came back: how many cases, by status, and every answer that broke its word."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    wrong: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        by_status = ", ".join(f"{s}: {n}" for s, n in sorted(self.statuses.items()))
        return (
            f"{self.statuses.total()} cases over {len(self.operations)} calls ({by_status}); "
            f"{len(self.wrong)} kinds of answers broke their word"
        )


@dataclass(frozen=True)
class Caller:
    """Who calls: the headers for a path, and the checks that make sense of that caller."""

    headers: Callable[[str], Mapping[str, str]]
    checks: list[Any]


PAGES = "/"
"""Where pages are served, this address is the dashboard's; the API's own answer is not reached."""


def call_everything(document: Path, url: str, caller: Caller, *, cases: int, told: Told) -> None:
    """Send so many cases to each call of a document and note what came back."""
    described = schemathesis.openapi.from_path(str(document))
    described.config.phases.coverage.enabled = False
    for found in described.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.path == PAGES:
            continue
        told.operations.add(operation.label)
        modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
        strategies = [operation.as_strategy(generation_mode=mode) for mode in modes]
        _run(st.one_of(strategies), url, caller, cases, told)


def _run(
    strategy: st.SearchStrategy[Case], url: str, caller: Caller, cases: int, told: Told
) -> None:
    @settings(
        max_examples=cases,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def one(case: Case) -> None:
        headers = dict(caller.headers(case.operation.path))
        answer = case.call(base_url=url, headers=headers, timeout=120)
        told.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=caller.checks, headers=headers)
        except FailureGroup as group:
            for failure in group.exceptions:
                _note(told, case, answer.status_code, failure)

    one()


def _note(told: Told, case: Case, status: int, failure: Exception) -> None:
    title = failure.title if isinstance(failure, Failure) else type(failure).__name__
    named = f"{case.operation.label}: {status} {title}"
    told.wrong.setdefault(named, f"{failure}\n{case.as_curl_command()}"[:1500])
