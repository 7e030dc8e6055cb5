"""The promises about large files, on the file the specification names."""

import json
import sys

import pytest

from brightrun.datasets.record import DatasetFormat
from tests.bench.bench_validate import figures_of, keeps_its_promises

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("kind", [DatasetFormat.OPENAI_CHAT, DatasetFormat.BRIGHTRUN_V4])
def test_half_a_gigabyte_is_validated_at_a_third_of_the_speed_of_decoding_it(
    kind: DatasetFormat,
) -> None:
    figures = figures_of(500, kind)
    sys.stdout.write(json.dumps({"format": kind, **figures}) + "\n")

    assert keeps_its_promises(figures)
