"""Speech, music, silence, noise and loud events, told apart and timed, in pieces as in one."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Sound
from studio.engines.hearing.kinds import SoundKinds
from studio.engines.hearing.resampling import at_rate
from studio.errors import BadInput, Cancelled
from studio.index.facts import SoundSpan
from tests.speech_samples import espeak, hiss, in_noise, joe, joined, mei, music, silence, whistle

KINDS = SoundKinds()
RATE = 24_000


def same_rate(sound: Sound) -> Sound:
    return Sound(at_rate(sound, RATE), RATE)


def bang(seconds: float = 0.25) -> Sound:
    count = round(seconds * RATE)
    noise = np.random.default_rng(2).normal(0, 0.5, count) * np.exp(-np.arange(count) / 1500)
    return Sound(np.clip(noise, -1, 1).astype(np.float32), RATE)


def over(front: Sound, ground: Sound, gain: float) -> Sound:
    return Sound(front.samples + gain * ground.samples[: len(front.samples)], front.sample_rate)


def drums(seconds: float) -> Sound:
    """A kick and a snare of noise: nothing that has a pitch."""
    rng, out = np.random.default_rng(5), np.zeros(round(seconds * RATE) + RATE)
    for beat in range(int(seconds * 2)):
        time = np.arange(RATE // 5) / RATE
        hit = np.sin(2 * np.pi * 60 * time) * np.exp(-20 * time) if beat % 2 == 0 else 0
        start = beat * RATE // 2
        out[start : start + len(time)] += 0.5 * hit + 0.25 * rng.normal(0, 1, len(time)) * np.exp(-30 * time)
    return Sound(np.clip(out[: round(seconds * RATE)], -1, 1).astype(np.float32), RATE)


def kinds(spans: tuple[SoundSpan, ...]) -> list[str]:
    return [span.kind for span in spans]


def base(spans: tuple[SoundSpan, ...]) -> list[SoundSpan]:
    return [span for span in spans if span.kind != "loud event"]


def test_a_programme_is_told_apart() -> None:
    parts = [("silence", silence(3)), ("speech", same_rate(joe())), ("silence", silence(2)), ("music", music(7, RATE)),
             ("noise", hiss(5, 0.05)), ("silence", silence(2)), ("speech", same_rate(mei()))]  # fmt: skip
    spans = base(KINDS.spans(joined(*(sound for _, sound in parts))))
    starts = np.cumsum([0.0, *(sound.seconds for _, sound in parts)])
    found = [span for span in spans if span.end - span.start > 0.6]
    assert [span.kind for span in found] == [kind for kind, _ in parts]
    for span, start, end in zip(found, starts, starts[1:], strict=False):
        assert span.start == pytest.approx(start, abs=0.7)
        assert span.end == pytest.approx(end, abs=0.7)
    assert spans[0].start == 0
    assert spans[-1].end == pytest.approx(starts[-1], abs=0.01)
    assert all(one.end == other.start for one, other in pairwise(spans))


@pytest.mark.parametrize(
    ("kind", "sound"),
    [
        ("music", drums(8)),
        ("music", whistle(4)),
        ("speech", same_rate(espeak().sound)),
        ("speech", in_noise(same_rate(joe()), 8)),
        ("speech", over(same_rate(joe()), music(8, RATE), 0.25)),
        ("noise", hiss(6, 0.02)),
        ("silence", Sound(np.full(4 * RATE, 0.2, np.float32), RATE)),
        ("silence", hiss(4, 0.0002)),
    ],
)  # fmt: skip
def test_each_kind_is_heard_as_what_it_is(kind: str, sound: Sound) -> None:
    spans = KINDS.spans(sound)
    assert "loud event" not in kinds(spans)
    assert sum(span.end - span.start for span in spans if span.kind == kind) > 0.85 * sound.seconds


@pytest.mark.parametrize("ground", [silence(3), hiss(3, 0.003)])
def test_a_bang_is_a_loud_event_at_its_time(ground: Sound) -> None:
    spans = KINDS.spans(joined(ground, bang(), ground, whistle(0.3), ground))
    events = [span for span in spans if span.kind == "loud event"]
    assert [event.start for event in events] == pytest.approx([3.0, 6.25], abs=0.1)
    assert all(event.end - event.start < 0.6 for event in events)
    assert all(event.level > -25 for event in events)


def test_beginning_to_speak_or_to_play_is_no_event() -> None:
    spans = KINDS.spans(joined(silence(3), same_rate(joe()), silence(3), music(5, RATE), silence(2)))
    assert "loud event" not in kinds(spans)


def test_pieces_and_going_on_from_any_make_no_difference() -> None:
    sound = joined(silence(2), same_rate(joe()), bang(), music(8, RATE), silence(2), hiss(4))
    length = 5 * RATE + 77
    pieces = [Sound(sound.samples[at : at + length], RATE) for at in range(0, len(sound.samples), length)]
    readings = list(KINDS.read(pieces, CancelToken()))
    whole = [span for reading in readings for span in reading.spans]
    assert len(whole) >= 5
    for index, reading in enumerate(readings[:-1]):
        state = json.loads(json.dumps(reading.state))
        after = [span for each in KINDS.read(pieces[index + 1 :], CancelToken(), state) for span in each.spans]
        assert [span for each in readings[: index + 1] for span in each.spans] + after == whole
        assert len(json.dumps(state)) < 300_000
    assert readings[1].open_spans


def test_nothing_heard_is_no_span_and_what_is_no_sound_is_refused() -> None:
    assert KINDS.spans(silence(0)) == ()
    (short,) = KINDS.spans(silence(0.01))
    assert (short.kind, short.end) == ("silence", pytest.approx(0.01, abs=1e-3))
    with pytest.raises(BadInput):
        KINDS.spans(Sound(np.full(RATE, np.nan, np.float32), RATE))
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(KINDS.read([silence(1)], cancel))
