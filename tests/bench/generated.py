"""Conversations made up at random, of the size and look that real ones have."""

import random
import string
from collections.abc import Iterator
from typing import Any

_VOCABULARY_WORDS = 20_000


def chat_rows(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Yield chat rows without end: two turns to eight, 3.4 kB on average, some beyond ASCII."""
    words = _words(dice)
    while True:
        messages = [{"role": "system", "content": _prose(dice, words, 30)}]
        for _ in range(dice.randint(1, 4)):
            question = _prose(dice, words, dice.randint(8, 60))
            answer = _prose(dice, words, dice.randint(40, 220))
            messages.append({"role": "user", "content": question})
            messages.append({"role": "assistant", "content": answer})
        yield {"messages": messages}


def v4_rows(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Yield BrightRun rows without end: overlapping conversations, one target in twenty null."""
    words = _words(dice)
    yield {"_meta": {"file_name": "generated.jsonl", "version": "4.0"}}
    conversation = 0
    while True:
        conversation += 1
        history: list[dict[str, Any]] = []
        for turn in range(1, dice.randint(3, 6)):
            question = _prose(dice, words, dice.randint(8, 60))
            answer = _prose(dice, words, dice.randint(40, 160))
            history.append(_entry(turn, "user", question))
            yield {
                "id": f"pair_{conversation}_{turn}",
                "conversation_id": f"conversation_{conversation}",
                "turn_number": turn,
                "conversation_metadata": {"persona": "visitor", "topic": words[turn]},
                "system_prompt": "You are a patient adviser. " * 6,
                "conversation_history": list(history),
                "current_user_input": question,
                "emotional_context": {"detected": "calm", "intensity": 0.4},
                "target_response": None if dice.random() < 0.05 else answer,
                "training_metadata": {"quality_score": 4.2, "difficulty": "medium"},
            }
            history.append(_entry(turn, "assistant", answer))


def _entry(turn: int, role: str, content: str) -> dict[str, Any]:
    return {"turn": turn, "role": role, "content": content, "emotional_state": {"primary": "calm"}}


def _words(dice: random.Random) -> list[str]:
    letters = string.ascii_lowercase
    return ["".join(dice.choices(letters, k=dice.randint(2, 10))) for _ in range(_VOCABULARY_WORDS)]


def _prose(dice: random.Random, words: list[str], number: int) -> str:
    """Return sentences with capitals, figures, line ends and, rarely, letters beyond ASCII."""
    chosen = dice.choices(words, k=number)
    for at in range(0, number, 12):
        chosen[at] = chosen[at].capitalize()
        chosen[at - 1] += dice.choice(
            [".", ".", "?", "!", ":\n", ",", " (" + str(dice.randint(1, 2030)) + ")."]
        )
    if dice.random() < 0.02:
        chosen.append("café naïve “quotes” 你好")
    return " ".join(chosen)
