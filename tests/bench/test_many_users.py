"""Twenty users at once with fifty calls each, jobs and uploads among them, on a running stack."""

from pathlib import Path

import pytest

from local import stack
from tests.support.stack.crowd import all_at_once, people, told, wrong_sums
from tests.support.stack.ports import NO_WORKER, own_settings

pytestmark = [pytest.mark.bench, pytest.mark.slow]
USERS, CALLS = 20, 50


def test_a_thousand_calls_of_twenty_users(tmp_path: Path) -> None:
    settings = own_settings(tmp_path)
    running = stack.up(settings, [], leashed=True, worker=NO_WORKER)
    try:
        crowd = people(running, USERS)
        all_at_once(crowd, CALLS)
        print(told(crowd))
        assert [accident for person in crowd for accident in person.accidents] == []
        assert min(person.calls for person in crowd) >= CALLS
        assert [wrong for person in crowd for wrong in wrong_sums(running, person)] == []
    finally:
        stack.down(settings)
