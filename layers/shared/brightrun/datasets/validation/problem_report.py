"""The report of one file: everything counted, the first thousand told in full. Pure."""

from collections import Counter

from brightrun.datasets.problems import Code, Finding
from brightrun.datasets.record import Problem, Severity
from brightrun.datasets.rules import RULES, problem_of

MAX_PROBLEMS = 1000
_SUMMING_UP = (Code.NO_TRAINABLE_PAIRS, Code.EMPTY_FILE)


class Report:
    """Problems as they are found; errors are never crowded out by warnings.

    Args:
        waived: codes whose errors the owner has seen and accepts; they become warnings.
    """

    def __init__(self, waived: frozenset[Code] = frozenset()) -> None:
        self._waived = waived
        self._kept: dict[Severity, list[Problem]] = {level: [] for level in Severity}
        self._counts: dict[Severity, Counter[str]] = {level: Counter() for level in Severity}

    def add(self, line: int, finding: Finding) -> None:
        """Count a finding, and keep it if there is room."""
        severity = RULES[finding.code].severity
        if finding.code in self._waived:
            severity = Severity.WARNING
        self._counts[severity][finding.code] += 1
        kept = self._kept[severity]
        if len(kept) < MAX_PROBLEMS:
            problem = problem_of(line, finding)
            kept.append(problem.model_copy(update={"severity": severity}))

    def problems(self) -> tuple[Problem, ...]:
        """Return up to a thousand problems by line, errors before warnings when room is short."""
        errors, warnings = self._kept[Severity.ERROR], self._kept[Severity.WARNING]
        warnings = sorted(warnings, key=lambda problem: problem.line)
        chosen = [*errors, *warnings[: MAX_PROBLEMS - len(errors)]]
        return tuple(sorted(chosen, key=lambda problem: problem.line))

    def counts(self, severity: Severity) -> dict[str, int]:
        """Return exact totals by code."""
        return dict(sorted(self._counts[severity].items()))

    @property
    def errors(self) -> int:
        """How many errors were found."""
        return self._counts[Severity.ERROR].total()

    def first_error(self) -> Problem | None:
        """Return the error on the lowest line, rather than one that only sums up the others."""
        errors = self._kept[Severity.ERROR]
        return min(errors, key=lambda each: (each.code in _SUMMING_UP, each.line), default=None)
