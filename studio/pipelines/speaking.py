"""The words of a message become sound: sentence by sentence, each heard as soon as it is said, then joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput, EngineUnavailable, StudioError
from studio.requests import MessageRequest, fingerprint
from studio.speech.timing import TimedPhoneme, TimedWord
from studio.store.atomic import read_json, write_json
from studio.store.projects import Project

if TYPE_CHECKING:
    import numpy as np

    from studio.contracts import Sound, Speech, SpeechEngine, VoiceReference
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Context, Stage
    from studio.store.artifacts import Artifacts

LEAD_SECONDS, TAIL_SECONDS = 0.25, 0.45
"""Silence before and after, in which the face is seen at rest."""
PAUSE_SECONDS = 0.28
"""Between sentences, as people pause when reading aloud (0.2 to 0.5 s)."""
_FADE_SECONDS = 0.008
_SPEECH_VERSION = 1


@dataclass(frozen=True)
class Spoken:
    """speech.wav and who says what when in it. `voice` says whose voice is heard, `kind` as contracts.Speech has it, ""
    for a recording; `texts` the sentences."""

    wav: Path
    seconds: float
    words: tuple[TimedWord, ...]
    phonemes: tuple[TimedPhoneme, ...]
    texts: tuple[str, ...]
    voice: str
    kind: str
    key: str

    def sound(self) -> Sound:
        from studio.contracts import Sound
        from studio.media.wav import read_mono

        return Sound(*read_mono(self.wav))


@dataclass(frozen=True)
class Sentence:
    """One sentence as said: its sound and its times, from its own start."""

    wav: Path
    words: tuple[TimedWord, ...]
    phonemes: tuple[TimedPhoneme, ...]
    voice: str
    kind: str


class Speaker:
    """Says a request's text, or takes the recording that says it already."""

    def __init__(self, request: MessageRequest, context: Context, artifacts: Artifacts, card: EngineCard) -> None:
        self._request, self._context, self._artifacts, self._card = request, context, artifacts, card
        self._project = Project(request.project)
        self._folder = self._project.folder / "speech"
        self._reference: tuple[VoiceReference | None, str] | None = None

    @property
    def _reference_key(self) -> str:
        return self._reference[1] if self._reference else ""

    @property
    def card(self) -> EngineCard:
        """The engine that spoke last; another one than asked for where it had to stand in."""
        return self._card

    # ---- a recording ----

    def recorded(self) -> Spoken:
        """The recording as speech.wav."""
        from studio.media.audio import decode_recording

        audio, target = self._request.audio, self._project.folder / "speech.wav"
        assert audio is not None
        key = fingerprint([audio.name, self._request.volume, self._request.fps, _SPEECH_VERSION])
        with self._context.stage("speech", "Listening to the recording", 1) as stage:
            if self._artifacts.find("speech", key):
                stage.reuse()
            else:
                limits, cancel = self._context.settings.limits, self._context.cancel
                raw = self._project.inputs / "recording.wav"
                facts = decode_recording(audio, raw, "--audio", limits, cancel)
                if facts.notice:
                    self._context.notice(facts.notice)
                self._write_recording(raw, target)
                self._artifacts.record("speech", key, [target])
        self._context.artifact("speech", target)
        return self._spoken(target, {"words": [], "phonemes": [], "texts": [], "voice": "", "kind": ""}, key)

    def _write_recording(self, raw: Path, target: Path) -> None:
        from studio.media.wav import read_mono, write_mono

        samples, rate = read_mono(raw)
        write_mono(target, limited(in_whole_frames(samples * self._request.volume, rate, self._request.fps)), rate)

    # ---- a text ----

    def say(self, seed: int) -> Spoken:
        """Every sentence under its own key, then speech.wav and speech.json."""
        from studio.speech.sentences import sentences

        texts = sentences(self._request.text, self._request.language)
        with self._context.stage("speech", "Speaking", len(texts)) as stage:
            self._folder.mkdir(exist_ok=True)
            said = self._all_said(texts, seed, stage)
        target, facts_file = self._project.folder / "speech.wav", self._project.folder / "speech.json"
        keys = [self._artifacts.key_of(f"sentence-{number:03d}") for number in range(1, len(texts) + 1)]
        request = self._request
        key = fingerprint([keys, request.volume, request.pause, request.fps, _SPEECH_VERSION])
        if not self._artifacts.find("speech", key):
            write_json(facts_file, self._join(said, texts, target))
            self._artifacts.record("speech", key, [target, facts_file])
        self._context.artifact("speech", target)
        return self._spoken(target, read_json(facts_file), key)

    def _all_said(self, texts: Sequence[str], seed: int, stage: Stage) -> list[Sentence]:
        """All sentences by one engine, so that one voice is heard: the chosen one, or the next one that can, where that
        is allowed. They share a lease: an engine matches its voice to a reference once for each."""
        tried = [self._card]
        while True:
            try:
                return self._context.lease(
                    self._card,
                    lambda engine: [self._sentence(n, text, (engine, seed), stage) for n, text in enumerate(texts, 1)],
                )
            except BadInput:
                raise
            except StudioError as error:
                standin = None if self._context.cancel.cancelled else self._next(tried)
                if standin is None:
                    raise
                self._context.notice(f"{self._card.title} could not speak: {error}; {standin.title} speaks instead")
                self._card = standin
                tried.append(standin)

    def reference(self) -> VoiceReference | None:
        """Whom to sound like: the voice profile, or the recording that came with the request. Raises BadInput for a
        recording that can't serve, NotFound for a voice that was deleted."""
        if self._reference is None:
            self._reference = self._read_reference()
        return self._reference[0]

    def _read_reference(self) -> tuple[VoiceReference | None, str]:
        """And a key that changes with it."""
        from studio.contracts import VoiceReference
        from studio.pipelines.voices import VoiceMaker, voice_reference
        from studio.store.artifacts import file_digest
        from studio.store.voices import VoiceStore

        request, settings = self._request, self._context.settings
        if request.voice:
            profile = VoiceStore(settings.voices).get(request.voice, "--voice")
            samples = [file_digest(path) for path in profile.sample_paths]
            return voice_reference(profile), fingerprint([samples, profile.transcript, profile.language])
        if request.reference:
            sound, notices = VoiceMaker(settings.limits).listen((request.reference,), self._context.cancel)
            for notice in notices:
                self._context.notice(notice)
            words = request.reference_text
            cache = request.project / ".studio" / "voice"
            reference = VoiceReference(sound, request.language, words, cache)
            return reference, fingerprint([request.reference.name, words])
        return None, ""

    def _sentence(self, number: int, text: str, who: tuple[SpeechEngine, int], stage: Stage) -> Sentence:
        """One sentence by an engine with a seed, made unless it is there."""
        engine, seed = who
        name, request = f"sentence-{number:03d}", self._request
        wav, facts_file = self._folder / f"{number:03d}.wav", self._folder / f"{number:03d}.json"
        self.reference()
        how = [request.language, request.speaker, request.speed, request.pitch, seed, self._reference_key]
        key = fingerprint([self._card.key, text, *how, dict(request.engines), _SPEECH_VERSION])
        if self._artifacts.find(name, key):
            stage.reuse(advance=True)
        else:
            speech = self._speak(engine, text, seed)
            words, phonemes = self._timed(speech, text)
            write_json(
                facts_file,
                {
                    "words": [asdict(word) for word in words],
                    "phonemes": [asdict(phoneme) for phoneme in phonemes],
                    "voice": speech.voice,
                    "kind": speech.kind,
                },
            )
            from studio.media.wav import write_mono

            write_mono(wav, limited(speech.sound.samples), speech.sound.sample_rate)
            self._artifacts.record(name, key, [wav, facts_file])
            stage.advance()
        self._context.artifact("sentence", wav)
        facts = read_json(facts_file)
        return Sentence(wav, *_timing(facts), facts["voice"], facts["kind"])

    def _speak(self, engine: SpeechEngine, text: str, seed: int) -> Speech:
        from studio.contracts import SpeechRequest

        request = self._request
        if request.language not in engine.languages:
            raise EngineUnavailable(self._card.key, f"it does not speak {request.language}")
        options = {"speaker": request.speaker} if request.speaker else {}
        how = (request.language, self.reference(), request.speed, request.pitch, seed, options)
        return engine.speak(SpeechRequest(text, *how), self._context.cancel)

    def _next(self, tried: Sequence[EngineCard]) -> EngineCard | None:
        if not (self._context.settings.speech_fallback and self._request.substitutes):
            return None
        registry = self._context.registry
        cards = sorted(registry.cards("speech"), key=lambda card: not card.default)
        return next((card for card in cards if card not in tried and registry.availability(card)[0]), None)

    def _timed(self, speech: Speech, text: str) -> tuple[tuple[TimedWord, ...], tuple[TimedPhoneme, ...]]:
        """The engine's own times, else those of the known text found in the sound, else none."""
        if speech.phonemes:
            return speech.words, speech.phonemes
        from studio.engines.hearing.alignment import Aligner

        aligner = Aligner()
        found = aligner.align(speech.sound, text, self._request.language) or aligner.estimate(speech.sound, text)
        return (found.words, found.phonemes) if found else (speech.words, ())

    # ---- joining ----

    def _join(self, said: Sequence[Sentence], texts: Sequence[str], target: Path) -> dict[str, Any]:
        """speech.wav out of the sentences; returns the content of speech.json, times from its start."""
        import numpy as np

        from studio.contracts import Sound
        from studio.engines.hearing.resampling import at_rate
        from studio.media.wav import read_mono, write_mono

        sounds = [Sound(*read_mono(sentence.wav)) for sentence in said]
        rate = max(sound.sample_rate for sound in sounds)
        pause = round((PAUSE_SECONDS + self._request.pause) * rate)
        parts: list[np.ndarray] = [np.zeros(round(LEAD_SECONDS * rate), np.float32)]
        words: list[TimedWord] = []
        phonemes: list[TimedPhoneme] = []
        at = len(parts[0])
        for number, (sentence, sound) in enumerate(zip(said, sounds, strict=True)):
            shift = at / rate
            words += [replace(word, start=word.start + shift, end=word.end + shift) for word in sentence.words]
            phonemes += [replace(one, start=one.start + shift, end=one.end + shift) for one in sentence.phonemes]
            gap = pause if number < len(said) - 1 else round(TAIL_SECONDS * rate)
            parts += [faded(at_rate(sound, rate), rate), np.zeros(gap, np.float32)]
            at += len(parts[-2]) + gap
        whole = np.concatenate(parts) * self._request.volume
        write_mono(target, limited(in_whole_frames(whole, rate, self._request.fps)), rate)
        voices = tuple(dict.fromkeys(sentence.voice for sentence in said))
        kinds = {sentence.kind for sentence in said}
        return {
            "texts": list(texts),
            "words": [asdict(word) for word in words],
            # Without a sentence's own phonemes the mouth would stay shut in it: then loudness drives it all through.
            "phonemes": [asdict(one) for one in phonemes] if all(sentence.phonemes for sentence in said) else [],
            "voice": " · ".join(voices),
            "kind": next(kind for kind in ("own", "matched", "cloned") if kind in kinds),
        }

    def _spoken(self, wav: Path, facts: Mapping[str, Any], key: str) -> Spoken:
        from studio.media.wav import read_mono

        samples, rate = read_mono(wav)
        words, phonemes = _timing(facts)
        texts = tuple(facts["texts"])
        return Spoken(wav, len(samples) / rate, words, phonemes, texts, facts["voice"], facts["kind"], key)


def faded(samples: np.ndarray, rate: int) -> np.ndarray:
    """With a short rise and fall, so that a join can't click."""
    import numpy as np

    count = min(round(_FADE_SECONDS * rate), len(samples) // 2)
    if not count:
        return samples
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)
    shaped = samples.copy()
    shaped[:count] *= ramp
    shaped[-count:] *= ramp[::-1]
    return shaped


def in_whole_frames(samples: np.ndarray, rate: int, fps: int) -> np.ndarray:
    """With as much silence after it that picture and sound end together."""
    import numpy as np

    frames = -(-len(samples) * fps // rate)
    return np.pad(samples, (0, round(frames * rate / fps) - len(samples)))


def limited(samples: np.ndarray, ceiling: float = 0.97) -> np.ndarray:
    """Turned down as a whole where a peak would be cut off."""
    import numpy as np

    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    return samples * np.float32(ceiling / peak) if peak > ceiling else samples


def _timing(facts: Mapping[str, Any]) -> tuple[tuple[TimedWord, ...], tuple[TimedPhoneme, ...]]:
    return tuple(TimedWord(**word) for word in facts["words"]), tuple(TimedPhoneme(**one) for one in facts["phonemes"])
