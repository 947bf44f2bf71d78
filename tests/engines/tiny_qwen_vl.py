"""Qwen2.5-VL at tiny size: the real class and its real files, taught to tell red pictures from blue ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.engines.tiny_writers import CHAT_TEMPLATE, SPECIAL, make_tokenizer, teach

RED, BLUE = "A red kite flies over the sea.", "A blue boat lies in the harbour."
COLOURS = {RED: (210, 30, 30), BLUE: (30, 60, 200)}
WIDTH = 128


def make_tiny_qwen_vl(folder: Path) -> Path:
    """The files of Qwen/Qwen2.5-VL-7B-Instruct under their names, its weights in several shards."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    torch.set_num_threads(1)
    folder.mkdir(parents=True)
    tokenizer = make_tokenizer(folder, (RED, BLUE))
    tokenizer.save_pretrained(folder)
    ids = {name: tokenizer.convert_tokens_to_ids(name) for name in SPECIAL}
    torch.manual_seed(4)
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": WIDTH, "intermediate_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096,
            "rope_scaling": {"type": "mrope", "mrope_section": [4, 6, 6]}, "bos_token_id": None,
            "eos_token_id": ids["<|im_end|>"], "pad_token_id": ids["<|endoftext|>"], "initializer_range": 0.2,
        },
        vision_config={
            "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 4, "out_hidden_size": WIDTH,
            "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112,
            "fullatt_block_indexes": [1], "tokens_per_second": 2, "initializer_range": 0.2,
        },
        image_token_id=ids["<|image_pad|>"], video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"], vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )  # fmt: skip
    model = Qwen2_5_VLForConditionalGeneration(config).eval()
    model.generation_config.eos_token_id = [ids["<|im_end|>"], ids["<|endoftext|>"]]
    model.save_pretrained(folder, max_shard_size="400KB")
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": CHAT_TEMPLATE}))
    pictures = {
        "image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen2_5_VLProcessor", "min_pixels": 3136,
        "max_pixels": 12845056, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(pictures))
    _teach(folder, model)
    model.save_pretrained(folder, max_shard_size="400KB")
    return folder


def picture(colour: tuple[int, int, int], seed: int = 0, size: tuple[int, int] = (180, 320)) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(-12, 13, (*size, 3))
    return np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)


def _teach(folder: Path, model: Any) -> None:
    from studio.engines.language_models import FULL, Hold
    from studio.engines.vision.qwen_vl_writer import Describer, Look

    lessons = []
    for tokens in ((128, 256), (64, 128)):
        describer = Describer(folder, Hold(FULL, "cpu"), "float32", (tokens[0] * 784, tokens[1] * 784))
        for sentence, (red, green, blue) in COLOURS.items():
            for at, (count, seconds) in enumerate(((1, 1.0), (2, 0.5), (4, 0.5), (5, 1.0), (8, 1.0), (8, 1.3))):
                shades = [(red, green, blue), (red, green + 30, blue - 30), (red - 20, green - 20, blue + 20)]
                shade = shades[at % len(shades)]
                look = Look(tuple(picture(shade, at) for at in range(count)), seconds)
                lessons.append(_lesson(describer, look, sentence, model))
    teach(model.lm_head, lessons)


def _lesson(describer: Any, look: Any, sentence: str, model: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """The network's states where each token of `sentence` is to be written, and those tokens."""
    tokens = [*describer.tokenizer(sentence)["input_ids"], describer.tokenizer.eos_token_id]
    inputs = dict(describer._inputs([look]))
    said, begin = torch.tensor([tokens]), inputs["input_ids"].shape[1]
    inputs["input_ids"] = torch.cat([inputs["input_ids"], said], dim=1)
    for name in ("attention_mask", "mm_token_type_ids"):
        more = torch.ones_like(said) if name == "attention_mask" else torch.zeros_like(said)
        inputs[name] = torch.cat([inputs[name], more], dim=1)
    places = inputs["position_ids"]
    inputs["position_ids"] = torch.cat([places, places[..., -1:] + 1 + torch.arange(len(tokens))], dim=2)
    with torch.no_grad():
        states = model.model(**inputs).last_hidden_state[0]
    return states[begin - 1 : begin - 1 + len(tokens)], said[0]
