"""The conformance number, first layer: our `/v1` document against the installed package's types."""

from collections import Counter

from tests.support.openai.document import OPERATIONS, WAIVERS, checks

RESOURCES = {"files", "uploads", "fine_tuning", "models"}


def test_every_field_fits_what_the_package_sends_and_reads() -> None:
    """A request takes at least what theirs sends, an answer gives at most what theirs knows."""
    made = list(checks())
    unheld = [each for each in made if not each.holds and each.name not in WAIVERS]
    wrong = [f"{each.operation.route}: {each.name} {each.claim}" for each in unheld]
    held = Counter(each.operation.resource for each in made if each.holds)
    waived = Counter(each.operation.resource for each in made if not each.holds)
    for resource in sorted(RESOURCES):
        print(f"document {resource}: {held[resource]} hold, {waived[resource]} waived")  # noqa: T201

    assert wrong == []
    assert set(held) == RESOURCES
    assert len(OPERATIONS) == 20
    assert sum(held.values()) > 300


def test_each_waiver_is_still_needed_and_says_why() -> None:
    needed = {each.name for each in checks() if not each.holds}

    assert needed == set(WAIVERS)
    assert all(len(reason) > 20 for reason in WAIVERS.values())
