"""How the code is laid out, in figures: files a folder, floors, arrows between rooms, circles.

    python -m tools.layout [ROOT]      ROOT: another checkout, to compare with; this one by default

A room is a folder, or a file, right under a package; an arrow is at least one import between two
rooms. Floors are counted without the arrows that close a circle.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import grimp

PACKAGES = {
    "brightrun": "layers/shared",
    "functions": ".",
    "local": ".",
    "trainer_image": ".",
}
PRODUCT = ("functions", "layers/shared/brightrun", "local", "tools", "trainer_image")
Arrows = dict[str, set[str]]


def files_by_folder(root: Path) -> Counter[str]:
    """Return the folders of product code with the Python files directly in each."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "*.py"],  # noqa: S607 - whichever git there is
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    own = (Path(name) for name in listed if name.startswith(PRODUCT))
    return Counter(str(path.parent) for path in own if path.name != "__init__.py")


def rooms(package: str) -> Arrows:
    """Return each room of a package with the rooms it imports."""
    graph = grimp.build_graph(package, cache_dir=None)
    arrows: Arrows = {}
    for module in graph.modules - {package}:
        room = _room(module)
        seen = {_room(name) for name in graph.find_modules_directly_imported_by(module)}
        arrows.setdefault(room, set()).update(seen - {room, package})
    return arrows


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def circles(arrows: Arrows) -> list[set[str]]:
    """Return the groups of rooms of which each reaches every other (Tarjan, by reachability)."""
    reached = {room: _reached(arrows, room) for room in arrows}
    groups = []
    for room in sorted(arrows):
        group = {other for other in reached[room] if room in reached.get(other, set())} | {room}
        if len(group) > 1 and group not in groups:
            groups.append(group)
    return groups


def _reached(arrows: Arrows, start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = arrows.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def floors(arrows: Arrows) -> int:
    """Return how many rooms stand above one another, a circle counted as one room."""
    group_of = {room: frozenset(group) for group in circles(arrows) for room in group}
    heights: dict[str, int] = {}

    def height(room: str) -> int:
        if room not in heights:
            own = group_of.get(room, frozenset((room,)))
            below = {seen for one in own for seen in arrows.get(one, set())} - own
            heights.update(dict.fromkeys(own, 1 + max(map(height, below), default=0)))
        return heights[room]

    return max(map(height, arrows), default=0)


def main(root: Path) -> None:
    """Print the figures of one checkout."""
    sys.path[:0] = [str(root / folder) for folder in ("layers/shared", ".")]
    print(f"{'package':<15}{'rooms':>6}{'floors':>8}{'arrows':>8}{'circles':>9}")
    for package in PACKAGES:
        arrows = rooms(package)
        count, closed = sum(map(len, arrows.values())), circles(arrows)
        print(f"{package:<15}{len(arrows):>6}{floors(arrows):>8}{count:>8}{len(closed):>9}")
        for group in closed:
            print(f"    circle: {', '.join(sorted(group))}")
    print("\nfiles in the fullest folders")
    for folder, count in files_by_folder(root).most_common(8):
        print(f"{count:>4}  {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
