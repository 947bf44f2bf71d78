"""Qwen3-TTS as published, of the real classes at tiny size: it reads its text to the end, in noise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import EncodecFeatureExtractor

from studio.engines.speech.qwen_package import imported
from studio.engines.speech.qwen_tts import NAMES

GROUPS, CODES, SIZE = 4, 64, 32
VOCABULARY = 1024 + CODES
END = VOCABULARY - 1
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>")
SPEAKER_FIELDS = (
    "mel_dim",
    "enc_dim",
    "enc_channels",
    "enc_attention_channels",
    "enc_res2net_scale",
    "enc_se_channels",
)


def write_qwen_tts(folder: Path, ends: str = "with its text") -> Path:
    """The published layout in `folder`. `ends`: "with its text", "never" or "at once"."""
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    identifiers = _write_text_tokenizer(folder)
    (folder / "config.json").write_text(json.dumps(_config(identifiers)))
    models = imported("qwen_tts.core.models")
    config = models.Qwen3TTSConfig.from_pretrained(folder)
    for part in (config, config.talker_config, config.talker_config.code_predictor_config):
        part.pad_token_id = None
    model = models.Qwen3TTSForConditionalGeneration(config)
    with torch.no_grad():
        _reads_its_text(model.talker, identifiers, ends)
    _save(model, folder)
    sampling = {"do_sample": True, "top_k": 50, "top_p": 1.0, "temperature": 0.9, "repetition_penalty": 1.05}
    lower = {"subtalker_dosample": True, "subtalker_top_k": 50, "subtalker_top_p": 1.0, "subtalker_temperature": 0.9}
    (folder / "generation_config.json").write_text(json.dumps(sampling | lower | {"max_new_tokens": 2048}))
    _write_speech_tokenizer(folder / "speech_tokenizer")
    return folder


def _config(identifiers: dict[str, int]) -> dict[str, Any]:
    """The fields of the published one."""
    common = {
        "hidden_size": SIZE,
        "intermediate_size": 64,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "rope_theta": 1_000_000,
        "num_code_groups": GROUPS,
    }
    names = ("eos_token", "think", "nothink", "think_bos", "think_eos", "pad", "bos")
    special = {f"codec_{name}_id": END - number for number, name in enumerate(names)}
    first = END - len(names)
    predictor = {"num_hidden_layers": 1, "vocab_size": CODES, "max_position_embeddings": 65_536, "rope_scaling": None}
    talker = {
        "num_hidden_layers": 2,
        "vocab_size": VOCABULARY,
        "max_position_embeddings": 32_768,
        "text_hidden_size": SIZE,
        "text_vocab_size": len(identifiers) + 2,
        "rope_scaling": {"interleaved": True, "mrope_section": [2, 3, 3], "rope_type": "default", "type": "default"},
        "spk_id": {},
        "spk_is_dialect": {},
        "codec_language_id": {name: first - number for number, name in enumerate(NAMES.values())},
        "code_predictor_config": common | predictor,
    }
    speaker = {
        "mel_dim": 128,
        "enc_dim": SIZE,
        "enc_channels": [16, 16, 16, 16, 48],
        "enc_attention_channels": 8,
        "enc_res2net_scale": 4,
        "enc_se_channels": 8,
        "sample_rate": 24_000,
    }
    return {
        "architectures": ["Qwen3TTSForConditionalGeneration"],
        "model_type": "qwen3_tts",
        "tokenizer_type": "qwen3_tts_tokenizer_12hz",
        "tts_model_size": "0b6",
        "tts_model_type": "base",
        "im_start_token_id": identifiers["<|im_start|>"],
        "im_end_token_id": identifiers["<|im_end|>"],
        "tts_pad_token_id": identifiers["<tts_pad>"],
        "tts_bos_token_id": identifiers["<tts_text_bos>"],
        "tts_eos_token_id": identifiers["<tts_text_eod>"],
        "speaker_encoder_config": speaker,
        "talker_config": common | special | talker,
    }


def _reads_its_text(talker: Any, identifiers: dict[str, int], ends: str) -> None:
    """Layers that pass on what comes in; text in one half of the dimensions, its end in the other, and a head that
    takes the second for the end."""
    half = SIZE // 2
    for layer in talker.model.layers:
        layer.self_attn.o_proj.weight.zero_()
        layer.mlp.down_proj.weight.zero_()
    words = talker.model.text_embedding.weight
    words.uniform_(0.5, 1.5)
    words[:, half:] = 0
    for name in ("<tts_pad>", "<tts_text_eod>"):
        words[identifiers[name], :half], words[identifiers[name], half:] = 0, 1
    for line in (talker.text_projection.linear_fc1, talker.text_projection.linear_fc2):
        line.weight.copy_(torch.eye(SIZE))
        line.bias.zero_()
    talker.codec_head.weight.normal_(0, 0.3)
    talker.codec_head.weight[END, :half] = 4 if ends == "at once" else -4
    talker.codec_head.weight[END, half:] = -4 if ends == "never" else 4


def _write_text_tokenizer(folder: Path) -> dict[str, int]:
    """Bytes, and "assistant" as one piece. Returns the pieces' numbers."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    pieces = [chr(byte) for byte in printable] + [chr(256 + number) for number in range(len(others))]
    merges = [("assistant"[:length], "assistant"[length]) for length in range(1, len("assistant"))]
    vocabulary = {piece: number for number, piece in enumerate([*pieces, *("".join(pair) for pair in merges)])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{one} {two}\n" for one, two in merges))
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    added = {str(len(vocabulary) + number): {"content": name, **flags} for number, name in enumerate(SPECIAL)}
    body = {
        "tokenizer_class": "Qwen2Tokenizer",
        "added_tokens_decoder": added,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "add_prefix_space": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(body))
    return vocabulary | {name: len(vocabulary) + number for number, name in enumerate(SPECIAL)}


def _write_speech_tokenizer(folder: Path) -> None:
    shared = {"codebook_size": CODES, "codebook_dim": 16, "hidden_size": SIZE, "num_quantizers": GROUPS}
    layers = {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16}
    common = shared | layers | {"intermediate_size": 64, "rope_theta": 10_000}
    encoder = {
        "num_filters": 4,
        "num_residual_layers": 1,
        "vector_quantization_hidden_dimension": 16,
        "num_semantic_quantizers": 1,
        "upsample_groups": SIZE,
        "frame_rate": 12.5,
        "sampling_rate": 24_000,
    }
    decoder = {"latent_dim": SIZE, "decoder_dim": SIZE, "sliding_window": 16}
    body = {
        "architectures": ["Qwen3TTSTokenizerV2Model"],
        "model_type": "qwen3_tts_tokenizer_12hz",
        "encoder_valid_num_quantizers": GROUPS,
        "input_sample_rate": 24_000,
        "output_sample_rate": 24_000,
        "decode_upsample_rate": 1920,
        "encode_downsample_rate": 1920,
        "encoder_config": common | encoder,
        "decoder_config": common | decoder,
    }
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(body))
    inner = "qwen_tts.core.tokenizer_12hz"
    kind = imported(f"{inner}.configuration_qwen3_tts_tokenizer_v2").Qwen3TTSTokenizerV2Config
    config = kind.from_pretrained(folder)
    model = imported(f"{inner}.modeling_qwen3_tts_tokenizer_v2").Qwen3TTSTokenizerV2Model(config)
    with torch.no_grad():  # its codes differ, and it is loud enough to be heard
        for name, value in model.state_dict().items():
            if name.endswith(("embed_sum", "embedding_sum")):
                value.normal_()
        codes = torch.randint(0, CODES, (1, 20, GROUPS))
        level = model.decode(codes, return_dict=True).audio_values[0].std()
        model.decoder.decoder[-1].conv.weight.mul_(0.1 / level)
        model.decoder.decoder[-1].conv.bias.zero_()
    _save(model, folder)
    EncodecFeatureExtractor(feature_size=1, sampling_rate=24_000).save_pretrained(folder)


def _save(model: Any, folder: Path) -> None:
    """By hand: transformers 5 can't save the package's classes."""
    tensors = {name: value.clone().contiguous() for name, value in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
