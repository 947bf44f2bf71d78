"""Whisper as published, of the real classes at tiny size: whatever it hears, it writes down one text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import (
    GenerationConfig,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizer,
)

SIZE, BANDS, PLACES = 64, 80, 448
LANGUAGES = ("en", "de", "ja")
COMMANDS = ("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>")
TEXT = " Guten Morgen, die Boote kommen jetzt."


def write_whisper(folder: Path, text: str = TEXT, first: str = "<|de|>", certain: float = 30.0) -> Path:
    """The published layout in `folder`. `first` is what it makes of the beginning: a language, or "<|nospeech|>";
    `certain` how sure it is of each token."""
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(folder)
    number: Any = tokenizer.convert_tokens_to_ids
    config = _config(tokenizer)
    model = WhisperForConditionalGeneration(config)
    written = tokenizer(text, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        _writes(model, [number(first), 0, 0, *written, number("<|endoftext|>")], certain)
    model.generation_config = GenerationConfig(
        alignment_heads=[[0, 0], [1, 1]],
        begin_suppress_tokens=[number("<|endoftext|>")],
        decoder_start_token_id=number("<|startoftranscript|>"),
        eos_token_id=number("<|endoftext|>"),
        is_multilingual=True,
        lang_to_id={f"<|{code}|>": number(f"<|{code}|>") for code in LANGUAGES},
        no_timestamps_token_id=number("<|notimestamps|>"),
        suppress_tokens=[1, 2],
        task_to_id={"transcribe": number("<|transcribe|>"), "translate": number("<|translate|>")},
    )
    model.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=BANDS).save_pretrained(folder)
    return folder


def _writes(model: Any, tokens: list[int], certain: float) -> None:
    """Layers that pass on what comes in, and places that each call for their token."""
    decoder = model.model.decoder
    for layer in decoder.layers:
        for line in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
            line.weight.zero_()
            line.bias.zero_()
    words = decoder.embed_tokens.weight
    words.normal_()
    words.div_(words.norm(dim=1, keepdim=True))
    words.mul_(certain / SIZE**0.5)  # what comes last is of length sqrt(SIZE)
    words[tokens[0]] *= 30.0 / certain
    places = decoder.embed_positions.weight
    places.zero_()
    for place, token in enumerate(tokens[: len(places)]):
        places[place] = words[token] * 1000


def _config(tokenizer: WhisperTokenizer) -> WhisperConfig:
    number: Any = tokenizer.convert_tokens_to_ids
    return WhisperConfig(
        vocab_size=len(tokenizer),
        num_mel_bins=BANDS,
        d_model=SIZE,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=SIZE,
        decoder_ffn_dim=SIZE,
        max_target_positions=PLACES,
        bos_token_id=number("<|endoftext|>"),
        eos_token_id=number("<|endoftext|>"),
        pad_token_id=number("<|endoftext|>"),
        decoder_start_token_id=number("<|startoftranscript|>"),
    )


def _tokenizer(folder: Path) -> WhisperTokenizer:
    """Bytes, then the commands and times in the published order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    pieces = [chr(byte) for byte in printable] + [chr(256 + number) for number in range(len(others))]
    (folder / "vocab.json").write_text(json.dumps({piece: number for number, piece in enumerate(pieces)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = WhisperTokenizer(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"))
    languages = [f"<|{code}|>" for code in LANGUAGES]
    times = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
    special = ["<|endoftext|>", "<|startoftranscript|>", *languages, *COMMANDS]
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    tokenizer.add_tokens(times)
    tokenizer.save_pretrained(folder)
    return tokenizer
