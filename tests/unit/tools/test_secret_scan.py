"""The secret scan finds what this product could leak, and leaves digests alone."""

from pathlib import Path

import pytest

from tools.scan_secrets import findings

# Put together here, so that this file itself holds nothing that looks like a secret.
PLANTED = {
    "RunPod API key": "rpa_" + "A1B2C3D4E5" * 4,
    "Hugging Face token": "hf_" + "aB3dE5gH7j" * 4,
    "BrightRun API key": "brk_" + "x" * 43,
    "BrightRun worker token": "brw_019aa0c0-0000-7000-8000-0000000000a1_1_" + "y" * 43,
    "AWS Access Key": "AKIA" + "Z7QJ3MPXW5RTKD2B",
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "Secret Keyword": "pass" + 'word = "correct-horse-9"',
}


@pytest.mark.parametrize(("kind", "text"), PLANTED.items(), ids=list(PLANTED))
def test_a_planted_secret_is_found_and_not_repeated(tmp_path: Path, kind: str, text: str) -> None:
    file = tmp_path / "settings.py"
    file.write_text(f"first = 1\n{text}\n")

    found = list(findings([file]))

    assert f"{file}:2: {kind}" in found
    assert not any(text in line for line in found)


def test_digests_words_and_allowed_lines_are_no_secrets(tmp_path: Path) -> None:
    file = tmp_path / "lock.txt"
    allowed = "brk_" + "x" * 43 + "  # pragma: allowlist secret"
    file.write_text(f'sha256:{"0f" * 32}\nAPI_KEY_PREFIX = "brk_"\n{allowed}\n')

    assert list(findings([file])) == []
