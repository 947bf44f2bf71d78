"""Qwen3-TTS's networks read from their folder, every key accounted for, and placed on a device.

The folder is as published (Qwen/Qwen3-TTS-12Hz-1.7B-Base and -0.6B-Base): talker, code predictor and speaker encoder in
model.safetensors, the speech tokenizer in speech_tokenizer/, the text tokenizer in vocab.json and merges.txt. The
package's own loader is not used: it leaves random whatever it doesn't find.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engines.loading import load_strictly, read_state, weights_file
from studio.engines.speech.qwen_codes import CodeDrawer
from studio.engines.speech.qwen_package import imported
from studio.errors import LoadFailed, StudioError

if TYPE_CHECKING:
    import torch

_PACKAGE = "qwen_tts"
_BLOCKS, _BLOCK_BYTES = 64, 1 << 14


class Networks:
    """Qwen3-TTS in memory.

    tts     the package's Qwen3TTSModel, which says sentences
    digest  of the weights; what was computed by others is not theirs
    """

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        """In `dtype` on the CPU, the speech tokenizer in float32: in bfloat16 it gives silence.

        Raises LoadFailed naming what is missing, unexpected, wrongly shaped or damaged; EngineUnavailable.
        """
        import torch

        model = _model(folder, dtype)
        if dtype == torch.float16:
            _with_exact_logits(model)
        model.talker.code_predictor.generate = CodeDrawer(model.talker.code_predictor)
        model.load_speech_tokenizer(_speech_tokenizer(folder / "speech_tokenizer"))
        processing = imported(f"{_PACKAGE}.core.models.processing_qwen3_tts")
        processor = processing.Qwen3TTSProcessor(tokenizer=_text_tokenizer(folder))
        wrapper = imported(f"{_PACKAGE}.inference.qwen3_tts_model").Qwen3TTSModel
        self.tts: Any = wrapper(model=model, processor=processor, generate_defaults=_json(folder, "generation_config"))
        self.digest = _digest(folder)
        self._handles: list[Any] = []

    @property
    def talker(self) -> Any:
        return self.tts.model.talker

    @property
    def languages(self) -> frozenset[str]:
        """The names of the languages it was trained in."""
        return frozenset(self.talker.config.codec_language_id)

    @property
    def watched(self) -> bool:
        """Whether somebody still listens to the talker."""
        return bool(self.talker._forward_hooks)

    def forget(self) -> None:
        """What the last sentence left."""
        self.talker.rope_deltas = None

    def place(self, device: str, spread: bool = False) -> None:
        """On `device`; with `spread` the speech tokenizer and the table of the text's word pieces stay in RAM: 1.3 GB
        less, and a sentence takes longer to decode."""
        self._free()
        inner = self.talker.model
        table = inner.text_embedding
        if spread:
            inner.text_embedding = None
        self.tts.model.to(device)
        inner.text_embedding = table
        if spread:
            table.to("cpu")
            self._handles = [
                table.register_forward_pre_hook(lambda _module, arguments: (arguments[0].to("cpu"),)),
                table.register_forward_hook(lambda _module, _arguments, result: result.to(device)),
            ]
        self.tts.device = self.tts.model.device
        tokenizer = self.tts.model.speech_tokenizer
        tokenizer.model.to("cpu" if spread else device)
        tokenizer.device = tokenizer.model.device

    def _free(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []


def _model(folder: Path, dtype: torch.dtype) -> Any:
    """Made without memory, then given the file's own tensors: nothing in it was ever random."""
    import torch

    models = imported(f"{_PACKAGE}.core.models")
    config = _configured(models.Qwen3TTSConfig, folder)
    kind = getattr(config, "tts_model_type", None)
    if kind != "base":
        raise LoadFailed(f"{folder} holds Qwen3-TTS's {kind!r} model, and only a base model clones a voice")
    _complete(config, config.talker_config, config.talker_config.code_predictor_config)

    def make() -> Any:
        with torch.device("meta"):
            kind = models.Qwen3TTSForConditionalGeneration
            return kind._from_config(config, dtype=dtype, attn_implementation="sdpa")

    model = _made(make, folder)
    source = weights_file(folder, "model")
    state = read_state(source)
    for name in state:
        state[name] = state[name].to(dtype)
    load_strictly(model, state, source, assign=True)
    for module in model.modules():
        if hasattr(module, "_ensure_inv_freq"):  # what is computed, not stored
            module._ensure_inv_freq(torch.empty(0))
    return model.eval()


def _speech_tokenizer(folder: Path) -> Any:
    from transformers import AutoFeatureExtractor

    inner = f"{_PACKAGE}.core.tokenizer_12hz"
    config = _configured(imported(f"{inner}.configuration_qwen3_tts_tokenizer_v2").Qwen3TTSTokenizerV2Config, folder)
    kind = imported(f"{inner}.modeling_qwen3_tts_tokenizer_v2").Qwen3TTSTokenizerV2Model
    model = _made(lambda: kind(config), folder).float()
    source = weights_file(folder, "model")
    load_strictly(model, read_state(source), source)
    tokenizer = imported(f"{_PACKAGE}.inference.qwen3_tts_tokenizer").Qwen3TTSTokenizer()
    tokenizer.model, tokenizer.config = model.eval(), model.config
    tokenizer.feature_extractor = _made(
        lambda: AutoFeatureExtractor.from_pretrained(str(folder), local_files_only=True), folder
    )
    return tokenizer


def _text_tokenizer(folder: Path) -> Any:
    from transformers import Qwen2Tokenizer

    tokenizer = _made(lambda: Qwen2Tokenizer.from_pretrained(str(folder), local_files_only=True), folder)
    # the package counts on these to be three tokens, at the head of each text
    if len(tokenizer("<|im_start|>assistant\n")["input_ids"]) != 3:
        raise LoadFailed(f"{folder} has another text tokenizer than Qwen3-TTS's: it breaks up 'assistant'")
    return tokenizer


def _with_exact_logits(model: Any) -> None:
    """The heads in float32: in float16 what they give overflows, and the sampling with it."""
    for head in (model.talker.codec_head, *model.talker.code_predictor.lm_head):
        head.float()
        head.register_forward_pre_hook(lambda _module, arguments: (arguments[0].float(),))


def _configured(kind: Any, folder: Path) -> Any:
    if not (folder / "config.json").is_file():
        raise LoadFailed(f"{folder} has no config.json")
    return _made(lambda: kind.from_pretrained(str(folder), local_files_only=True), folder)


def _complete(*configs: Any) -> None:
    """transformers 5 no longer gives every configuration this field, and the package reads it."""
    for config in configs:
        if not hasattr(config, "pad_token_id"):
            config.pad_token_id = None


def _made(make: Callable[[], Any], folder: Path) -> Any:
    """Raises LoadFailed where a configuration makes no sense."""
    try:
        return make()
    except Exception as error:
        # a configuration may be wrong in any way, and the tokenizers' library raises Exception itself
        if isinstance(error, MemoryError | StudioError) or type(error).__name__ == "OutOfMemoryError":
            raise
        raise LoadFailed(f"{folder} can't be read: {type(error).__name__}: {str(error)[:200]}") from error


def _json(folder: Path, name: str) -> dict[str, Any]:
    path = folder / f"{name}.json"
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LoadFailed(f"{path} can't be read: {error}") from error
    if not isinstance(body, dict):
        raise LoadFailed(f"{path} holds no object")
    return body


def _digest(folder: Path) -> str:
    """Of the files' sizes, heads and blocks spread over them: gigabytes would take longer to read than to load, and
    training changes a network everywhere."""
    digest = hashlib.sha256()
    for part in (folder, folder / "speech_tokenizer"):
        path = weights_file(part, "model")
        size = path.stat().st_size
        digest.update((part / "config.json").read_bytes() + str(size).encode())
        with path.open("rb") as file:
            for number in range(_BLOCKS):
                file.seek(size * number // _BLOCKS)
                digest.update(file.read(_BLOCK_BYTES))
    return digest.hexdigest()
