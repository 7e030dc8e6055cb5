"""Costs as a table for a spreadsheet: names and endings, and nothing that counts as a formula."""

import csv
from io import StringIO

import pytest

from brightrun.accounts.costs import as_csv
from tests.support.factories import a_cost


def test_a_line_names_the_job_its_dataset_and_how_it_ended() -> None:
    cost = a_cost(job_name="Bread, fast", dataset_name="Bakery", job_status="failed")

    (row,) = csv.DictReader(StringIO(as_csv([cost])))

    told = (row["job_name"], row["dataset_name"], row["job_status"], row["amount_usd"])
    assert told == ("Bread, fast", "Bakery", "failed", "3.50")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_name_is_no_formula(name: str) -> None:
    (row,) = csv.DictReader(StringIO(as_csv([a_cost(job_name=name)])))

    assert row["job_name"] == f"'{name}"
