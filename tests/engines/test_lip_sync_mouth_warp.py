"""The embedded lip-sync: mouth shapes on faces, on drawings and pets, and in face videos."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import LipSyncRequest, Sound
from studio.engines.faces import Face, FaceFinder
from studio.engines.lip_sync.curves import gate, loudness, mouth_curves
from studio.engines.lip_sync.eyes import Eyelids
from studio.engines.lip_sync.face_rig import face_rig, head_of
from studio.engines.lip_sync.life import blink_curve
from studio.engines.lip_sync.measure import lip_sound_lag, mouth_openings
from studio.engines.lip_sync.mouth import MovingMouth
from studio.engines.lip_sync.mouth_warp import MouthWarp
from studio.engines.lip_sync.video import FaceTrack, there_and_back
from studio.errors import BadInput
from studio.speech.timing import TimedPhoneme
from studio.speech.visemes import PARAMETERS
from tests.engines.drawn_faces import cartoon_cat, portrait, syllables

FPS = Fraction(25)


def shape(**values: float) -> np.ndarray:
    return np.array([values.get(name, 0.0) for name in PARAMETERS], np.float32)


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    return FaceFinder().find(portrait(480))[0].landmarks


@pytest.fixture(scope="module")
def mouth(points: np.ndarray) -> MovingMouth:
    return MovingMouth(portrait(480), face_rig(points))


def drawn(mouth: MovingMouth, **values: float) -> np.ndarray:
    frame = portrait(480)
    mouth.draw(frame, shape(**values))
    return frame


def test_wider_shapes_open_wider(mouth: MovingMouth) -> None:
    openings = mouth_openings([drawn(mouth, aperture=a, jaw=a) for a in (0.0, 0.4, 0.9)])
    assert openings[0] < openings[1] - 0.01 < openings[2] - 0.02


def test_round_lips_are_narrow_and_spread_ones_wide(mouth: MovingMouth) -> None:
    finder = FaceFinder()

    def width(**values: float) -> float:
        found = finder.find(drawn(mouth, aperture=0.3, **values))[0].landmarks
        return float(found[291, 0] - found[61, 0])

    assert width(rounded=1.0) < 0.93 * width() < 0.93 * width(wide=1.0)


def test_an_open_mouth_is_dark_inside_below_bright_teeth(mouth: MovingMouth) -> None:
    frame = drawn(mouth, aperture=1.0, jaw=1.0)
    column = frame[290:330, 240].astype(int).mean(axis=1)
    assert column.min() < 70
    assert np.argmax(column[: int(column.argmin()) + 1]) < column.argmin()
    assert column[: int(column.argmin())].max() > 110


def test_nothing_tears_beside_the_mouth(mouth: MovingMouth) -> None:
    """Neighbouring pixels of cheek and chin differ no more than in the picture, but for what a stretch adds."""
    plain, moved = portrait(480).astype(int), drawn(mouth, aperture=1.0, jaw=1.0, wide=1.0).astype(int)
    for part in (np.s_[300:420, 160:200], np.s_[300:420, 280:320], np.s_[345:365, 200:280]):
        assert np.abs(np.diff(moved[part], axis=0)).max() <= np.abs(np.diff(plain[150:430], axis=0)).max() + 4


def test_the_rest_pose_is_the_picture(mouth: MovingMouth) -> None:
    assert np.array_equal(drawn(mouth), portrait(480))


def test_lips_open_in_the_picture_are_brought_together() -> None:
    picture = portrait(480, 0.05)
    mouth = MovingMouth(picture, face_rig(FaceFinder().find(picture)[0].landmarks))
    frame = picture.copy()
    mouth.draw(frame, shape())
    before, after = mouth_openings([picture, frame])
    assert before > 0.03
    assert after < 0.5 * before


def test_a_face_turned_away_moves_less(points: np.ndarray) -> None:
    head = head_of(points)
    assert head.yaw < 10
    assert face_rig(points).gain == pytest.approx(1.0)
    turn = np.radians(65)
    turned = points.copy()
    middle = points.mean(axis=0)
    x, z = points[:, 0] - middle[0], points[:, 2] - middle[2]
    turned[:, 0], turned[:, 2] = (
        middle[0] + np.cos(turn) * x + np.sin(turn) * z,
        middle[2] - np.sin(turn) * x + np.cos(turn) * z,
    )
    assert face_rig(turned).gain < 0.6


@pytest.mark.parametrize("size", [110, 1500])
def test_small_and_large_faces(size: int) -> None:
    picture = portrait(size)
    mouth = MovingMouth(picture, face_rig(FaceFinder().find(picture)[0].landmarks))
    frame = picture.copy()
    mouth.draw(frame, shape(aperture=0.9, jaw=0.9))
    changed = np.abs(frame.astype(int) - picture).max(axis=2) > 20
    assert changed.any()
    rows, columns = np.nonzero(changed)
    assert rows.min() > 0.55 * size
    assert columns.min() > 0.25 * size
    assert columns.max() < 0.75 * size


# ---- drawings -------------------------------------------------------------------------------------------------


def test_a_drawing_speaks_around_its_mouth_only() -> None:
    picture, box = cartoon_cat(320)
    sound = Sound(syllables(1.0, 16_000), 16_000)
    request = LipSyncRequest(picture, sound, FPS, 25, np.ones(25), mouth=box, motion=0.0)
    frames = list(MouthWarp("mouth_warp", "cpu").animate(request, CancelToken()))
    left, top, width, height = box
    changed = np.max([np.abs(frame.astype(int) - picture).max(axis=2) for frame in frames], axis=0) > 0
    rows, columns = np.nonzero(changed)
    assert changed[int(top) : int(top + height), int(left) : int(left + width)].mean() > 0.2
    assert rows.min() > top - 0.5 * width
    assert rows.max() < top + height + 1.2 * width
    assert columns.min() > left - 0.6 * width
    assert columns.max() < left + 1.6 * width


@pytest.mark.parametrize("box", [(0.0, 0.0, 40.0, 12.0), (280.0, 300.0, 60.0, 30.0), (150.0, 150.0, 4.0, 4.0)])
def test_a_mouth_at_the_rim_or_tiny_still_works(box: tuple[float, ...]) -> None:
    picture, _ = cartoon_cat(320)
    sound = Sound(syllables(0.4, 16_000), 16_000)
    request = LipSyncRequest(picture, sound, FPS, 10, np.ones(10), mouth=box, motion=1.0)  # type: ignore[arg-type]
    assert len(list(MouthWarp("mouth_warp", "cpu").animate(request, CancelToken()))) == 10


# ---- curves ---------------------------------------------------------------------------------------------------


def test_phonemes_close_the_lips_and_the_gate_shuts_them() -> None:
    said = (TimedPhoneme("a", 0.0, 0.3), TimedPhoneme("p", 0.3, 0.38), TimedPhoneme("a", 0.38, 0.7))
    picture = portrait(240)
    sound = Sound(syllables(1.0, 16_000), 16_000)
    speaking = np.r_[np.ones(18), np.zeros(7)]
    curves = mouth_curves(LipSyncRequest(picture, sound, FPS, 25, speaking, phonemes=said))
    aperture = curves[:, PARAMETERS.index("aperture")]
    assert curves.shape == (25, len(PARAMETERS))
    assert aperture[7:10].min() < 0.02
    assert aperture[4] > 0.3
    assert aperture[13] > 0.3
    assert not curves[20:].any()


def test_the_sound_alone_drives_the_lips_without_lag() -> None:
    sound = Sound(syllables(4.0, 24_000), 24_000)
    request = LipSyncRequest(portrait(240), sound, FPS, 100, np.ones(100))
    curves = mouth_curves(request)
    loud = loudness(sound, FPS, 100)
    correlation, lag = lip_sound_lag(curves[:, 0], loud, FPS)
    assert correlation > 0.8
    assert abs(lag) < 0.02
    assert lip_sound_lag(np.roll(curves[:, 0], 2), loud, FPS)[1] == pytest.approx(0.08, abs=0.02)


def test_hiss_spreads_and_a_dark_voice_rounds() -> None:
    t = np.arange(16_000) / 16_000
    dark = 0.3 * np.sin(2 * np.pi * 300 * t)
    hiss = np.diff(np.random.default_rng(1).standard_normal(16_001)) * 0.1
    for samples, name in ((dark, "rounded"), (hiss, "wide")):
        sound = Sound(samples.astype(np.float32), 16_000)
        curves = mouth_curves(LipSyncRequest(portrait(240), sound, FPS, 25, np.ones(25)))
        assert curves[5:20, PARAMETERS.index(name)].mean() > 0.15


def test_silence_is_silent_however_it_is_given() -> None:
    for samples in (np.zeros(0, np.float32), np.zeros(16_000, np.float32), np.full(16_000, 1e-5, np.float32)):
        assert not loudness(Sound(samples, 16_000), FPS, 25).any()


def test_the_gate_falls_within_80_ms() -> None:
    opened = gate(np.r_[np.ones(5), np.zeros(5)], FPS)
    assert opened[4] == 1
    assert 0 < opened[5] < 1
    assert not opened[7:].any()


# ---- life -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_blinks_are_whole_and_a_second_apart(seed: int) -> None:
    closed = blink_curve(25 * 30, 25.0, seed)
    peaks = np.flatnonzero((closed[1:-1] > closed[:-2]) & (closed[1:-1] >= closed[2:]) & (closed[1:-1] > 0.5)) + 1
    assert 4 <= len(peaks) <= 16
    assert closed[peaks] == pytest.approx(1.0, abs=0.05)
    assert np.diff(peaks).min() > 25
    assert closed[0] == 0


def test_a_blink_covers_the_eyes_and_nothing_else(points: np.ndarray) -> None:
    picture = portrait(480)
    lids = Eyelids(picture, points)
    assert len(lids.eyes) == 2
    frame = picture.copy()
    lids.draw(frame, 1.0)
    for x in (197, 283):
        assert frame[204:210, x - 3 : x + 4].mean() > picture[204:210, x - 3 : x + 4].mean() + 40
    changed = np.abs(frame.astype(int) - picture).max(axis=2) > 2
    assert not changed[240:].any()
    assert not changed[:160].any()


def test_dark_glasses_do_not_blink(points: np.ndarray) -> None:
    picture = portrait(480)
    for x in (197, 283):
        cv2.ellipse(picture, (x, 206), (34, 26), 0, 0, 360, (14, 14, 16), -1, cv2.LINE_AA)
    assert Eyelids(picture, points).eyes == ()


# ---- videos ---------------------------------------------------------------------------------------------------


def pictures(count: int) -> list[np.ndarray]:
    return [np.full((4, 4, 3), n, np.uint8) for n in range(count)]


@pytest.mark.parametrize(
    ("length", "count", "order"),
    [
        (3, 8, [0, 1, 2, 1, 0, 1, 2, 1]),
        (1, 3, [0, 0, 0]),
        (5, 3, [0, 1, 2]),
        (4, 4, [0, 1, 2, 3]),
        (2, 5, [0, 1, 0, 1, 0]),
    ],
)
def test_short_videos_play_there_and_back(length: int, count: int, order: list[int]) -> None:
    played = there_and_back(lambda: iter(pictures(length)), count)
    assert [int(frame[0, 0, 0]) for frame in played] == order


def test_a_video_without_frames_is_refused() -> None:
    with pytest.raises(BadInput, match="frames"):
        list(there_and_back(lambda: iter(()), 3))


def test_frames_without_a_face_stay_as_they_are() -> None:
    empty = np.full((240, 240, 3), 90, np.uint8)

    def frames() -> Iterator[np.ndarray]:
        yield portrait(240)
        yield empty
        yield portrait(240)

    sound = Sound(syllables(0.2, 16_000), 16_000)
    request = LipSyncRequest(portrait(240), sound, FPS, 3, np.ones(3), frames=frames)
    played = list(MouthWarp("mouth_warp", "cpu").animate(request, CancelToken()))
    assert np.array_equal(played[1], empty)


def test_a_face_lost_for_a_moment_is_carried_on_by_the_picture() -> None:
    """A finder that sees nothing stands for blur or a hand before the face; the frames are what flow works on."""
    shift = np.array([[1, 0, 4], [0, 1, 3]], np.float64)
    first = np.clip(portrait(300) + np.random.default_rng(3).normal(0, 6, (300, 300, 3)), 0, 255).astype(np.uint8)
    hidden = cv2.warpAffine(first, shift, (300, 300), borderMode=cv2.BORDER_REPLICATE)
    track = FaceTrack(SeesOnce(), FaceFinder().find(first)[0], 25.0)
    seen = track.next(first)
    carried = track.next(hidden)
    assert seen is not None
    assert carried is not None
    assert carried[:, :2] - seen[:, :2] == pytest.approx(np.full((468, 2), (4.0, 3.0)), abs=0.6)
    assert track.next(np.full((300, 300, 3), 20, np.uint8)) is None


class SeesOnce(FaceFinder):
    looks = 0

    def find(self, picture: np.ndarray) -> tuple[Face, ...]:
        self.looks += 1
        return super().find(picture) if self.looks == 1 else ()


def test_frames_of_another_size_are_refused() -> None:
    sound = Sound(syllables(0.2, 16_000), 16_000)
    request = LipSyncRequest(
        portrait(240), sound, FPS, 2, np.ones(2), frames=lambda: iter([portrait(240), portrait(200)])
    )
    with pytest.raises(BadInput, match="frames"):
        list(MouthWarp("mouth_warp", "cpu").animate(request, CancelToken()))


# ---- measuring ------------------------------------------------------------------------------------------------


def test_openings_are_measured_and_missing_faces_are_nan() -> None:
    openings = mouth_openings([portrait(400), portrait(400, 0.06), np.full((200, 200, 3), 90, np.uint8)])
    assert openings[1] > openings[0] + 0.03
    assert np.isnan(openings[2])


def test_what_never_moves_has_no_correlation() -> None:
    assert lip_sound_lag(np.zeros(50), np.random.default_rng(1).random(50), FPS) == (0.0, 0.0)
    assert lip_sound_lag(np.full(50, np.nan), np.arange(50.0), FPS) == (0.0, 0.0)
