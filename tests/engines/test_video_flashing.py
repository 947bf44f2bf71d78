"""The embedded motion must not flash: WCAG 2.3.1, at most three flashes in any second."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.contracts import Keyframe, Layer, Pulse, SegmentRequest, Size
from studio.engines.video.direction import Director
from studio.engines.video.parallax import Parallax
from tests.engines.flashing import most_flashes
from tests.engines.video_samples import STYLE, apart, frames, painted, request, shot

SIZE = Size(192, 128)
ALLOWED = 3
COUNT = 144


def lit(keyframe: Keyframe, factor: float) -> Keyframe:
    def brighter(picture: np.ndarray) -> np.ndarray:
        return np.clip(picture * factor, 0, 255).astype(np.uint8)

    layers = tuple(Layer(np.dstack([brighter(p[..., :3]), p[..., 3]]), depth) for p, depth in
                   ((layer.picture, layer.depth) for layer in keyframe.layers))  # fmt: skip
    return Keyframe(brighter(keyframe.image), layers, keyframe.margin)


def loudest(bpm: float) -> Pulse:
    """As loud as it gets, a strong onset between each two beats."""
    period, frame = 24 * 60 / bpm, np.arange(COUNT)
    beat, accent = np.exp(-(frame % period) / (0.3 * period)), np.exp(-((frame + period / 2) % period) / 5.3)
    return Pulse(*(np.asarray(track, np.float32) for track in (np.ones(COUNT), beat, accent)))


def wildest(bpm: float, setting: str, factors: tuple[float, float], **changes: object) -> SegmentRequest:
    """The shortest shots there are, to a drop, in the look that glows most."""
    start, end = (lit(painted(SIZE, n), factor) for n, factor in enumerate(factors))
    shots = (shot(1, setting=(setting,), intensity=0.4), shot(2, time=4.0 + COUNT / 24, intensity=1.0))
    wanted: dict[str, object] = {
        "shots": shots, "style": replace(STYLE, bloom=1.0), "pulse": loudest(bpm), "cuts": tuple(range(12, 130, 12)),
    }  # fmt: skip
    return request("layers", COUNT, start=start, end=end, size=SIZE, **(wanted | changes))


def test_the_measure_counts_flashes() -> None:
    dark, bright, dazzling = (np.full((64, 96, 3), level, np.uint8) for level in (60, 180, 240))
    for rate in (1, 2, 4, 6):
        film = [bright if (n * rate * 2 // 24) % 2 else dark for n in range(48)]
        assert abs(most_flashes(film, 24) - rate) <= 0.5
    assert most_flashes([dark, bright, *[bright] * 40], 24) == 0
    assert most_flashes([dazzling, np.full_like(dark, 255)] * 24, 24) == 0
    corner = [np.where(np.arange(96)[None, :, None] < 12, bright if n % 2 else dark, dark) for n in range(48)]
    assert most_flashes(corner, 24) == 0


TEMPOS, LIGHTS = (120, 174, 240), ((1.0, 2.4), (2.4, 1.0), (1.6, 1.6), (2.4, 2.4))


@pytest.mark.parametrize(
    ("bpm", "setting", "factors"),
    # every tempo in every light, and both settings with each of either
    [(TEMPOS[i], ("sea", "stage")[(i + j) % 2], LIGHTS[j]) for i in range(3) for j in range(4)],
)
def test_at_most_three_flashes_a_second(bpm: int, setting: str, factors: tuple[float, float]) -> None:
    asked = wildest(bpm, setting, factors)
    assert most_flashes(frames(asked), 24) <= ALLOWED
    unbroken = frames(replace(asked, cuts=()))
    assert most_flashes(unbroken, 24, share=0.1) <= ALLOWED


def test_pictures_that_alternate_between_bright_and_dark_flash_no_more() -> None:
    shots = (shot(1, intensity=0.9), shot(2, time=4.0 + COUNT / 24, intensity=0.9))
    asked = wildest(150, "sea", (0.5, 2.4), shots=shots)
    assert {0, 1} == set(Director(asked).order)
    assert most_flashes(frames(asked), 24) <= ALLOWED


def test_fast_beats_are_shown_weaker_and_slow_ones_in_full() -> None:
    """At 240 beats a minute each one moves the picture less than at 100."""
    engine, moved = Parallax("parallax", "cpu"), []
    for bpm in (100, 240):
        asked = wildest(bpm, "sea", (1.0, 1.0), cuts=(), style=replace(STYLE, grain=0.0))
        quiet = replace(asked.pulse, accent=np.zeros(COUNT, np.float32))
        still = replace(quiet, beat=np.zeros(COUNT, np.float32))
        pair = zip(*(frames(replace(asked, pulse=p), engine)[24:96] for p in (quiet, still)), strict=True)
        moved.append(max(apart(a, b) for a, b in pair))
    assert moved[1] < 0.6 * moved[0]


def test_only_a_rise_is_flashed_to() -> None:
    kinds = {True: set[str](), False: set[str]()}
    for seed in range(40):
        for drop in (True, False):
            shots = (shot(1, intensity=0.4 if drop else 0.9), shot(2, time=10.0, intensity=0.9))
            kinds[drop].add(Director(wildest(120, "sea", (1.0, 1.0), shots=shots, seed=seed)).arrival.kind)
    assert "flash" in kinds[True]
    assert "flash" not in kinds[False]
