"""Ten thousand made-up calls over both documents, on a running stack."""

from pathlib import Path

import pytest

from local import stack
from tests.support.api.every_caller import every_answer
from tests.support.stack.ports import NO_WORKER, UNHURRIED, own_settings

pytestmark = [pytest.mark.bench, pytest.mark.slow]
CASES = 10_000
FOR_EACH_CALL = 110


def test_ten_thousand_made_up_calls_are_answered_as_described(tmp_path: Path) -> None:
    settings = own_settings(tmp_path)
    running = stack.up(settings, [], leashed=True, worker=NO_WORKER, overrides=UNHURRIED)
    try:
        told = every_answer(running, cases=FOR_EACH_CALL)
        print(told)
        assert told.wrong == {}
        assert told.statuses.total() >= CASES
    finally:
        stack.down(settings)
