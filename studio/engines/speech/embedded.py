"""The embedded speech engine: for each language the best voice there is, brought near to a reference if one is given.

English is spoken by heart and joe, Japanese by mei, all three trained; the other languages by espeak-ng.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace

from studio.cancellation import CancelToken
from studio.contracts import Sound, Speech, SpeechEngine, SpeechRequest, VoiceReference
from studio.engines.hearing.similarity import SpeakerEncoder
from studio.engines.speech.cast import Cast, Sample
from studio.engines.speech.kept_match import KeptMatch
from studio.engines.speech.loudness import hushed, levelled, trimmed, unfit
from studio.engines.speech.matching import Portrait, Settings, changed, matched_to, portrait
from studio.engines.speech.requests import checked
from studio.engines.speech.voice import Said, Voice
from studio.engines.speech.world import analysed, sounded, transposed
from studio.errors import StudioError
from studio.speech.normalise import spoken
from studio.speech.pace import expected_seconds
from studio.speech.text import LANGUAGES

PITCH_MATTERS = 0.12
"""What an octave between two voices costs, in cosines of their embeddings, when the nearest base voice is chosen."""

TRIES = 2


class EmbeddedSpeech(SpeechEngine):
    """Keeps, until `reset`, how its voices are brought near to each reference it has heard."""

    languages = LANGUAGES

    def __init__(self, name: str = "embedded", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)
        self._encoder = SpeakerEncoder()
        self._cast = Cast(self._encoder)
        self._lock = threading.Lock()
        self._matches: dict[tuple[str, str], tuple[Voice, Settings]] = {}

    def reset(self) -> None:
        with self._lock:
            self._matches.clear()

    def speakers(self) -> tuple[tuple[str, str], ...]:
        return self._cast.speakers()

    def prepare(self, voice: VoiceReference, language: str, cancel: CancelToken) -> None:
        self._chosen(SpeechRequest("-", language, voice), cancel)

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Speech:
        text = checked(request, self.languages)
        cancel.check()
        voice, settings = self._chosen(request, cancel)
        said = self._said(voice, replace(request, text=spoken(text, request.language)), cancel)
        cancel.check()
        sound = self._shaped(said.sound, settings, request.pitch, voice.rough)
        said = trimmed(replace(said, sound=levelled(sound)))
        if settings is None:
            return Speech(said.sound, said.words, said.phonemes, f"The studio's own voice {voice.title}")
        sentence = f"Matched to the reference from the voice {voice.title}; not a clone"
        return Speech(said.sound, said.words, said.phonemes, sentence, "matched")

    def _chosen(self, request: SpeechRequest, cancel: CancelToken) -> tuple[Voice, Settings | None]:
        voices = self._cast.voices(request.language, request.options.get("speaker"))
        if request.voice is None:
            return voices[0], None
        key = (_digest(request.voice), f"{request.language} {request.options.get('speaker', '')}")
        with self._lock:
            if key not in self._matches:
                kept = KeptMatch.at(request.voice.cache, " ".join(key))
                known = kept.read(voices) if kept else None
                self._matches[key] = known or self._match(voices, request, cancel)
                if kept and known is None:
                    kept.write(*self._matches[key])
            return self._matches[key]

    def _match(self, voices: tuple[Voice, ...], request: SpeechRequest, cancel: CancelToken) -> tuple[Voice, Settings]:
        assert request.voice is not None
        target = portrait(request.voice.sound, self._encoder)
        cancel.check()
        samples = [(voice, self._cast.sample(voice, request.language, cancel)) for voice in voices]
        voice, sample = max(samples, key=lambda pair: _nearness(pair[1], target))
        return voice, matched_to(sample.anatomy, target, self._encoder, cancel.check)

    def _said(self, voice: Voice, request: SpeechRequest, cancel: CancelToken) -> Said:
        """Raises StudioError when what comes is unfit, twice."""
        expected = expected_seconds(request.text, request.language) / request.speed
        why = ""
        for attempt in range(TRIES):
            said = voice.say(request.text, request.speed, request.seed + attempt, cancel)
            why = unfit(said.sound, expected)
            if not why:
                return said
        raise StudioError(f"the voice {voice.name} failed to say {request.text[:60]!r}: {why}; reword the sentence")

    def _shaped(self, sound: Sound, settings: Settings | None, semitones: float, rough: bool) -> Sound:
        if settings is None and not semitones and not rough:
            return sound
        anatomy = analysed(sound)
        if settings is not None:
            anatomy = changed(anatomy, settings)
        return hushed(sounded(transposed(anatomy, semitones)), sound)


def _nearness(sample: Sample, target: Portrait) -> float:
    octaves = abs(sample.pitch_mean - target.pitch_mean) / 0.6931
    return float(sample.embedding @ target.embedding) - PITCH_MATTERS * octaves


def _digest(voice: VoiceReference) -> str:
    return hashlib.sha256(voice.sound.samples.tobytes() + str(voice.sound.sample_rate).encode()).hexdigest()
