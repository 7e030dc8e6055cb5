"""How a document's transcript is held against what a command prints."""

import pytest

from tests.support.transcripts import Said, form_of, is_of_the_form, transcript

BLOCK = """\
$ brightrun limits
spent  $1.98
$ ls
"""


def test_a_transcript_is_its_commands_each_with_its_output() -> None:
    assert transcript(BLOCK) == [Said("brightrun limits", ("spent  $1.98",)), Said("ls", ())]


def test_ids_digests_numbers_and_widths_are_no_part_of_a_form() -> None:
    one = form_of(
        "Job 01a22418-c552-7646-bd4b-a6e6e757eea9:  10,109 tokens, -7.046  d76b04d25bc1d395"
    )
    other = form_of("Job 01a2241e-9966-7c87-ba74-9e6f43b3ee6c: 9 tokens, +1 9b9bfdcdd5cfd35d")

    assert one == other


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        (["a 1"], ["a 2"], True),
        (["a 1"], ["b 1"], False),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a"], False),
        (["a", "…", "c"], ["a", "c"], True),
        (["a", "…", "c"], ["a", "x", "y 3", "c"], True),
        (["a", "…", "c"], ["a", "x"], False),
        (["…"], [], True),
        (["name: or…  2"], ["name: orders.jsonl 5"], True),
        (["name: or…"], ["other: orders"], False),
        (["(95 %)"], ["(95 %)"], True),
        (["20 min at $3.50/h"], ["1 h 04 min at $1/h"], True),
        ([], [], True),
        ([], ["a"], False),
    ],
)
def test_what_is_printed_has_the_form_shown_or_it_has_not(
    expected: list[str], printed: list[str], *, fits: bool
) -> None:
    assert is_of_the_form(expected, printed) is fits
