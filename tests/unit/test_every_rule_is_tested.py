"""Each module of rules has a test file of its name, or one whose docstring says it covers it."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
PACKAGE = TESTS.parent / "layers/shared/brightrun"
WIRES = ("ports", "cli", "client", "deployment", "runtime", "settings")
"""Not rules: they are tested through what they speak to."""


def modules() -> dict[str, Path]:
    """Dotted name within the package, and file, of every module of rules."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if name.split(".")[0] not in WIRES and path.stem != "__init__":
            found[name] = path
    return found


def _has_rules(path: Path) -> bool:
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return any(isinstance(node, ast.FunctionDef) for node in tree)


def covered() -> dict[str, list[str]]:
    """Module → the test files that say they cover it."""
    found: dict[str, list[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        claim = re.search(r"^Covers: (.+?)\.$", docstring, re.MULTILINE | re.DOTALL)
        for name in re.split(r",\s+", claim.group(1)) if claim else ():
            found.setdefault(name, []).append(str(path.relative_to(TESTS)))
    return found


FILES = [path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")]
COVERED = covered()
MODULES = modules()


@pytest.mark.parametrize("module", sorted(name for name in MODULES if _has_rules(MODULES[name])))
def test_a_module_of_rules_has_its_tests(module: str) -> None:
    *rooms, name = module.split(".")
    named = [
        path for path in FILES if path.stem == f"test_{name}" and {*rooms[:1]} <= {*path.parts}
    ]
    assert named or COVERED.get(module), (
        f"no test_{MODULES[module].stem}.py, nor `Covers: {module}`"
    )


def test_what_is_said_to_be_covered_is_there() -> None:
    assert set(COVERED) <= set(MODULES), "a docstring covers a module that is gone"
