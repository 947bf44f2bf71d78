"""Answers by an instruct model on this machine, through transformers, held to the evidence sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from studio.cancellation import CancelToken
from studio.contracts import Weights
from studio.engines.chat.grounded import GroundedChat, Messages
from studio.engines.chat.prompt import MOST_CHARACTERS
from studio.engines.language_models import (
    EIGHT_BITS,
    FOUR_BITS,
    FULL,
    ON_CPU,
    Hold,
    Writing,
    hold_on,
    load,
    settled_hold,
    write,
    writing,
)
from studio.errors import EngineUnavailable, LoadFailed

LONGEST_TOKENS = 256
RUNGS = (FULL, EIGHT_BITS, FOUR_BITS, ON_CPU)
_BESIDE = 900
"""Tokens of a prompt that are not evidence: rules, question, what was said before."""
_CHARACTERS_PER_TOKEN = 3


class LocalChat(GroundedChat):
    """The model of the card's item: a folder as its repository has it, or the first such folder within."""

    def __init__(self, name: str, device: str, rung: int = 0, weights: Weights | None = None) -> None:
        super().__init__(name, device, rung)
        assert weights is not None
        self._folder = instruct_folder(next(iter(weights.parts.values())))
        self._hold, notice = settled_hold(hold_on(device, RUNGS[rung]))
        self.notices = (notice,) if notice else ()
        self._tokenizer: Any
        self._network: Any
        self._tokenizer, self._network = _loaded(self._folder, self._hold, weights.precision)
        self._plan = writing(self._network, self._tokenizer, LONGEST_TOKENS)
        places = int(getattr(self._network.config, "max_position_embeddings", 0) or 32_768)
        self._most_asked = places - LONGEST_TOKENS
        self.characters = max(0, min(MOST_CHARACTERS, _CHARACTERS_PER_TOKEN * (self._most_asked - _BESIDE)))

    @property
    def model(self) -> str:
        return self._folder.name

    def warm_up(self) -> None:
        asked = self._asked([{"role": "user", "content": "Hello"}])
        write(self._network, asked, Writing(1, self._plan.ends, self._plan.pad), CancelToken())

    def reply(self, conversation: Messages, hear: Callable[[str], None], cancel: CancelToken) -> None:
        inputs = self._asked(conversation)
        length = inputs["input_ids"].shape[1]
        if length > self._most_asked:
            raise EngineUnavailable(self.name, f"it takes {self._most_asked} tokens at once and was to take {length}")
        told = 0

        def heard(rows: Sequence[Sequence[int]]) -> None:
            nonlocal told
            text = self._text(rows[0]).rstrip("�")  # half a character is heard when it is whole
            if len(text) > told:
                piece, told = text[told:], len(text)
                hear(piece)

        (row,) = write(self._network, inputs, self._plan, cancel, heard)
        hear(self._text(row)[told:])

    def _text(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=True))

    def _asked(self, conversation: Messages) -> dict[str, Any]:
        import torch

        ids = self._tokenizer(self._prompt(list(conversation)), add_special_tokens=False)["input_ids"]
        row = torch.tensor([ids], device=self._hold.device)
        return {"input_ids": row, "attention_mask": torch.ones_like(row)}

    def _prompt(self, conversation: list[Any]) -> str:
        """In the model's own format; rules go before the first question where that has no place for them."""
        from jinja2 import TemplateError

        def formatted(turns: list[Any]) -> str:
            return str(self._tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False))

        if conversation[0]["role"] != "system":
            return formatted(conversation)
        try:
            return formatted(conversation)
        except TemplateError:
            rules, first, *rest = conversation
            return formatted([{**first, "content": f"{rules['content']}\n\n{first['content']}"}, *rest])

    def close(self) -> None:
        self._network = self._tokenizer = self._encoder = None

    def leave_device(self) -> bool:
        if self._hold.bits != FULL or self._hold.device == "cpu" or self._network is None:
            return False
        self._network.to("cpu")
        return True

    def enter_device(self) -> None:
        self._network.to(self._hold.device)


def instruct_folder(folder: Path) -> Path:
    """`folder`, or the first folder in it by name, that holds a model. Raises LoadFailed."""
    inside = sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
    found = next((each for each in (folder, *inside) if (each / "config.json").is_file()), None)
    if found is None:
        raise LoadFailed(f"{folder} has no folder of a model, with a config.json")
    return found


def _loaded(folder: Path, hold: Hold, precision: str) -> tuple[Any, Any]:
    """Tokenizer and network. Raises LoadFailed."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        why = f"{type(error).__name__}: {error}"[:200]
        raise LoadFailed(f"{folder} has no tokenizer that can be read: {why}") from error
    if not tokenizer.chat_template:
        raise LoadFailed(f"{folder} has no chat template: it is no model that answers questions")
    return tokenizer, load(AutoModelForCausalLM, folder, hold, precision)
