"""A document carried out: its shell blocks, transcripts and programs, in order, in one folder."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.deployment.rehearsal import Desk
from tests.support.documents import Block, blocks
from tests.support.transcripts import is_of_the_form, transcript

Done = subprocess.CompletedProcess[str]
_LANGUAGES = {"sh", "console", "python", "json", ""}


@dataclass
class Reader:
    """Somebody who types what documents say, and compares what is printed.

    Attributes:
        elsewhere: commands that are not carried out here.
        first: what is typed before anything else, each time.
        known: what stands in a document for something of the reader's own.
        printed: what each command printed; none is carried out twice.
    """

    desk: Desk
    elsewhere: Mapping[str, str]
    first: str
    known: Mapping[str, str]
    printed: dict[str, list[str]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def read(self, page: Path) -> None:
        """Carry a page out; what differs in form or fails is noted in `wrong`."""
        output: list[str] | None = None
        for block in blocks(page):
            place = f"{page.name}:{block.line}"
            if block.language not in _LANGUAGES:
                self.wrong.append(f"{place}: nobody knows what to do with {block.language}")
            elif block.language == "python":
                output = self._run(place, f"python - <<'PROGRAM'\n{self._own(block.text)}PROGRAM\n")
            elif block.language == "":
                self._compare(place, block.text.splitlines(), output or [])
            else:
                self._type(place, block)

    def _type(self, place: str, block: Block) -> None:
        match block.language:
            case "sh":
                lines = "\n".join(line for line in block.text.splitlines() if self._is_here(line))
                self._run(place, lines)
            case "console":
                for said in filter(
                    lambda each: self._is_here(each.command), transcript(block.text)
                ):
                    printed = self.printed.get(said.command)
                    if printed is None:
                        printed = self.printed[said.command] = self._run(place, said.command)
                    self._compare(f"{place}: {said.command}", said.output, printed)
            case _:
                (self.desk.folder / "row.jsonl").write_text(json.dumps(json.loads(block.text)))
                self._run(place, "brightrun validate row.jsonl")

    def _is_here(self, line: str) -> bool:
        command = line.partition("  #")[0].strip()
        if command in self.elsewhere:
            self.left_out.add(command)
        return command not in self.elsewhere

    def _run(self, place: str, commands: str) -> list[str]:
        done = self.desk.run(f"{self.first}\n{commands}")
        if done.returncode not in _expected(commands):
            self.wrong.append(f"{place}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.splitlines()

    def _own(self, text: str) -> str:
        for shown, own in self.known.items():
            text = text.replace(shown, own)
        return text

    def _compare(self, place: str, said: tuple[str, ...] | list[str], printed: list[str]) -> None:
        if not is_of_the_form(said, printed):
            told = "\n".join(["it is said to print", *said, "and printed", *printed])
            self.wrong.append(f"{place}: {told}")


def _expected(commands: str) -> set[int]:
    """Return the exit statuses that are right: a file with mistakes is told by a 1."""
    return {1} if commands.endswith("messy.jsonl") else {0}


def python_first(path: str) -> str:
    """Return a search path that begins where this Python and its `brightrun` are."""
    return f"{Path(sys.executable).parent}:{path}"


def commands_of(page: Path) -> Iterator[str]:
    """Yield every command of a page's shell blocks and transcripts."""
    for block in blocks(page):
        if block.language == "sh":
            yield from block.text.splitlines()
        elif block.language == "console":
            yield from (said.command for said in transcript(block.text))
