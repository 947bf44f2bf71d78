"""Words into what the UNet is guided by. CLIP reads 77 tokens at a time; longer prompts are read in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import CLIPTextModel, CLIPTokenizer


@dataclass(frozen=True)
class Guide:
    """`states` (n, tokens, width) of n prompts; `mask` (n, tokens), 1 where a prompt has a token at all, or None where
    all are equally long."""

    states: torch.Tensor
    mask: torch.Tensor | None


class PromptReader:
    def __init__(self, tokenizer: CLIPTokenizer, text_encoder: CLIPTextModel, device: str) -> None:
        self._tokenizer, self._text_encoder, self._device = tokenizer, text_encoder, device

    @torch.no_grad()
    def read(self, prompt: str) -> torch.Tensor:
        """States (77 k, width), k the number of pieces; an empty prompt is one piece."""
        rows = torch.tensor(self.pieces(prompt), device=self._device)
        states = self._text_encoder(rows).last_hidden_state
        return states.reshape(-1, states.shape[-1])

    def pieces(self, prompt: str) -> list[list[int]]:
        """Token ids, 77 each: begin, up to 75 of the prompt, end, padding. No word is cut unless it fills a piece."""
        tokenizer = self._tokenizer
        begin, end, pad = (
            tokenizer.convert_tokens_to_ids(str(token))
            for token in (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token)
        )
        room = int(tokenizer.model_max_length) - 2
        rest = list(tokenizer(prompt, add_special_tokens=False, truncation=False, verbose=False)["input_ids"])
        pieces = []
        while rest or not pieces:
            here = rest[: self._fitting(rest, room)]
            rest = rest[len(here) :]
            pieces.append([begin, *here, end, *[pad] * (room - len(here))])
        return pieces

    def _fitting(self, ids: Sequence[int], room: int) -> int:
        if len(ids) <= room:
            return len(ids)
        ends = [token.endswith("</w>") for token in self._tokenizer.convert_ids_to_tokens(list(ids[:room]))]
        return room - ends[::-1].index(True) if any(ends) else room


def gather(prompts: Sequence[torch.Tensor]) -> Guide:
    """Prompts of any lengths as one batch: the shorter ones are padded, and the padding is masked out, so that each is
    drawn as it would be alone."""
    longest = max(len(states) for states in prompts)
    if all(len(states) == longest for states in prompts):
        return Guide(torch.stack(list(prompts)), None)
    padded = [torch.nn.functional.pad(states, (0, 0, 0, longest - len(states))) for states in prompts]
    mask = torch.zeros(len(prompts), longest, device=prompts[0].device)
    for row, states in zip(mask, prompts, strict=True):
        row[: len(states)] = 1.0
    return Guide(torch.stack(padded), mask)
