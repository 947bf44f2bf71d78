"""Qwen3-TTS: clones a voice from some seconds of it, in ten languages.

Qwen team, "Qwen3-TTS Technical Report", 2026 (arXiv 2601.15621). One sentence a call; the pipeline puts them together.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound, Speech, SpeechEngine, SpeechRequest, VoiceReference, Weights
from studio.engines.loading import torch_dtype
from studio.engines.speech.cast import SAMPLE_TEXTS
from studio.engines.speech.espeak import Espeak
from studio.engines.speech.heart import Heart
from studio.engines.speech.joe import Joe
from studio.engines.speech.loudness import hushed, levelled, trimmed, unfit
from studio.engines.speech.qwen_prompt import ClonePrompt, plain, prompt_of, reference_digest
from studio.engines.speech.qwen_watch import Unfit, Watch, most_frames
from studio.engines.speech.qwen_weights import Networks
from studio.engines.speech.requests import checked
from studio.engines.speech.tempo import at_speed
from studio.engines.speech.voice import Said, Voice
from studio.engines.speech.world import analysed, sounded, transposed
from studio.errors import BadInput, LoadFailed, StudioError
from studio.speech.normalise import spoken
from studio.speech.pace import expected_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {
    "zh": "chinese",
    "en": "english",
    "ja": "japanese",
    "ko": "korean",
    "de": "german",
    "fr": "french",
    "ru": "russian",
    "pt": "portuguese",
    "es": "spanish",
    "it": "italian",
}
"""The model's own names of its languages."""

TRIES = 3
SHORTEST_SHARE = 0.2
"""Of the expected length; what is shorter broke off."""

SILENT_PEAK = 1e-3
"""Of a reference: the model would clone its noise."""

SPREAD, ON_CPU = 1, 2
"""Rungs: parts of it in RAM; all of it computed on the CPU."""


@dataclass(frozen=True)
class _Chosen:
    """Whose voice, in words, and how it came about."""

    prompt: ClonePrompt
    voice: str
    kind: str


class QwenSpeech(SpeechEngine):
    """Keeps, until `reset`, what it made of each reference it has heard. Without one it speaks with the studio's own
    voices, as references it knows the words of: the model has no voice itself, and asking for speech is no mistake."""

    languages = tuple(NAMES)

    def __init__(self, name: str, device: str, rung: int, weights: Weights) -> None:
        super().__init__(name, device, rung)
        on_cpu = rung >= ON_CPU or device == "cpu"
        # CPUs compute float32 fastest
        dtype = torch_dtype("float32" if on_cpu else weights.precision)
        (folder,) = weights.parts.values()
        self._networks: Networks | None = Networks(folder, dtype)
        if lacking := NAMES.keys() - {code for code in NAMES if NAMES[code] in self._networks.languages}:
            raise LoadFailed(f"{folder} was not trained in {', '.join(sorted(lacking))}")
        self._place = ("cpu" if on_cpu else device, rung == SPREAD and not on_cpu)
        self._networks.place(*self._place)
        self._own: dict[str, Voice] = {voice.name: voice for voice in (Heart(), Joe(Espeak()))}
        self._prompts: dict[str, ClonePrompt] = {}

    def reset(self) -> None:
        self._prompts.clear()
        self._loaded.forget()

    def residue(self) -> str:
        return "somebody still listens to the talker" if self._loaded.watched else ""

    def close(self) -> None:
        self._networks = None
        self._prompts.clear()

    def leave_device(self) -> bool:
        self._loaded.place("cpu")
        return True

    def enter_device(self) -> None:
        self._loaded.place(*self._place)

    def speakers(self) -> tuple[tuple[str, str], ...]:
        return tuple((voice.name, voice.title) for voice in self._own.values())

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Speech:
        text = plain(spoken(checked(request, self.languages), request.language))
        cancel.check()
        chosen = self._chosen(request, cancel)
        sound = self._said(text, request, chosen.prompt, cancel)
        cancel.check()
        if request.pitch:
            sound = hushed(sounded(transposed(analysed(sound), request.pitch)), sound)
        said = trimmed(Said(levelled(at_speed(sound, request.speed))))
        return Speech(said.sound, (), (), chosen.voice, chosen.kind)

    def prepare(self, voice: VoiceReference, language: str, cancel: CancelToken) -> None:
        if language not in self.languages:
            raise BadInput("language", language, " | ".join(self.languages))
        cancel.check()
        prompt_of(voice, self._loaded, self.name)

    @property
    def _loaded(self) -> Networks:
        if self._networks is None:
            raise RuntimeError(f"{self.name} is closed")
        return self._networks

    def _chosen(self, request: SpeechRequest, cancel: CancelToken) -> _Chosen:
        speaker = str(request.options.get("speaker") or next(iter(self._own)))
        if speaker not in self._own:
            raise BadInput("speaker", speaker, " | ".join(self._own))
        if request.voice is not None and not np.abs(request.voice.sound.samples).max() > SILENT_PEAK:
            raise BadInput("voice", "silence", "a recording with 3 seconds of speech")
        key = speaker if request.voice is None else reference_digest(request.voice)
        if key not in self._prompts:
            reference = request.voice or _sample(self._own[speaker], cancel)
            self._prompts[key] = prompt_of(reference, self._loaded, self.name)
        prompt = self._prompts[key]
        if request.voice is None:
            title = self._own[speaker].title
            return _Chosen(prompt, f"The studio's own voice {title}, spoken by Qwen3-TTS", "own")
        how = "" if prompt.codes is not None else ", by its timbre alone: what it says is not known"
        return _Chosen(prompt, f"Cloned from the reference by Qwen3-TTS{how}", "cloned")

    def _said(self, text: str, request: SpeechRequest, prompt: ClonePrompt, cancel: CancelToken) -> Sound:
        """Raises StudioError when what comes is unfit, each time with another seed."""
        expected = expected_seconds(text, request.language)
        why = ""
        for attempt in range(TRIES):
            try:
                sound = self._attempt(text, replace(request, seed=request.seed + attempt), prompt, cancel)
            except Unfit as error:
                why = str(error)
                continue
            why = unfit(sound, expected) or _broken_off(sound, expected)
            if not why:
                return sound
        raise StudioError(f"Qwen3-TTS failed to say {text[:60]!r} in {TRIES} tries: {why}; reword the sentence")

    def _attempt(self, text: str, request: SpeechRequest, prompt: ClonePrompt, cancel: CancelToken) -> Sound:
        expected = expected_seconds(text, request.language)
        networks = self._loaded
        watch = Watch(cancel, expected, self._decoded)
        handle = networks.talker.register_forward_hook(watch)
        try:
            with _seeded(request.seed, networks.tts.device):
                sounds, rate = networks.tts.generate_voice_clone(
                    text,
                    language=NAMES[request.language],
                    voice_clone_prompt=[prompt.item()],
                    max_new_tokens=most_frames(expected) + 2,  # the watch ends it first
                )
        finally:
            handle.remove()
        return Sound(np.asarray(sounds[0], np.float32), int(rate))

    def _decoded(self, codes: Any) -> np.ndarray:
        sounds, _ = self._loaded.tts.model.speech_tokenizer.decode([{"audio_codes": codes}])
        return sounds[0]


def _sample(voice: Voice, cancel: CancelToken) -> VoiceReference:
    return VoiceReference(voice.say(SAMPLE_TEXTS["en"], 1.0, 0, cancel).sound, "en", SAMPLE_TEXTS["en"])


def _broken_off(sound: Sound, expected: float) -> str:
    seconds = trimmed(Said(sound)).sound.seconds
    return f"it broke off after {seconds:.1f} s of about {expected:.1f}" if seconds < SHORTEST_SHARE * expected else ""


@contextmanager
def _seeded(seed: int, device: Any) -> Iterator[None]:
    """The same draws for the same seed, and the process's own ones as they would have been."""
    import torch

    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed % 2**63)
        yield
