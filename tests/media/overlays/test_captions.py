"""Captions on frames: there on their frames and on no other, inside the margins, lit word by word."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from studio.frames import frame_at
from studio.media.lettering import Lettering
from studio.media.overlays import Canvas, Captions, Look, Overlays, look_for
from studio.settings import ROOT

FPS = Fraction(24)
SIZES = [(256, 256), (512, 512), (1920, 1080), (576, 1024), (128, 1920)]
LONG = "We were driving down the coast with the windows all the way down and the radio on, singing every word of it"


@dataclass(frozen=True)
class Word:
    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Cue:
    start: float
    end: float
    text: str
    words: tuple[Word, ...] = field(default=())


@pytest.fixture(scope="module")
def lettering() -> Lettering:
    return Lettering(ROOT / "assets" / "fonts")


def captions(lettering: Lettering, *cues: Cue, size: tuple[int, int] = (512, 512), lift: float = 0.0) -> Captions:
    return Captions(cues, Canvas(*size, FPS), Look(), lettering, lift)


def drawn(overlay: Captions, number: int, size: tuple[int, int] = (512, 512), grey: int = 120) -> np.ndarray:
    return Overlays([overlay]).draw(np.full((size[1], size[0], 3), grey, np.uint8), number)


def letters(frame: np.ndarray) -> np.ndarray:
    """Where there is ink, brighter than any background used here."""
    return frame.min(axis=2) > 200


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(60)])
def test_a_caption_is_on_its_frames_and_on_no_other(lettering: Lettering, fps: Fraction) -> None:
    cue = Cue(1.51, 3.27, "On time")
    overlay = Overlays([Captions([cue], Canvas(256, 256, fps), Look(), lettering)])
    plain = np.full((256, 256, 3), 90, np.uint8)
    seen = [n for n in range(frame_at(5.0, fps)) if not np.array_equal(overlay.draw(plain, n), plain)]
    assert seen == list(range(frame_at(1.51, fps), frame_at(3.27, fps)))
    assert letters(overlay.draw(plain, frame_at(2.4, fps))).sum() > 100


def test_it_fades_in_and_out(lettering: Lettering) -> None:
    overlay = captions(lettering, Cue(1.0, 3.0, "Fading"))
    change = [float(np.abs(drawn(overlay, n).astype(int) - 120).sum()) for n in (24, 25, 26, 40, 69, 70, 71)]
    assert change[0] < change[1] < change[2] <= change[3] * 1.01
    assert change[4] > change[5] > change[6] > 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", [LONG, "x" * 400, "夜" * 3 + "W" * 120, "One\nTwo\nThree\nFour", "a"])
def test_words_stay_inside_the_margins_on_two_lines(lettering: Lettering, size: tuple[int, int], text: str) -> None:
    overlay = captions(lettering, Cue(0.0, 20.0, text), size=size)
    found = False
    for number in range(6, 470, 48):
        rows, columns = np.nonzero(letters(drawn(overlay, number, size)))
        if not len(rows):
            continue
        found = True
        assert columns.min() >= 0.05 * size[0] - 1
        assert columns.max() <= 0.95 * size[0]
        assert rows.max() <= 0.95 * size[1]
        assert rows.max() - rows.min() < 2.9 * Canvas(*size, FPS).unit
    assert found


def test_every_word_of_a_long_line_is_shown_in_turn(lettering: Lettering) -> None:
    from studio.media.lettering import TypeStyle
    from studio.media.overlays.pages import pages_of

    pages = pages_of(Cue(10.0, 20.0, LONG), lettering, TypeStyle("sans", 28), 460)
    assert len(pages) > 1
    assert " ".join(page.text for page in pages) == LONG
    assert (pages[0].start, pages[-1].end) == (10.0, 20.0)
    assert all(before.end == after.start for before, after in pairwise(pages))


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_words_stand_out_from_any_background(lettering: Lettering, grey: int) -> None:
    """Contrast of the letters to what is right around them; 3 : 1 is what WCAG 2.2 asks of large text."""
    frame = drawn(captions(lettering, Cue(0.0, 4.0, "Readable")), 40, grey=grey).mean(axis=2)
    alone = drawn(captions(lettering, Cue(0.0, 4.0, "Readable")), 40, grey=0).mean(axis=2) > 230
    near = np.zeros_like(alone)
    for shift in (2, 3):
        for axis in (0, 1):
            near |= np.roll(alone, shift, axis) | np.roll(alone, -shift, axis)
    touching = alone.copy()
    for shift in (1, -1):
        touching |= np.roll(alone, shift, 0) | np.roll(alone, shift, 1)
    around = float(frame[near & ~touching].mean())
    assert (_luminance(float(frame[alone].mean())) + 0.05) / (_luminance(around) + 0.05) > 3


def _luminance(value: float) -> float:
    return (value / 255) ** 2.2


def test_words_light_up_when_they_are_sung(lettering: Lettering) -> None:
    words = (Word(1.0, 2.0, "first "), Word(2.0, 3.0, "second "), Word(3.0, 4.0, "third"))
    overlay = captions(lettering, Cue(0.5, 4.5, "first second third", words))
    accent = [_accented(drawn(overlay, n)) for n in (20, 36, 60, 84, 105)]
    assert accent[0] is None
    assert accent[4] is None
    first, second, third = accent[1:4]
    assert first
    assert second
    assert third
    assert first[1] < second[0]
    assert second[1] < third[0]
    assert _accented(drawn(overlay, 23)) is None
    assert _accented(drawn(overlay, 25)) is not None
    waiting, sung = (int(letters(drawn(overlay, n)).sum()) for n in (20, 105))
    assert sung > 2 * waiting


def _accented(frame: np.ndarray) -> tuple[int, int] | None:
    """Columns of the look's orange."""
    orange = (frame[..., 0] > 200) & (frame[..., 2] < 160)
    columns = np.flatnonzero(orange.any(axis=0))
    return (int(columns[0]), int(columns[-1])) if len(columns) else None


def test_lines_at_once_stand_over_each_other(lettering: Lettering) -> None:
    lead, choir = Cue(0.0, 6.0, "The lead voice"), Cue(1.0, 5.0, "and the choir")
    alone = letters(drawn(captions(lettering, lead), 60))
    other = letters(drawn(captions(lettering, choir), 60))
    both = letters(drawn(captions(lettering, lead, choir), 60))
    assert both[alone].all()
    assert both.sum() == pytest.approx(alone.sum() + other.sum(), rel=0.02)
    rows = np.flatnonzero(both.any(axis=1))
    assert rows.min() < np.flatnonzero(alone.any(axis=1)).min() - 20


def test_a_sloppy_overlap_is_no_second_voice_and_a_crowd_keeps_within_the_frame(lettering: Lettering) -> None:
    overlay = captions(lettering, Cue(0.0, 2.1, "One"), Cue(2.0, 4.0, "Two"))
    rows = [np.flatnonzero(letters(drawn(overlay, n)).any(axis=1)).max() for n in (24, 60)]
    assert abs(rows[0] - rows[1]) < 3
    crowd = captions(lettering, *(Cue(0.1 * n, 30.0, LONG) for n in range(40)))
    ink = letters(drawn(crowd, 240))
    assert ink.any()
    assert not ink[: 512 // 3].any()


def test_what_is_below_stays_free(lettering: Lettering) -> None:
    lifted = np.flatnonzero(letters(drawn(captions(lettering, Cue(0, 4, "Up"), lift=0.1), 40)).any(axis=1)).max()
    normal = np.flatnonzero(letters(drawn(captions(lettering, Cue(0, 4, "Up")), 40)).any(axis=1)).max()
    assert normal - lifted == pytest.approx(51, abs=1)


def test_the_frame_given_is_left_alone_and_any_order_gives_the_same(lettering: Lettering) -> None:
    cues = [Cue(n, n + 0.9, f"Line {n}") for n in range(12)]
    overlay, frame = Overlays([captions(lettering, *cues)]), np.full((512, 512, 3), 99, np.uint8)
    frame.flags.writeable = False
    numbers = list(range(0, 288, 7))
    forth = [overlay.draw(frame, n) for n in numbers]
    back = [Overlays([captions(lettering, *cues)]).draw(frame, n) for n in reversed(numbers)]
    assert all(np.array_equal(a, b) for a, b in zip(forth, reversed(back), strict=True))
    assert (frame == 99).all()


def test_characters_nothing_can_draw_are_told_and_left_out(lettering: Lettering) -> None:
    unknown = "\U000e0fff\U0003fffd"
    overlay = captions(lettering, Cue(0, 3, f"Here{unknown}"), Cue(4, 6, unknown))
    assert overlay.missing == unknown
    assert letters(drawn(overlay, 40)).any()
    assert not overlay.shows(5 * 24)


def test_looks_come_from_palettes() -> None:
    look = look_for(("#120736", "#4a14a0", "#d61fb8", "#ff6a7d", "#ffe66b"), "oil")
    assert look.face == "serif"
    assert min(look.ink) > 220
    assert max(look.shade) < 60
    assert max(look.accent) - min(look.accent) > 60
    grey = look_for(("#040404", "#1c1d1f", "#57595b", "#a9aaa9", "#f7f5f0"))
    assert max(grey.accent) - min(grey.accent) < 20
