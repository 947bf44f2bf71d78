"""The sound of a video, heard: what kind of sound is when, and a draft of what is said."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput
from studio.speech.timing import as_written

if TYPE_CHECKING:
    from studio.contracts import Sound
    from studio.index.facts import SoundSpan, Utterance, VideoIndex
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Context
    from studio.settings import Limits
    from studio.speech.timing import TimedWord

PIECE_SECONDS = 20.0
PASSAGE_SECONDS = 60.0
"""Speech is transcribed in passages of about this length, which begin and end where nobody speaks."""
_SENTENCE_PAUSE, _LONGEST_SENTENCE = 0.7, 15.0
_ENDS = ".!?…。！？"


class SoundReader:
    """Reads the sound into the index; one that is read already is left alone."""

    def __init__(self, context: Context, card: EngineCard, video: Path, folder: Path, limits: Limits) -> None:
        self._context, self._card, self._video = context, card, video
        self._wav, self._limits = folder / "sound.wav", limits

    def read(self, index: VideoIndex, number: int, keep: Callable[[VideoIndex], object]) -> VideoIndex:
        total = max(1, round(index.video.duration))
        with self._context.stage(f"sound-{number}", "Listening", total) as stage:
            if "sound" in index.read:
                stage.reuse(total)
            else:
                index = self._hear(index, stage)
                keep(index)
        with self._context.stage(f"speech-{number}", "Writing down what is said", total) as stage:
            if "speech" in index.read:
                stage.reuse(total)
            else:
                index = self._write_down(index, stage, keep)
        return index

    def _hear(self, index: VideoIndex, stage: Any) -> VideoIndex:
        from studio.engines.hearing.kinds import SoundKinds
        from studio.media.audio import decode_recording

        whole = (0.0, index.video.duration)
        try:
            decode_recording(self._video, self._wav, "FILE", self._limits, self._context.cancel)
        except BadInput as error:
            self._context.notice(f"The sound of {index.video.name} was not read: {error.reason or error}.")
            return replace(index, read={**index.read, "sound": (whole,), "speech": (whole,)})
        spans: list[SoundSpan] = []
        for reading in SoundKinds().read(pieces(self._wav, PIECE_SECONDS), self._context.cancel):
            spans += reading.spans
            stage.advance(PIECE_SECONDS)
        ordered = tuple(sorted(spans, key=lambda span: span.start))
        return replace(index, sounds=ordered, read={**index.read, "sound": (whole,)})

    def _write_down(self, index: VideoIndex, stage: Any, keep: Callable[[VideoIndex], object]) -> VideoIndex:
        from studio.contracts import Sound

        passages = speech_passages(index.sounds)
        whole = (0.0, index.video.duration)

        def listen(engine: Any) -> tuple[Utterance, ...]:
            said: list[Utterance] = []
            at = 0.0
            for start, end in passages:
                samples, rate = read_stretch(self._wav, start, end)
                found = engine.transcribe(Sound(samples, rate), engine.languages[0], self._context.cancel)
                said += utterances(as_written(found.words, found.text), start, found.confidence)
                stage.advance(max(0.0, end - at))
                at = end
                keep(replace(index, speech=tuple(said)))
            return tuple(said)

        speech = self._context.lease(self._card, listen) if passages else ()
        index = replace(index, speech=speech, read={**index.read, "speech": (whole,)})
        keep(index)
        return index


def pieces(wav: Path, seconds: float) -> Iterator[Sound]:
    """The sound as mono pieces of `seconds`, one at a time."""
    import numpy as np

    from studio.contracts import Sound

    with closing(wave.open(str(wav), "rb")) as reader:
        rate, channels = reader.getframerate(), reader.getnchannels()
        while content := reader.readframes(round(seconds * rate)):
            samples = np.frombuffer(content, "<i2").reshape(-1, channels).mean(axis=1, dtype=np.float32)
            yield Sound(samples / np.float32(32768), rate)


def read_stretch(wav: Path, start: float, end: float) -> tuple[Any, int]:
    """Mono samples between two times, and their rate."""
    import numpy as np

    with closing(wave.open(str(wav), "rb")) as reader:
        rate, channels = reader.getframerate(), reader.getnchannels()
        reader.setpos(min(round(start * rate), reader.getnframes()))
        content = reader.readframes(round((end - start) * rate))
    samples = np.frombuffer(content, "<i2").reshape(-1, channels).mean(axis=1, dtype=np.float32)
    return samples / np.float32(32768), rate


def speech_passages(sounds: tuple[SoundSpan, ...]) -> list[tuple[float, float]]:
    """Stretches of speech put together up to PASSAGE_SECONDS, with half a second around them."""
    passages: list[tuple[float, float]] = []
    for span in sounds:
        if span.kind != "speech":
            continue
        start, end = max(0.0, span.start - 0.5), span.end + 0.5
        if passages and end - passages[-1][0] <= PASSAGE_SECONDS:
            passages[-1] = (passages[-1][0], end)
        else:
            passages.append((max(start, passages[-1][1] if passages else 0.0), end))
    return passages


def utterances(words: Sequence[TimedWord], shift: float, confidence: float) -> list[Utterance]:
    """Words of a passage that begins at `shift` as sentences: to a full stop, a pause, or 15 s."""
    from studio.index.facts import Utterance

    moved = [replace(word, start=word.start + shift, end=word.end + shift) for word in words]
    groups: list[list[TimedWord]] = [[]] if moved else []
    for word, following in pairwise([*moved, None]):
        assert word is not None
        groups[-1].append(word)
        full = word.end - groups[-1][0].start > _LONGEST_SENTENCE
        paused = following is not None and following.start - word.end > _SENTENCE_PAUSE
        if following is not None and (word.text[-1:] in _ENDS or full or paused):
            groups.append([])
    return [
        Utterance(group[0].start, group[-1].end, " ".join(word.text for word in group), tuple(group), confidence)
        for group in groups
    ]
