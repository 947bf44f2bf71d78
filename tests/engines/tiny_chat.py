"""A Qwen2.5 instruct model at tiny size: the real class and its real files, taught a few replies by heart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from tests.engines.tiny_writers import CHAT_TEMPLATE, SPECIAL, make_tokenizer, teach

WIDTH = 256


Conversation = Sequence[Mapping[str, str]]


def make_tiny_chat(folder: Path, replies: Sequence[tuple[Conversation, str]]) -> Path:
    """The files of Qwen/Qwen2.5-3B-Instruct under their names. `replies`: conversations, and what it says then."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.set_num_threads(1)
    folder.mkdir(parents=True)
    tokenizer = make_tokenizer(folder, [said for _, said in replies])
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    ids = {name: tokenizer.convert_tokens_to_ids(name) for name in SPECIAL}
    torch.manual_seed(2)
    config = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=8192, bos_token_id=None, eos_token_id=ids["<|im_end|>"],
        pad_token_id=ids["<|endoftext|>"], initializer_range=0.2, tie_word_embeddings=False,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config).eval()
    model.generation_config.eos_token_id = [ids["<|im_end|>"], ids["<|endoftext|>"]]
    lessons = []
    for asked, said in replies:
        prompt = tokenizer.apply_chat_template(list(asked), add_generation_prompt=True, tokenize=False)
        lessons.append(_lesson(model, tokenizer, prompt, said))
    teach(model.lm_head, lessons)
    model.save_pretrained(folder, max_shard_size="300KB")
    return folder


def _lesson(model: Any, tokenizer: Any, prompt: str, said: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The network's states where each token of `said` is to be written behind `prompt`, and those tokens."""
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    tokens = [*tokenizer(said, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
    with torch.no_grad():
        states = model.model(torch.tensor([[*before, *tokens]])).last_hidden_state[0]
    return states[len(before) - 1 : len(before) - 1 + len(tokens)], torch.tensor(tokens)
