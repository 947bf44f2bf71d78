"""The title card opens the film and goes; the drawn sound follows the levels, smoothly, inside the margins."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from studio.media.lettering import Lettering
from studio.media.overlays import Canvas, Captions, Look, Overlays, Spectrum, TitleCard, Waveform
from studio.media.overlays.bars import calmed
from studio.settings import ROOT

FPS = Fraction(24)
SIZES = [(128, 128), (256, 256), (512, 512), (1920, 1080), (576, 1024)]
VERY_LONG = (
    "The Extraordinarily Long and Winding Title of a Song That Nobody Ever Manages to Announce on the Radio (Live)"
)


@pytest.fixture(scope="module")
def lettering() -> Lettering:
    return Lettering(ROOT / "assets" / "fonts")


def grey(size: tuple[int, int], value: int = 110) -> np.ndarray:
    return np.full((size[1], size[0], 3), value, np.uint8)


def extent(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask)
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


@pytest.mark.parametrize(("seconds", "last"), [(180.0, 96), (10.0, 72), (1.0, 7)])
def test_the_card_opens_the_film_and_goes(lettering: Lettering, seconds: float, last: int) -> None:
    card = TitleCard("Coast", "Kinoras", Canvas(256, 256, FPS), Look(), lettering, seconds=seconds)
    overlays = Overlays([card])
    plain = grey((256, 256))
    change = [int(np.abs(overlays.draw(plain, n).astype(int) - 110).sum()) for n in range(120)]
    assert all(change[1 : last - 1])
    assert not any(change[last:])
    assert (overlays.draw(plain, last // 2).min(axis=2) > 220).sum() > 200
    assert change[0] < change[last // 2] > change[last - 1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("title", ["Coast", "Midnight Coast", VERY_LONG, "W" * 120, "夜の海"])
def test_the_card_stays_inside_the_margins(lettering: Lettering, size: tuple[int, int], title: str) -> None:
    canvas = Canvas(*size, FPS)
    card = TitleCard(title, "The Kinoras & Friends", canvas, Look(), lettering)
    for number in (16, 48, 70):
        ink = Overlays([card]).draw(grey(size), number).min(axis=2) > 200
        if not ink.any():
            continue
        top, bottom, left, right = extent(ink)
        assert left >= 0.05 * size[0] - 1
        assert right <= 0.95 * size[0]
        assert top >= 0.05 * size[1] - 1
        assert bottom <= 0.8 * size[1]


def test_letters_draw_together(lettering: Lettering) -> None:
    card = Overlays([TitleCard("Midnight", "", Canvas(512, 512, FPS), Look(), lettering)])
    early, late = (extent(card.draw(grey((512, 512), 0), n).min(axis=2) > 150) for n in (14, 72))
    assert early[3] - early[2] > late[3] - late[2]


def test_title_or_artist_alone_or_neither(lettering: Lettering) -> None:
    for title, artist in (("Coast", ""), ("", "Kinoras")):
        card = TitleCard(title, artist, Canvas(256, 256, FPS), Look(), lettering)
        assert (Overlays([card]).draw(grey((256, 256)), 48) > 220).any()
    assert not TitleCard(" ", "", Canvas(256, 256, FPS), Look(), lettering).shows(10)


def ink_of(overlay: Spectrum | Waveform, number: int, size: tuple[int, int] = (512, 512)) -> np.ndarray:
    frame = Overlays([overlay]).draw(grey(size, 0), number)
    return frame.max(axis=2).astype(float)


@pytest.mark.parametrize("kind", [Spectrum, Waveform])
@pytest.mark.parametrize("size", SIZES)
def test_the_sound_stays_inside_the_margins(kind: type, size: tuple[int, int]) -> None:
    canvas = Canvas(*size, FPS)
    top, bottom, left, right = extent(ink_of(kind(np.ones((240, 32)), canvas, Look()), 120, size) > 60)
    assert left >= 0.05 * size[0] - 1
    assert right <= 0.95 * size[0]
    assert top >= 0.8 * size[1]
    assert bottom <= 0.95 * size[1]


def test_a_band_moves_its_own_bars_on_its_own_frame() -> None:
    levels = np.zeros((100, 16))
    levels[50, 0] = levels[70, 15] = 1.0
    spectrum = Spectrum(levels, Canvas(512, 512, FPS), Look())
    still, bass, treble = (ink_of(spectrum, n) for n in (49, 50, 70))
    middle = np.s_[:, 240:272]
    assert bass[middle].sum() > still[middle].sum() * 1.5
    assert (treble - still)[:, :150].sum() > 500 > abs((treble - still)[middle].sum())
    np.testing.assert_allclose(bass[:, :256], bass[:, :255:-1], atol=30)


def test_meters_rise_fast_and_fall_slowly() -> None:
    levels = np.zeros((48, 1))
    levels[10:14] = 1.0
    shown = calmed(levels, 24.0)[:, 0]
    assert shown[9] == 0
    assert shown[10] > 0.8
    assert 0.3 < shown[17] < 0.8
    assert (np.diff(shown[14:]) < 0).all()


def test_the_waveform_runs_past_its_middle() -> None:
    levels = np.zeros((480, 8))
    levels[238:243] = 1.0
    wave = Waveform(levels, Canvas(512, 512, FPS), Look())
    places = []
    for number in (200, 240, 280):
        loud = ink_of(wave, number)
        tall = (loud > 60).sum(axis=0)
        places.append(float(np.average(np.arange(512), weights=(tall > tall.max() / 2))))
    assert places[0] > places[1] + 40 > places[2] + 80
    assert places[1] == pytest.approx(256, abs=12)


@pytest.mark.parametrize("kind", [Spectrum, Waveform])
def test_silence_and_the_shortest_film_are_drawn(kind: type) -> None:
    for levels in (np.zeros((1, 32)), np.zeros((24, 1)), np.full((30, 4), 0.5)):
        overlay = kind(levels.astype(np.float32), Canvas(256, 256, FPS), Look())
        assert ink_of(overlay, 0, (256, 256)).max() > 20
        assert not overlay.shows(len(levels))


def test_all_together_leave_each_other_room(lettering: Lettering) -> None:
    from studio.media.overlays import HEIGHT
    from studio.music.cues import Cue

    canvas = Canvas(512, 512, FPS)
    sound = Spectrum(np.ones((240, 32)), canvas, Look())
    words = Captions([Cue(0.0, 9.0, "Two lines of words that\nstand over the bars")], canvas, Look(), lettering, HEIGHT)
    frame = Overlays([words]).draw(grey((512, 512), 0), 100)
    low = extent(frame.min(axis=2) > 150)[1]
    assert low < extent(ink_of(sound, 100) > 100)[0]
