"""The sound of a video, heard: what kind of sound is when, and a draft of what is said."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.atomic import atomic_path
from studio.errors import BadInput
from studio.pipelines.wanted import Span, Wanted, merged
from studio.speech.timing import as_written

if TYPE_CHECKING:
    from studio.contracts import Sound
    from studio.index.facts import SoundSpan, Utterance
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Context, Stage
    from studio.pipelines.video_ledger import Ledger, Source
    from studio.speech.timing import TimedWord

PIECE_SECONDS = 20.0
PASSAGE_SECONDS = 60.0
"""Speech is transcribed in passages of about this length, which begin and end where nobody speaks."""
_SENTENCE_PAUSE, _LONGEST_SENTENCE = 0.7, 15.0
_ENDS = ".!?…。！？"


class SoundReading:
    """Hears a video's sound and writes down what is said, each from where the ledger ends.

    The ledger's part "sound" has beside what it found the state of the ears and how many pieces were heard; its part
    "speech" the passages that were written down, in the order in which that happened.
    """

    def __init__(self, context: Context, card: EngineCard, ledger: Ledger, source: Source) -> None:
        self._context, self._card, self._ledger, self._source = context, card, ledger, source
        self._wav = source.folder / "sound.wav"

    # ---- kinds of sound ----

    def hear(self, between: Callable[[], None]) -> None:
        """Kinds of sound of the whole video."""
        source, known = self._source, self._ledger.part("sound")
        total = max(1, round(source.duration))
        with self._context.stage(f"sound-{source.number}", f"Listening to {source.name}", total) as stage:
            if known.get("done"):
                stage.reuse(total)
                return
            if not self._decode():
                whole = [[0.0, source.duration]]
                self._ledger.keep("sound", {"found": [], "read": whole, "done": True})
                self._ledger.keep("speech", {"found": [], "read": whole, "done": True})
                return
            self._hear(known, stage, between)

    def _decode(self) -> bool:
        """Whether there is a sound to hear."""
        from studio.media.audio import decode_recording
        from studio.media.rewrap import read_tracks

        if self._wav.is_file():
            return True
        limits, heard = self._context.settings.limits, self._wav.with_name("heard.wav")
        longest = replace(limits, song_seconds=limits.video_seconds)
        try:
            decode_recording(self._source.path, heard, "FILE", longest, self._context.cancel)
        except BadInput as error:
            self._context.notice(f"The sound of {self._source.name} was not read: {error.reason or error}.")
            return False
        shift(heard, self._wav, read_tracks(self._source.path, "FILE", limits).delay)
        heard.unlink(missing_ok=True)
        return True

    def _hear(self, known: Mapping[str, Any], stage: Stage, between: Callable[[], None]) -> None:
        from studio.engines.hearing.kinds import SoundKinds

        source = self._source
        heard, spans = int(known.get("pieces", 0)), known.get("found", [])[: known.get("closed", 0)]
        stage.advance(heard * PIECE_SECONDS)
        ahead = pieces(self._wav, PIECE_SECONDS, heard)
        last = piece_count(self._wav, PIECE_SECONDS)
        for number, reading in enumerate(SoundKinds().read(ahead, self._context.cancel, known.get("state")), heard):
            spans += [asdict(span) for span in reading.spans]
            done = number == last
            until = source.duration if done else min(reading.until, source.duration)
            part = {
                "found": [*spans, *(asdict(span) for span in reading.open_spans)],
                "read": [[0.0, until]] if until > 0 else [],
                "done": done,
                "closed": len(spans),
                "pieces": number + 1,
                "state": {} if done else dict(reading.state),
            }
            self._ledger.keep("sound", part)
            stage.advance(PIECE_SECONDS)
            between()

    # ---- what is said ----

    def write_down(self, wanted: Wanted) -> None:
        """All passages of speech in order, those that a question asks for before the others."""
        source, total = self._source, max(1, round(self._source.duration))
        with self._context.stage(
            f"speech-{source.number}", f"Writing down what is said in {source.name}", total
        ) as stage:
            if self._ledger.part("speech").get("done"):
                stage.reuse(total)
                return
            stage.advance(source.duration - sum(end - start for start, end in self._missing()))

            def listen(engine: Any) -> None:
                while (missing := self._missing()) and not self._context.is_awaited(self._card):
                    if (span := wanted.next()) is not None:
                        self.serve(span, engine)
                    else:
                        self._transcribe(engine, missing[0], stage)

            while self._missing():
                self._context.lease(self._card, listen)
            self._keep(list(self._ledger.part("speech").get("found", [])), self._done_passages(), done=True)

    def serve(self, wanted: Span, engine: Any = None) -> None:
        """Writes down what is said from `wanted[0]` to `wanted[1]` now, where the kinds of sound are known; by `engine`
        where one is leased."""
        asked = [one for one in self._missing() if one[0] < wanted[1] and one[1] > wanted[0]]
        if not asked or not self._ledger.part("sound").get("done"):
            return

        def listen(leased: Any) -> None:
            for passage in asked:
                self._transcribe(leased, passage, None)

        if engine is not None:
            listen(engine)
        else:
            self._context.lease(self._card, listen)

    def _transcribe(self, engine: Any, passage: Span, stage: Stage | None) -> None:
        from studio.contracts import Sound

        self._context.cancel.check()
        self._context.sign_of_life()
        samples, rate = read_stretch(self._wav, *passage)
        # nobody says what a video is spoken in
        language = "" if engine.finds_language else engine.languages[0]
        heard = engine.transcribe(Sound(samples, rate), language, self._context.cancel)
        said = utterances(as_written(heard.words, heard.text), passage[0], heard.confidence)
        found = [*self._ledger.part("speech").get("found", []), *(asdict(one) for one in said)]
        self._keep(found, [*self._done_passages(), list(passage)])
        if stage:
            stage.advance(passage[1] - passage[0])

    def _keep(self, found: list[Any], passages: list[Any], done: bool = False) -> None:
        """What is no passage of speech counts as read."""
        left = [one for one in self._passages() if list(one) not in passages]
        ends = [0.0, *(edge for one in left for edge in one), self._source.duration]
        spans = merged(list(zip(ends[::2], ends[1::2], strict=True)))
        part = {"found": found, "read": [list(one) for one in spans], "passages": passages, "done": done}
        self._ledger.keep("speech", part)

    def _passages(self) -> list[Span]:
        return speech_passages(self._ledger.index.sounds)

    def _done_passages(self) -> list[Any]:
        return list(self._ledger.part("speech").get("passages", []))

    def _missing(self) -> list[Span]:
        done = self._done_passages()
        return [one for one in self._passages() if list(one) not in done]


def shift(heard: Path, target: Path, delay: float) -> None:
    """`heard` with `delay` seconds of silence before it, or without so much of its beginning: times in a sound are
    counted from its video's first picture."""
    with (
        closing(wave.open(str(heard), "rb")) as reader,
        atomic_path(target) as partial,
        closing(wave.open(str(partial), "wb")) as writer,
    ):
        writer.setparams(reader.getparams())
        rate, width = reader.getframerate(), reader.getsampwidth() * reader.getnchannels()
        missing, reach = max(0, round(delay * rate)), min(max(0, round(-delay * rate)), reader.getnframes())
        for _ in range(missing // rate):
            writer.writeframes(bytes(width * rate))
        writer.writeframes(bytes(width * (missing % rate)))
        reader.setpos(reach)
        while content := reader.readframes(rate):
            writer.writeframes(content)


def pieces(wav: Path, seconds: float, first: int = 0) -> Iterator[Sound]:
    """The sound from piece `first` on as mono pieces of `seconds`, one at a time."""
    import numpy as np

    from studio.contracts import Sound

    with closing(wave.open(str(wav), "rb")) as reader:
        rate, channels = reader.getframerate(), reader.getnchannels()
        reader.setpos(min(first * round(seconds * rate), reader.getnframes()))
        while content := reader.readframes(round(seconds * rate)):
            samples = np.frombuffer(content, "<i2").reshape(-1, channels).mean(axis=1, dtype=np.float32)
            yield Sound(samples / np.float32(32768), rate)


def piece_count(wav: Path, seconds: float) -> int:
    """How many pieces `pieces` gives."""
    with closing(wave.open(str(wav), "rb")) as reader:
        return -(-reader.getnframes() // round(seconds * reader.getframerate()))


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
