"""What Qwen3-TTS knows of a person: made of a reference once, and kept with the voice profile.

Kept as safetensors, whose head (JSON) says what it was made of; what was made of another recording, other words or by
other weights, or can't be read, is deleted and made anew.
"""

from __future__ import annotations

import hashlib
import logging
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.atomic import atomic_path
from studio.contracts import VoiceReference
from studio.engines.hearing.resampling import at_rate
from studio.engines.speech.qwen_package import imported
from studio.engines.speech.qwen_weights import Networks
from studio.errors import StorageFailed

if TYPE_CHECKING:
    import torch

RATE = 24_000
SILENCE_SECONDS = 0.5
"""Put after a reference: without it its last sound is heard at the start of what is said."""

_FORMAT = "1"
_MOST_BYTES = 4 * 1024**2
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClonePrompt:
    """`embedding` (size,) float32 of the speaker; `codes` (frames, groups) int64 of the reference's sound and `text`,
    its words: None and "" where the words aren't known; then only the timbre is taken over."""

    embedding: torch.Tensor
    codes: torch.Tensor | None
    text: str

    def item(self) -> Any:
        """As the package takes it."""
        kind = imported("qwen_tts.inference.qwen3_tts_model").VoiceClonePromptItem
        known = self.codes is not None
        return kind(self.codes, self.embedding, not known, known, self.text or None)


def reference_digest(voice: VoiceReference) -> str:
    sound = voice.sound
    content = np.ascontiguousarray(sound.samples).tobytes() + f"{sound.sample_rate} {voice.transcript}".encode()
    return hashlib.sha256(content).hexdigest()


def prompt_of(voice: VoiceReference, networks: Networks, engine: str) -> ClonePrompt:
    """The kept one, or a new one, which is kept where `voice` has a place for it."""
    key = {"format": _FORMAT, "engine": engine, "model": networks.digest, "reference": reference_digest(voice)}
    path = voice.cache / f"{engine}.safetensors" if voice.cache else None
    kept = _read(path, key, voice, networks) if path else None
    if kept is not None:
        return kept
    prompt = _made(voice, networks)
    if path:
        _write(path, key, prompt)
    return prompt


def plain(text: str) -> str:
    """Without the signs in which the text tokenizer's own commands are written."""
    return " ".join(text.replace("<", " ").replace(">", " ").replace("|", " ").split())


def _made(voice: VoiceReference, networks: Networks) -> ClonePrompt:
    samples = at_rate(voice.sound, RATE)
    samples = np.concatenate([samples, np.zeros(round(SILENCE_SECONDS * RATE), np.float32)])
    text = plain(voice.transcript)
    made = networks.tts.create_voice_clone_prompt((samples, RATE), text or None, x_vector_only_mode=not text)[0]
    codes = None if made.ref_code is None else made.ref_code.long().cpu().contiguous().clone()
    return ClonePrompt(made.ref_spk_embedding.float().cpu().contiguous().clone(), codes, text)


def _write(path: Path, key: Mapping[str, str], prompt: ClonePrompt) -> None:
    from safetensors.torch import save_file

    tensors = {"embedding": prompt.embedding} | ({} if prompt.codes is None else {"codes": prompt.codes})
    try:
        path.parent.mkdir(exist_ok=True)
        with atomic_path(path) as partial:
            save_file(tensors, partial, metadata=dict(key))
    except (OSError, StorageFailed) as error:
        # it only saves seconds: the sentence is said all the same
        _log.warning("the voice's prompt is not kept: %s", error)


def _read(path: Path, key: Mapping[str, str], voice: VoiceReference, networks: Networks) -> ClonePrompt | None:
    """What `path` holds, if it was made of the same; else it is gone, and None."""
    try:
        facts = path.lstat()
    except OSError:
        return None
    prompt = _content(path, key, plain(voice.transcript)) if _is_small_file(facts) else None
    if prompt is not None and _fits(prompt, networks):
        return prompt
    if not stat.S_ISDIR(facts.st_mode):
        path.unlink(missing_ok=True)
    return None


def _content(path: Path, key: Mapping[str, str], text: str) -> ClonePrompt | None:
    from safetensors import safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            if file.metadata() != dict(key):
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except Exception as error:  # noqa: BLE001 - the reader has exceptions of its own for the ways a file is damaged
        _log.warning("%s is made anew: %s", path, error)
        return None
    if tensors.keys() != ({"embedding", "codes"} if text else {"embedding"}):
        return None
    return ClonePrompt(tensors["embedding"], tensors.get("codes"), text)


def _fits(prompt: ClonePrompt, networks: Networks) -> bool:
    """Whether a stranger's file could pass for one of these networks'."""
    import torch

    talker = networks.talker.config
    embedding, codes = prompt.embedding, prompt.codes
    if embedding.dtype != torch.float32 or embedding.shape != (talker.hidden_size,) or not embedding.isfinite().all():
        return False
    if codes is None:
        return True
    if codes.dtype != torch.int64 or codes.ndim != 2 or not len(codes) or codes.shape[1] != talker.num_code_groups:
        return False
    return int(codes.min()) >= 0 and int(codes.max()) < talker.code_predictor_config.vocab_size


def _is_small_file(facts: Any) -> bool:
    return stat.S_ISREG(facts.st_mode) and facts.st_size <= _MOST_BYTES
