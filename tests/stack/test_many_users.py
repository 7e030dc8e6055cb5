"""Twenty users at once: nobody meets an accident, nobody is left out, every sum is right.

`make bench` lets each make fifty calls.
"""

import pytest

from local.stack import Stack
from tests.support.stack.crowd import all_at_once, people, told, wrong_sums

pytestmark = [pytest.mark.stack, pytest.mark.slow]
USERS, CALLS = 20, 16
"""One round of everything a person does: two uploads, two jobs, and a look at each list."""


def test_twenty_users_at_once_are_all_served_and_counted_rightly(shared: Stack) -> None:
    crowd = people(shared, USERS)

    all_at_once(crowd, CALLS)

    print(told(crowd))  # noqa: T201 - what was measured
    assert [accident for person in crowd for accident in person.accidents] == []
    assert [(len(person.datasets), len(person.jobs)) for person in crowd] == [(2, 2)] * USERS
    assert all(person.calls >= CALLS for person in crowd)
    refused = {call for person in crowd for call in person.asked if call[2] >= 400}
    assert refused == set()
    assert [wrong for person in crowd for wrong in wrong_sums(shared, person)] == []
