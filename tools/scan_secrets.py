"""Fail when a tracked file holds something that looks like a credential.

The detectors of detect-secrets, plus the keys this product deals in. Left out: the two entropy
detectors (digests and lock files are random text by nature) and the one for public addresses. A
word after `secret =` counts only with a digit in it. A line that only looks like a secret says
so: `pragma: allowlist secret`. Does not cover what an earlier commit held.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

LEFT_OUT = {"Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector"}
OURS = {
    "RunPod API key": re.compile(r"\brpa_[A-Z0-9]{30,}"),
    "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "BrightRun API key": re.compile(r"\bbrk_[\w-]{40,}"),
    "BrightRun worker token": re.compile(r"\bbrw_[0-9a-f-]{36}_\d+_[\w-]{40,}"),
}
ALLOWED = "pragma: allowlist secret"


def tracked_files() -> Iterator[Path]:
    """Yield what is committed, or would be by `git add .`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    yield from (Path(name) for name in listed.split("\0") if name and Path(name).is_file())


def findings(files: Iterable[Path]) -> Iterator[str]:
    """Yield `file:line: what it looks like`; never the secret itself."""
    with default_settings() as settings:
        settings.disable_plugins(*LEFT_OUT)
        for file in files:
            yield from _theirs(file)
            yield from _ours(file)


def _theirs(file: Path) -> Iterator[str]:
    for found in scan_file(str(file)):
        is_a_word = not any(letter.isdigit() for letter in found.secret_value or "0")
        if not (found.type == "Secret Keyword" and is_a_word):
            yield f"{file}:{found.line_number}: {found.type}"


def _ours(file: Path) -> Iterator[str]:
    lines = file.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        for kind, shape in OURS.items():
            if shape.search(line) and ALLOWED not in line:
                yield f"{file}:{number}: {kind}"


def main() -> int:
    """Print every finding; the exit status says whether there was one."""
    files = list(tracked_files())
    found = list(findings(files))
    print("\n".join([*found, f"{len(files)} files looked at, {len(found)} findings"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
