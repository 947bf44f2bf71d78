"""What the tiny language models of the tests share: a tokenizer in Qwen2's layout, and an output head that was taught
a few sentences, so that what they write can be followed through the studio."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
CHAT_TEMPLATE = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for content in message['content'] %}"
    "{% if content['type'] == 'video' %}<|vision_start|><|video_pad|><|vision_end|>"
    "{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def _bytes_as_letters() -> dict[int, str]:
    """GPT-2's printable letter of each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + at) for at, byte in enumerate(others)}


def make_tokenizer(folder: Path, sentences: Iterable[str]) -> Any:
    """Bytes, and each word of `sentences` as one token; saved into `folder`."""
    from transformers import Qwen2Tokenizer

    letters = _bytes_as_letters()
    vocabulary = {letter: at for at, letter in enumerate(letters.values())}
    merges: list[str] = []
    words = {f" {word}" if at else word for one in sentences for at, word in enumerate(one.split(" "))}
    for word in sorted(words):
        parts = [letters[byte] for byte in word.encode()]
        whole = parts[0]
        for part in parts[1:]:
            if whole + part not in vocabulary:
                vocabulary[whole + part] = len(vocabulary)
                merges.append(f"{whole} {part}")
            whole += part
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")
    tokenizer = Qwen2Tokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), unk_token=None, eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )  # fmt: skip
    tokenizer.add_special_tokens({"additional_special_tokens": list(SPECIAL)})
    return tokenizer


def teach(head: torch.nn.Linear, lessons: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Solves `head` by least squares: for each lesson's hidden states (n, width) the tokens (n,) that follow."""
    states = torch.cat([each[0] for each in lessons]).double()
    tokens = torch.cat([each[1] for each in lessons])
    wanted = torch.full((len(tokens), head.out_features), -1.0, dtype=torch.float64)
    wanted[torch.arange(len(tokens)), tokens] = 10.0
    gram = states.T @ states + 1e-6 * torch.eye(states.shape[1], dtype=torch.float64)
    with torch.no_grad():
        head.weight.copy_(torch.linalg.solve(gram, states.T @ wanted).T.float())
