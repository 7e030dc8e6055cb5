"""Ten thousand jobs that report: `pytest -m bench -s tests/bench/test_reports.py`."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.bench


def test_no_partition_of_the_work_index_is_the_ceiling_at_ten_thousand_jobs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_reports", "--jobs", "10000"],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout[done.stdout.index("\n{\n") :])
    print(json.dumps(told, indent=2))

    assert told["jobs_a_partition_limit_allows"] > 3 * told["jobs"]
    assert told["write_units_per_report"] < 30
