"""Build what the template deploys, for the engine's own interpreter: function and layer archives.

`sam build` makes what AWS gets; the engine runs functions with the Python of its environment, so
the local archives hold packages for that Python. Archives are named by their content.
"""

import hashlib
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from local.settings import LocalSettings

# Fixed, so that the same content is the same archive.
_ARCHIVE_TIME = (2026, 1, 1, 0, 0, 0)
_DIGEST_LETTERS = 24


class BuildFailed(RuntimeError):
    """A package could not be installed or compiled; the message is the tool's own."""


def built_function(settings: LocalSettings, folder: Path, place: str = "") -> Path:
    """Return the archive of one function: its own files and the packages it alone needs.

    Args:
        place: where its files lie in the archive: below their parent packages, or at the root.
    """
    parts = [(_compiled(settings, folder), place)]
    if (folder / "requirements.txt").is_file():
        parts.append((_packages(settings, folder / "requirements.txt"), ""))
    return _archive(settings, folder.name, parts)


def built_layer(settings: LocalSettings) -> Path:
    """Return the archive of the shared layer: the package and what it needs."""
    shared = settings.root / "layers" / "shared"
    package = _compiled(settings, shared / "brightrun")
    packages = _packages(settings, shared / "requirements.txt")
    return _archive(settings, "layer", [(package, "python/brightrun"), (packages, "python")])


def _packages(settings: LocalSettings, requirements: Path) -> Path:
    """Return a folder with the packages of a pinned list; kept for the next time."""
    wanted = requirements.read_bytes() + _interpreter(settings).encode()
    folder = settings.packages / hashlib.sha256(wanted).hexdigest()[:_DIGEST_LETTERS]
    if not folder.is_dir():
        scratch = _scratch(folder)
        install = ["pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
        _python(settings, *install, "--target", str(scratch), "-r", str(requirements))
        _compile(settings, scratch)
        _keep(scratch, folder)
    return folder


def _compiled(settings: LocalSettings, source: Path) -> Path:
    """Return a copy of a folder of ours with its bytecode beside it."""
    digest = _digest((str(file.relative_to(source)), file) for file in _sources(source))
    folder = settings.home / "compiled" / source.name / digest
    if not folder.is_dir():
        shutil.rmtree(folder.parent, ignore_errors=True)
        scratch = _scratch(folder)
        for file in _sources(source):
            target = scratch / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        _compile(settings, scratch)
        _keep(scratch, folder)
    return folder


def _sources(folder: Path) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file for file in files if "__pycache__" not in file.parts)


def _compile(settings: LocalSettings, folder: Path) -> None:
    """Write bytecode that stays valid in a copy: a worker unpacks its own, and starts cold."""
    _python(settings, "compileall", "-qq", "--invalidation-mode", "unchecked-hash", str(folder))


def _scratch(folder: Path) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))


def _keep(scratch: Path, folder: Path) -> None:
    """Put what was made in its place; whoever was faster made the same."""
    try:
        scratch.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(scratch)


def _python(settings: LocalSettings, module: str, *arguments: str) -> None:
    command = [str(settings.engine_python), "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # compileall says 1 of template files in packages that are not Python of this version.
    if done.returncode != 0 and module != "compileall":
        raise BuildFailed(f"{module} {arguments[-1]}: {done.stderr.strip()}")


def _interpreter(settings: LocalSettings) -> str:
    configuration = settings.engine_python.parents[1] / "pyvenv.cfg"
    lines = configuration.read_text().splitlines()
    return next(line for line in lines if line.startswith("version"))


def _archive(settings: LocalSettings, name: str, parts: Iterable[tuple[Path, str]]) -> Path:
    """Return the archive of these folders; the previous one of that name goes."""
    files = sorted(_placed(parts))
    target = settings.home / "archives" / f"{name}-{_digest(files)}.zip"
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        for previous in target.parent.glob(f"{name}-*"):
            previous.unlink()
        scratch = target.with_suffix(".part")
        # Stored, not deflated: the engine unpacks it once per worker, on the same disk.
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_STORED) as archive:
            for place, file in files:
                archive.writestr(zipfile.ZipInfo(place, _ARCHIVE_TIME), file.read_bytes())
        scratch.rename(target)
    return target


def _placed(parts: Iterable[tuple[Path, str]]) -> Iterator[tuple[str, Path]]:
    for folder, place in parts:
        for file in folder.rglob("*"):
            if file.is_file():
                yield f"{place}/{file.relative_to(folder)}".lstrip("/"), file


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, file in files:
        digest.update(name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:_DIGEST_LETTERS]
