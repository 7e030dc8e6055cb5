"""Made-up calls over both documents on the running stack: no accident, no word broken.

Native, `/v1`, administration and workers' calls; let in, and as nobody. A thousand cases at least;
`make bench` makes ten thousand.
"""

import pytest

from local.stack import Stack
from tests.support.api.every_caller import every_answer

pytestmark = [pytest.mark.stack, pytest.mark.slow]
LEAST_CASES = 1000


def test_every_answer_of_a_running_stack_is_one_that_the_documents_name(shared: Stack) -> None:
    told = every_answer(shared, cases=9)

    print(told)  # noqa: T201 - what was measured
    assert told.wrong == {}
    assert told.statuses.total() >= LEAST_CASES
    assert len(told.operations) >= 90
