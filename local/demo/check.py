"""Load a downloaded adapter with stock transformers and PEFT, and ask both models a question.

Nothing of our trainer takes part: what is checked is what any user would load.
"""

import json
import warnings
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from local.demo.scenes import Answers, NotAsPromised, Question

_LONGEST_ANSWER_TOKENS = 90


class Loaded:
    """A base model with an adapter on it, on the CPU."""

    def __init__(self, base_model: Path, adapter: Path) -> None:
        # Its bars and its advice to its own callers are not for this reader.
        logging.disable_progress_bar()
        warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
        base = AutoModelForCausalLM.from_pretrained(base_model, dtype=torch.float32)
        self._model: Any = PeftModel.from_pretrained(base, adapter).eval()
        self._tokenizer: Any = AutoTokenizer.from_pretrained(adapter)

    @torch.no_grad()
    def probe_difference(self, probes_file: Path) -> tuple[int, float]:
        """Return how many probes there are, and the largest difference from the worker's logits.

        Raises:
            NotAsPromised: it is larger than the worker's own tolerance, or there are no probes.
        """
        written = json.loads(probes_file.read_text())
        worst = 0.0
        for probe in written["probes"]:
            ids = torch.tensor([probe["input_ids"]])
            logits = self._model(input_ids=ids).logits[0, -1][probe["token_ids"]]
            worst = max(worst, float((logits - torch.tensor(probe["logits"])).abs().max()))
        if not written["probes"] or not worst <= written["tolerance"]:
            raise NotAsPromised(f"{len(written['probes'])} probes differ by up to {worst}")
        return len(written["probes"]), worst

    @torch.no_grad()
    def ask(self, system_prompt: str, question: Question) -> Answers:
        """Return both answers to a question."""
        messages = [
            {"role": "system", "content": system_prompt},
            {"role": "user", "content": question.text},
        ]
        adapted = self._answer(messages)
        with self._model.disable_adapter():
            plain = self._answer(messages)
        return Answers(question, plain, adapted)

    def _answer(self, messages: list[dict[str, str]]) -> str:
        given = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        made = self._model.generate(**given, max_new_tokens=_LONGEST_ANSWER_TOKENS, do_sample=False)
        said: str = self._tokenizer.decode(
            made[0, given["input_ids"].shape[1] :], skip_special_tokens=True
        )
        return said.strip()
