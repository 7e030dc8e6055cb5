"""The demo's dataset: `conversations/*.txt` written out as one BrightRun v4 file.

The text is kept as people write it, one block per conversation. Writing it out adds what v4
files carry in practice, traps included: lines of a conversation repeat its history, the last
history entry mostly is the current input, and a reply that no reviewer approved is a null
target which `_meta.total_pairs` still counts. The same text always gives the same bytes.

    python -m local.demo.data.build FILE
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "hanne-bakery-adviser.jsonl"
FORMAT_VERSION = "4.0.0"
SYSTEM_PROMPT = (
    "You are Hanne, a calm and warm adviser to small bakeries. Name the feeling first, "
    "put the numbers on the bench, and end with one small step."
)
_CONVERSATIONS = Path(__file__).parent / "conversations"
# One conversation in four comes from an exporter that leaves the current input out of the history.
_WITHOUT_ECHO_EVERY = 4
_WITHHELD_SCORE = 1.5

_HEADER, _APPROVED, _WITHHELD = "# ", "> ", "~ "


@dataclass(frozen=True)
class Turn:
    """What the owner of a bakery said, and what came back.

    Attributes:
        reply: None where the conversation ended with the owner's word.
        approved: whether a reviewer let the reply become a training target.
    """

    emotion: str
    said: str
    reply: str | None = None
    approved: bool = False


@dataclass(frozen=True)
class Conversation:
    """One block of the text: who asked, about what, and every turn."""

    id: str
    client: str
    bakery: str
    topic: str
    quality_score: float
    turns: tuple[Turn, ...]


def read_conversations(folder: Path = _CONVERSATIONS) -> tuple[Conversation, ...]:
    """Return every conversation under `folder`, files and blocks in a fixed order.

    Raises:
        ValueError: a line that is neither header, input nor reply; the line is named.
    """
    blocks: list[Conversation] = []
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        blocks += [_conversation(block) for block in text.split("\n\n")]
    return tuple(blocks)


def v4_lines(conversations: Iterable[Conversation]) -> Iterator[Mapping[str, object]]:
    """Yield the header, then one object per turn, as a v4 exporter writes them."""
    kept = tuple(conversations)
    yield {
        "_meta": {
            "file_name": FILE_NAME,
            "version": FORMAT_VERSION,
            "total_pairs": sum(len(conversation.turns) for conversation in kept),
            "total_conversations": len(kept),
            "language": "en",
        }
    }
    for index, conversation in enumerate(kept):
        echo = (index + 1) % _WITHOUT_ECHO_EVERY != 0
        for number in range(1, len(conversation.turns) + 1):
            yield _pair(conversation, number, echo=echo)


def write_dataset(path: Path) -> Path:
    """Write the demo's v4 file to `path` and return it. Safe to repeat: same bytes each time."""
    lines = (json.dumps(line, ensure_ascii=False) for line in v4_lines(read_conversations()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return path


def _conversation(block: str) -> Conversation:
    header, *lines = block.strip().splitlines()
    if not header.startswith(_HEADER):
        raise ValueError(f"a conversation begins with '# ', not with: {header}")
    name, client, bakery, topic, score = header.removeprefix(_HEADER).split(" | ")
    return Conversation(name, client, bakery, topic, float(score), tuple(_turns(lines)))


def _turns(lines: Iterable[str]) -> Iterator[Turn]:
    asked: Turn | None = None
    for line in lines:
        if line.startswith((_APPROVED, _WITHHELD)):
            if asked is None:
                raise ValueError(f"a reply without an input: {line}")
            yield Turn(asked.emotion, asked.said, line[2:], line.startswith(_APPROVED))
            asked = None
            continue
        emotion, colon, said = line.partition(": ")
        if not colon or asked is not None:
            raise ValueError(f"neither an input nor a reply: {line}")
        asked = Turn(emotion, said)
    if asked is not None:
        yield asked


def _pair(conversation: Conversation, number: int, *, echo: bool) -> Mapping[str, object]:
    turn = conversation.turns[number - 1]
    before = conversation.turns[number - 2].emotion if number > 1 else None
    return {
        "id": f"{conversation.id}-{number:02}",
        "conversation_id": conversation.id,
        "turn_number": number,
        "conversation_metadata": {
            "client_persona": f"{conversation.client}, {conversation.bakery}",
            "topic": conversation.topic,
            "total_turns": len(conversation.turns),
        },
        "system_prompt": SYSTEM_PROMPT,
        "conversation_history": list(_history(conversation, number, echo=echo)),
        "current_user_input": turn.said,
        "emotional_context": {"detected_emotion": turn.emotion, "previous_emotion": before},
        "target_response": turn.reply if turn.approved else None,
        "training_metadata": _review(conversation, turn),
    }


def _review(conversation: Conversation, turn: Turn) -> Mapping[str, object]:
    if turn.reply is None:
        return {"quality_score": None, "review": "no_reply"}
    if not turn.approved:
        return {"quality_score": _WITHHELD_SCORE, "review": "withheld"}
    return {"quality_score": conversation.quality_score, "review": "approved"}


def _history(
    conversation: Conversation, number: int, *, echo: bool
) -> Iterator[Mapping[str, object]]:
    """Yield what was said before turn `number`, and with `echo` its own input once more."""
    for position, turn in enumerate(conversation.turns[: number - 1], start=1):
        yield _entry(position, "user", turn.said, turn.emotion)
        if turn.reply is not None:
            yield _entry(position, "assistant", turn.reply, None)
    if echo:
        turn = conversation.turns[number - 1]
        yield _entry(number, "user", turn.said, turn.emotion)


def _entry(turn: int, role: str, content: str, emotion: str | None) -> Mapping[str, object]:
    return {"turn": turn, "role": role, "content": content, "emotional_state": emotion}


if __name__ == "__main__":
    print(write_dataset(Path(sys.argv[1])))
