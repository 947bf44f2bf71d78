"""Sounds unfit to be heard: noticed, tried again, then said so."""

from __future__ import annotations

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Sound, SpeechRequest
from studio.engines.speech.embedded import EmbeddedSpeech
from studio.engines.speech.loudness import EDGE_SECONDS, LEVEL, hushed, levelled, trimmed, unfit
from studio.engines.speech.voice import Said, Voice
from studio.errors import StudioError
from studio.speech.timing import TimedPhoneme

RATE = 16_000
TONE = (0.3 * np.sin(np.arange(RATE) * 0.1)).astype(np.float32)


class Faltering(Voice):
    """Says nothing usable the first `failures` times."""

    name = "faltering"
    title = "faltering"

    def __init__(self, failures: int, samples: np.ndarray) -> None:
        self._failures, self._samples, self.seeds = failures, samples, []

    def say(self, text: str, speed: float, seed: int, cancel: CancelToken) -> Said:
        self.seeds.append(seed)
        return Said(Sound(self._samples if len(self.seeds) <= self._failures else TONE, RATE))


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.zeros(0, np.float32), "nothing came"),
        (np.zeros(RATE, np.float32), "silent"),
        (np.full(RATE, np.nan, np.float32), "not a number"),
        (np.tile(TONE, 20), "lasts 20.0 s"),
    ],
)
def test_an_unfit_sound_is_tried_once_more_and_then_refused(samples: np.ndarray, why: str) -> None:
    assert why in unfit(Sound(samples, RATE), 1.0)
    engine, request = EmbeddedSpeech(), SpeechRequest("Hello.", seed=5)
    once = Faltering(1, samples)
    assert engine._said(once, request, CancelToken()).sound.seconds == 1.0
    assert once.seeds == [5, 6]
    with pytest.raises(StudioError, match=why):
        engine._said(Faltering(2, samples), request, CancelToken())


def test_levels_and_edges_are_alike() -> None:
    sound = Sound(np.concatenate([np.zeros(RATE), TONE * 0.01, np.zeros(RATE)]).astype(np.float32), RATE)
    louder = levelled(sound)
    assert np.sqrt(np.mean(np.square(louder.samples[RATE : 2 * RATE]))) == pytest.approx(LEVEL, rel=0.5)
    said = trimmed(
        Said(louder, (), (TimedPhoneme("", 0.0, 1.0), TimedPhoneme("a", 1.0, 2.0), TimedPhoneme("", 2.0, 3.0)))
    )
    assert said.sound.seconds == pytest.approx(1.0 + 2 * EDGE_SECONDS, abs=0.01)
    assert said.phonemes[1].start == pytest.approx(EDGE_SECONDS, abs=0.01)
    assert said.phonemes[-1].end <= said.sound.seconds + 1e-9
    assert abs(float(said.sound.samples[0])) < 1e-3
    assert unfit(said.sound, 1.0) == ""


def test_pauses_stay_silent() -> None:
    like = Sound(np.concatenate([TONE, np.zeros(RATE), TONE]).astype(np.float32), RATE)
    breathing = Sound(like.samples + np.float32(0.01), RATE)
    quiet = hushed(breathing, like).samples
    assert np.abs(quiet[round(1.05 * RATE) : round(1.95 * RATE)]).max() == 0.0
    assert np.array_equal(quiet[: RATE - 400], breathing.samples[: RATE - 400])
