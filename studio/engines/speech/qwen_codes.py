"""The lower codes of a frame, drawn one after another by Qwen3-TTS's code predictor.

The package has transformers' `generate` draw them, and its preparations take longer than the drawing: 15 codes a frame,
12.5 frames a second. This is the same arithmetic and the same draws without them.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class CodeDrawer:
    """Stands for the predictor's `generate`, for one sentence at a time."""

    def __init__(self, predictor: Any) -> None:
        self._predictor = predictor

    def __call__(
        self, inputs_embeds: torch.Tensor, max_new_tokens: int, do_sample: bool, **sampling: Any
    ) -> SimpleNamespace:
        """`inputs_embeds` (1, 2, size): the talker's state and the frame's first code. `sampling`: temperature, top_k
        and top_p. Returns `sequences` (1, max_new_tokens) int64."""
        import torch
        from transformers import DynamicCache

        predictor, cache = self._predictor, DynamicCache()
        warpers = _warpers(sampling) if do_sample else []
        codes: list[torch.Tensor] = []
        for step in range(max_new_tokens):
            if step:
                inputs_embeds = predictor.model.codec_embedding[step - 1](codes[-1])
            inner = predictor.small_to_mtp_projection(inputs_embeds)
            state = predictor.model(inputs_embeds=inner, past_key_values=cache, use_cache=True).last_hidden_state
            logits = predictor.lm_head[step](state[:, -1]).float()
            for warper in warpers:
                logits = warper(None, logits)
            if do_sample:
                codes.append(torch.multinomial(logits.softmax(dim=-1), 1))
            else:
                codes.append(logits.argmax(dim=-1, keepdim=True))
        return SimpleNamespace(sequences=torch.cat(codes, dim=1))


def _warpers(sampling: dict[str, Any]) -> list[Any]:
    """In transformers' order, each only where it changes anything."""
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    temperature, top_k, top_p = (sampling.get(name) for name in ("temperature", "top_k", "top_p"))
    made: list[Any] = []
    if temperature is not None and temperature != 1.0:
        made.append(TemperatureLogitsWarper(float(temperature)))
    if top_k:
        made.append(TopKLogitsWarper(int(top_k)))
    if top_p is not None and top_p < 1.0:
        made.append(TopPLogitsWarper(float(top_p)))
    return made
