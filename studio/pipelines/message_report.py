"""How good a message came out, measured on what was made: its voice, its words, its lips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput, StudioError

if TYPE_CHECKING:
    import numpy as np

    from studio.contracts import Box, Sound, VoiceReference
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Context
    from studio.pipelines.speaking import Spoken

LEAST_SIMILARITY = 0.6
"""Below it the speaker encoder hears another person: two different women scored .59 (Resemblyzer's own scale)."""
MOST_WORD_ERRORS = 0.35
LEAST_OPINION = 2.2
"""DNSMOS, 1..5: below it listeners call speech poor."""
_LISTENED_SECONDS = 60.0
_LOOKED_SECONDS = 20.0


@dataclass(frozen=True)
class SpeechFigures:
    """None where it could not be measured; `reasons` says why. `complaints`: what is worse than it should be."""

    speaker_similarity: float | None
    word_error_rate: float | None
    dnsmos: float | None
    reasons: tuple[str, ...]
    complaints: tuple[str, ...]

    @property
    def badness(self) -> float:
        """To choose between two attempts: how far the figures are from what they should be, added up."""
        parts = [
            max(0.0, LEAST_SIMILARITY - self.speaker_similarity) / 0.4 if self.speaker_similarity is not None else 0.0,
            max(0.0, (self.word_error_rate or 0.0) - MOST_WORD_ERRORS),
            max(0.0, LEAST_OPINION - self.dnsmos) / 4 if self.dnsmos is not None else 0.0,
        ]
        return sum(parts)


class SpeechJudge:
    """Listens to what was spoken as a stranger would."""

    def __init__(self, context: Context, transcriber: EngineCard | None) -> None:
        self._context, self._transcriber = context, transcriber

    def judge(self, spoken: Spoken, reference: VoiceReference | None, language: str) -> SpeechFigures:
        from studio.contracts import Sound
        from studio.engines.hearing.quality import Listener

        sound = spoken.sound()
        heard = Sound(sound.samples[: round(_LISTENED_SECONDS * sound.sample_rate)], sound.sample_rate)
        reasons: list[str] = []
        similarity = self._similarity(heard, reference, reasons)
        errors = self._word_errors(heard, spoken, language, reasons)
        opinion = Listener().rate(heard).overall
        complaints = []
        if similarity is not None and similarity < LEAST_SIMILARITY:
            complaints.append(f"the voice is unlike the reference (similarity {similarity:.2f})")
        if errors is not None and errors > MOST_WORD_ERRORS:
            complaints.append(f"a recogniser misheard {errors:.0%} of the words")
        if opinion < LEAST_OPINION:
            complaints.append(f"the sound is poor (DNSMOS {opinion:.1f} of 5)")
        return SpeechFigures(similarity, errors, round(opinion, 3), tuple(reasons), tuple(complaints))

    def _similarity(self, sound: Sound, reference: VoiceReference | None, reasons: list[str]) -> float | None:
        from studio.engines.hearing.similarity import SpeakerEncoder, similarity

        if reference is None:
            reasons.append("speaker_similarity is null: there is no reference voice to compare with")
            return None
        encoder = SpeakerEncoder()
        try:
            return round(similarity(encoder.embed(sound), encoder.embed(reference.sound)), 3)
        except BadInput as error:
            reasons.append(f"speaker_similarity is null: {error}")
            return None

    def _word_errors(self, sound: Sound, spoken: Spoken, language: str, reasons: list[str]) -> float | None:
        from studio.engines.hearing.words import word_error_rate
        from studio.speech.normalise import spoken as written_out

        if not spoken.texts:
            reasons.append("word_error_rate is null: a recording was given, its words aren't known")
            return None
        card = self._transcriber
        if card is None:
            reasons.append("word_error_rate is null: no recogniser can run here")
            return None

        def hear(engine: Any) -> Any:
            known = language in engine.languages
            return engine.transcribe(sound, language, self._context.cancel) if known else None

        transcript = self._context.lease(card, hear)
        if transcript is None:
            reasons.append(f"word_error_rate is null: {card.title} does not know the language {language}")
            return None
        said = _said_until(spoken, sound.seconds)
        # Written out on both sides: the text may have figures where the recogniser has words, or the other way round.
        return round(word_error_rate(written_out(said, language), written_out(transcript.text, language)), 3)


def _said_until(spoken: Spoken, seconds: float) -> str:
    """The text that lies within the first `seconds`, as far as the words' times tell."""
    if spoken.seconds <= seconds or not spoken.words:
        return " ".join(spoken.texts)
    return " ".join(word.text for word in spoken.words if word.end <= seconds)


@dataclass(frozen=True)
class LipFigures:
    """`mouth_motion`, `silence_motion`: the deviation of the mouth's opening, as a share of its width, while a voice is
    heard and while none is; `correlation` with the sound's loudness at its best lag, `lag_ms` (positive: lips late)."""

    mouth_motion: float | None
    silence_motion: float | None
    correlation: float | None
    lag_ms: float | None
    reasons: tuple[str, ...]


def judge_lips(
    frames: Callable[[], Iterator[np.ndarray]], spoken: Spoken, fps: Fraction, face: Box | None
) -> LipFigures:
    """Looks at the first 20 s of the film as they will be seen, at the `face` that speaks."""
    import numpy as np

    from studio.engines.hearing.activity import VoiceActivity
    from studio.engines.lip_sync.curves import loudness
    from studio.engines.lip_sync.measure import lip_sound_lag, mouth_openings

    count = round(_LOOKED_SECONDS * fps)
    openings = mouth_openings(islice(frames(), count), face)
    if not np.isfinite(openings).mean() > 0.5:
        nothing = "mouth_motion, silence_motion are null: no face is found in the film to measure"
        return LipFigures(None, None, None, None, (nothing,))
    sound = spoken.sound()
    speaking = VoiceActivity().speaking(sound, fps, len(openings))
    reasons: list[str] = []
    moving = _deviation(openings[speaking > 0.5], "mouth_motion", "nobody speaks", reasons)
    still = _deviation(openings[speaking < 0.05], "silence_motion", "there is no silence", reasons)
    correlation, lag = lip_sound_lag(openings, loudness(sound, fps, len(openings)), fps)
    known = bool(np.isfinite(correlation))
    return LipFigures(
        moving,
        still,
        round(float(correlation), 3) if known else None,
        round(1000 * float(lag), 1) if known else None,
        tuple(reasons),
    )


def _deviation(openings: np.ndarray, name: str, why: str, reasons: list[str]) -> float | None:
    import numpy as np

    seen = openings[np.isfinite(openings)]
    if len(seen) < 3:
        reasons.append(f"{name} is null: {why}, or too little to measure")
        return None
    return round(float(np.std(seen)), 4)


def report_json(parts: Mapping[str, Any]) -> dict[str, Any]:
    """report.json out of its parts; nothing in it was not measured."""
    film, speech, lips = parts["film"], parts["speech"], parts["lips"]
    engines: Mapping[str, EngineCard | None] = parts["engines"]
    return {
        "duration_seconds": film.duration,
        "frame_count": film.frame_count,
        "width": film.width,
        "height": film.height,
        "audio_video_difference_ms": film.audio_video_difference_ms,
        "speech": {
            "engine": parts["speech_engine"],
            "voice": parts["spoken"].voice,
            "kind": parts["spoken"].kind,
            "speaker_similarity": speech.speaker_similarity,
            "word_error_rate": speech.word_error_rate,
            "dnsmos": speech.dnsmos,
        },
        "lip_sync": {
            "engine": parts["lip_engine"],
            "mouth_motion": lips.mouth_motion,
            "silence_motion": lips.silence_motion,
            "correlation": lips.correlation,
            "lag_ms": lips.lag_ms,
        },
        "repair": {"share": parts["person"].share, "mended": parts["person"].mended},
        "engines": {task: card.name if card else None for task, card in engines.items()},
        "engine_titles": {task: card.title for task, card in engines.items() if card},
        "notices": list(parts["notices"]),
        "timings": dict(parts["seconds"]),
        "peak_memory_mb": dict(parts["peaks"]),
    }


def first_that_runs(context: Context, task: str) -> EngineCard | None:
    """The task's engine for measuring; None where none can run here."""
    try:
        return context.registry.choose(task, None, True)[0]
    except StudioError:
        return None
