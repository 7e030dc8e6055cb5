"""What `gpu.toml` may say, and what is refused before anybody is asked."""

from pathlib import Path

import pytest

from brightrun.provisioning.declaration import DeclarationRefused, read_declaration

WHOLE = """
[defaults]
image = "registry.example.org/you/brightrun-trainer:1.2.0"
hub_token_secret = "hf_token"

[[volume]]
name = "weights"
size_gb = 100
data_center = "EU-RO-1"

[[endpoint]]
gpu = "A100-80GB"
max_workers = 2

[[endpoint]]
gpu = "A100-80GB"
count = 2
disk_gb = 120
volume = "weights"
"""
ONE = '[[endpoint]]\ngpu = "H100"\nimage = "you/trainer:1"\n'


def test_defaults_hold_for_every_endpoint_that_says_nothing_else() -> None:
    declared = read_declaration(WHOLE)

    assert [endpoint.parameter_name for endpoint in declared.endpoints] == [
        "A100-80GB",
        "A100-80GB x2",
    ]
    assert [endpoint.disk_gb for endpoint in declared.endpoints] == [60, 120]
    assert {endpoint.hub_token_secret for endpoint in declared.endpoints} == {"hf_token"}


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("disk_gb = 20", "endpoint.0.disk_gb: Input should be greater than or equal to 40"),
        ('min_cuda = "12.8"', "the image needs CUDA 13.0 or later"),
        ('min_cuda = "13"', "endpoint.0.min_cuda"),
        ("min_workers = 4", "min_workers is more than max_workers"),
        ('scaling = "request_count"\nidle_seconds = 60', "no idle_seconds"),
        ("idle_seconds = 0", "endpoint.0.idle_seconds"),
        ("count = 9", "endpoint.0.count"),
        ('volume = "nowhere"', "H100: no volume 'nowhere'"),
        ('env = { HF_TOKEN = "x" }', "HF_TOKEN is a secret"),
        ('hub_token_secret = "RUNPOD_hf"', "endpoint.0.hub_token_secret"),
        ('colour = "red"', "endpoint.0.colour"),
        (ONE, "two endpoints have one GPU type and count"),
    ],
)
def test_what_cannot_work_is_refused_with_its_place(added: str, words: str) -> None:
    with pytest.raises(DeclarationRefused, match=r".") as refusal:
        read_declaration(ONE + added + "\n")

    assert words in str(refusal.value)


@pytest.mark.parametrize("image", ["you/trainer", "you/trainer:latest", "host:5000/trainer", ""])
def test_an_image_that_may_change_under_its_name_is_refused(image: str) -> None:
    with pytest.raises(DeclarationRefused, match="needs a tag of its own"):
        read_declaration(f'[[endpoint]]\ngpu = "H100"\nimage = "{image}"\n')


@pytest.mark.parametrize(
    "image", ["you/trainer:1", "host:5000/you/trainer:1.2", f"you/trainer@sha256:{'a' * 64}"]
)
def test_an_image_with_a_tag_or_a_digest_is_taken(image: str) -> None:
    declared = read_declaration(f'[[endpoint]]\ngpu = "H100"\nimage = "{image}"\n')

    assert declared.endpoints[0].image == image


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gpu = [", "not TOML"),
        ("[typo]\n", "unknown: typo"),
        ("", "endpoint: Tuple should have at least 1 item"),
        ("[endpoint]\ngpu = 'H100'\n", "a list of tables"),
        ("defaults = 3\n[[endpoint]]\n", "`defaults` is a table"),
    ],
)
def test_a_file_of_another_form_is_refused(text: str, words: str) -> None:
    with pytest.raises(DeclarationRefused) as refusal:
        read_declaration(text)

    assert words in str(refusal.value)


def test_cuda_versions_are_compared_as_numbers() -> None:
    assert read_declaration(ONE + 'min_cuda = "13.10"').endpoints[0].min_cuda == "13.10"


def test_the_file_that_comes_with_the_project_can_be_used() -> None:
    declared = read_declaration((Path(__file__).parents[3] / "gpu.toml").read_text())

    assert [endpoint.parameter_name for endpoint in declared.endpoints] == [
        "A100-80GB",
        "A100-80GB x2",
        "H100",
    ]
