"""Build what the template deploys, for the engine's own interpreter: function and layer archives.

`sam build` makes what AWS gets; the engine runs functions with the Python of its environment, so
the local archives hold packages for that Python. Archives are named by their content.
"""

import hashlib
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

from local.settings import LocalSettings

_LEFT_OUT = {"__pycache__", ".mypy_cache", "requirements.txt"}
# Fixed, so that the same content is the same archive.
_ARCHIVE_TIME = (2026, 1, 1, 0, 0, 0)


class BuildFailed(RuntimeError):
    """A package could not be installed; the message is the installer's own."""


def built_function(settings: LocalSettings, folder: Path) -> Path:
    """Return the archive of one function: its own files and the packages it alone needs."""
    packages = _packages(settings, folder / "requirements.txt")
    return _archive(settings, [(folder, ""), (packages, "")])


def built_layer(settings: LocalSettings) -> Path:
    """Return the archive of the shared layer: the package and what it needs."""
    shared = settings.root / "layers" / "shared"
    packages = _packages(settings, shared / "requirements.txt")
    return _archive(settings, [(shared / "brightrun", "python/brightrun"), (packages, "python")])


def _packages(settings: LocalSettings, requirements: Path) -> Path | None:
    """Return a folder with the packages of a complete, pinned list; kept for the next time."""
    if not requirements.is_file():
        return None
    wanted = requirements.read_bytes() + _interpreter(settings).encode()
    folder = settings.home / "packages" / hashlib.sha256(wanted).hexdigest()[:16]
    if folder.is_dir():
        return folder
    scratch = folder.with_suffix(".part")
    shutil.rmtree(scratch, ignore_errors=True)
    command = [str(settings.engine_python), "-m", "pip", "install", "--quiet", "--no-compile"]
    command += ["--disable-pip-version-check", "--target", str(scratch), "-r", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildFailed(f"{requirements}: {done.stderr.strip()}")
    scratch.rename(folder)
    return folder


def _interpreter(settings: LocalSettings) -> str:
    configuration = settings.engine_python.parents[1] / "pyvenv.cfg"
    lines = configuration.read_text().splitlines()
    return next(line for line in lines if line.startswith("version"))


def _archive(settings: LocalSettings, sources: Iterable[tuple[Path | None, str]]) -> Path:
    files = sorted(
        (f"{place}/{file.relative_to(folder)}".lstrip("/"), file)
        for folder, place in sources
        if folder is not None
        for file in folder.rglob("*")
        if file.is_file() and not _LEFT_OUT & set(file.relative_to(folder).parts)
    )
    digest = hashlib.sha256()
    for name, file in files:
        digest.update(name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    target = settings.home / "archives" / f"{digest.hexdigest()[:32]}.zip"
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_suffix(".part")
        # Stored, not deflated: the engine unpacks it once per worker, on the same disk.
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_STORED) as archive:
            for name, file in files:
                archive.writestr(zipfile.ZipInfo(name, _ARCHIVE_TIME), file.read_bytes())
        scratch.rename(target)
    return target
