"""What every lip-sync engine promises (contracts.LipSyncEngine): the right frames, lips that go with the sound."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import LipSyncEngine, LipSyncRequest, Sound
from studio.engines.faces import FaceFinder
from studio.engines.lip_sync.curves import loudness
from studio.engines.lip_sync.measure import lip_sound_lag, mouth_openings
from studio.engines.lip_sync.mouth_warp import MouthWarp
from studio.engines.lip_sync.musetalk.engine import MuseTalk
from studio.errors import BadInput, Cancelled
from tests.engines.drawn_faces import portrait, syllables

FPS = Fraction(25)
RATE = 16_000


@pytest.fixture(scope="module")
def warp() -> LipSyncEngine:
    """The one whose lips can be foreseen."""
    made = MouthWarp("mouth_warp", "cpu")
    made.warm_up()
    return made


@pytest.fixture(scope="module", params=["mouth_warp", "musetalk"])
def engine(request: pytest.FixtureRequest) -> LipSyncEngine:
    if request.param == "musetalk":
        return MuseTalk("musetalk", "cpu", 3, request.getfixturevalue("musetalk_weights"))
    return request.getfixturevalue("warp")


def asked(picture: np.ndarray, seconds: float = 1.0, **more: object) -> LipSyncRequest:
    """Syllables for `seconds`; the last quarter is silent."""
    count = round(seconds * FPS)
    samples = syllables(seconds, RATE)
    samples[round(0.75 * len(samples)) :] = 0
    speaking = (np.arange(count) < 0.75 * count).astype(np.float32)
    plain = LipSyncRequest(picture, Sound(samples, RATE), FPS, count, speaking, motion=0.0)
    return replace(plain, **more)  # type: ignore[arg-type]


def frames_of(engine: LipSyncEngine, request: LipSyncRequest) -> list[np.ndarray]:
    return list(engine.animate(request, CancelToken()))


@pytest.mark.parametrize("motion", [0.0, 1.0])
@pytest.mark.parametrize("size", [(240, 240), (301, 257)])
def test_as_many_frames_as_asked_shaped_as_the_picture(
    engine: LipSyncEngine, size: tuple[int, int], motion: float
) -> None:
    picture = cv2.copyMakeBorder(portrait(240), 0, size[0] - 240, 0, size[1] - 240, cv2.BORDER_REPLICATE)
    kept = picture.copy()
    frames = frames_of(engine, asked(picture, 0.48, motion=motion))
    assert len(frames) == 12
    assert all(frame.shape == picture.shape and frame.dtype == np.uint8 for frame in frames)
    assert np.array_equal(picture, kept)


def test_no_frames_are_no_frames(engine: LipSyncEngine) -> None:
    assert frames_of(engine, asked(portrait(240), frame_count=0, speaking=np.zeros(0))) == []


def test_the_mouth_opens_with_the_sound_and_is_closed_in_silence(warp: LipSyncEngine) -> None:
    request = asked(portrait(400), 2.4)
    frames = frames_of(warp, request)
    openings = mouth_openings(frames)
    loud = loudness(request.sound, FPS, request.frame_count)
    closed = mouth_openings([portrait(400)])[0]
    silent = openings[round(0.75 * len(frames)) + 3 :]
    assert np.abs(silent - closed).max() < 0.005
    assert np.ptp(silent) < 1e-6
    assert openings.max() > closed + 0.03
    correlation, lag = lip_sound_lag(openings, loud, FPS)
    assert correlation > 0.7
    assert abs(lag) <= 1.0 / float(FPS)


def test_what_is_80_ms_off_is_measured_as_80_ms_off(warp: LipSyncEngine) -> None:
    request = asked(portrait(400), 2.4)
    openings = mouth_openings(frames_of(warp, request))
    loud = loudness(request.sound, FPS, request.frame_count)
    assert lip_sound_lag(np.roll(openings, 2), loud, FPS)[1] == pytest.approx(0.08, abs=0.04)
    assert lip_sound_lag(np.roll(openings, -2), loud, FPS)[1] == pytest.approx(-0.08, abs=0.04)


def test_nobody_speaks_and_nothing_moves(engine: LipSyncEngine) -> None:
    request = asked(portrait(300), speaking=np.zeros(25))
    frames = frames_of(engine, request)
    assert all(np.array_equal(frame, frames[0]) for frame in frames)


def test_above_the_mouth_no_pixel_changes_without_motion(engine: LipSyncEngine) -> None:
    picture = portrait(400)
    frames = frames_of(engine, asked(picture, 0.4))
    nose = int(FaceFinder().find(picture)[0].landmarks[2, 1])
    assert all(np.array_equal(frame[:nose], picture[:nose]) for frame in frames)
    assert any(not np.array_equal(frame[nose:], picture[nose:]) for frame in frames)


def test_same_request_same_frames(engine: LipSyncEngine) -> None:
    request = asked(portrait(240), 0.4, motion=1.0, seed=7)
    one, two = frames_of(engine, request), frames_of(engine, request)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    other = frames_of(engine, replace(request, seed=8))
    assert any(not np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_second_face_stays_as_it_is(engine: LipSyncEngine) -> None:
    wall = np.full((300, 620, 3), (150, 170, 190), np.uint8)
    wall[:, :300], wall[:, 320:] = portrait(300), portrait(300)
    boxes = sorted(face.box for face in FaceFinder().find(wall))
    frames = frames_of(engine, asked(wall, 0.4, face=boxes[1]))
    assert all(np.array_equal(frame[:, :310], wall[:, :310]) for frame in frames)
    assert any(not np.array_equal(frame[:, 310:], wall[:, 310:]) for frame in frames)


@pytest.mark.parametrize("angle", [-35, 35])
def test_a_tilted_face_speaks(warp: LipSyncEngine, angle: int) -> None:
    turn = cv2.getRotationMatrix2D((200, 200), angle, 1.0)
    picture = cv2.warpAffine(portrait(400), turn, (400, 400), borderValue=(150, 170, 190))
    openings = mouth_openings(frames_of(warp, asked(picture)))
    assert np.ptp(openings) > 0.03


@pytest.mark.parametrize("angle", [-35, 35])
def test_a_tilted_face_keeps_its_upper_half(engine: LipSyncEngine, angle: int) -> None:
    turn = cv2.getRotationMatrix2D((200, 200), angle, 1.0)
    picture = cv2.warpAffine(portrait(400), turn, (400, 400), borderValue=(150, 170, 190))
    picture = np.clip(picture + np.random.default_rng(1).normal(0, 6, picture.shape), 0, 255).astype(np.uint8)
    frames = frames_of(engine, asked(picture, 0.4))
    points = FaceFinder().find(picture)[0].landmarks[:, :2]
    down = (points[152] - points[10]) / np.linalg.norm(points[152] - points[10])
    rows, columns = np.nonzero(np.any([frame != picture for frame in frames], axis=(0, 3)))
    assert len(rows) > 100
    assert ((np.stack([columns, rows], axis=1) - points[2]) @ down).min() > -1.0


def test_alpha_follows_the_jaw(warp: LipSyncEngine) -> None:
    picture = portrait(400)
    alpha = np.zeros((400, 400), np.uint8)
    cv2.ellipse(alpha, (200, 190), (84, 112), 0, 0, 360, 255, -1, cv2.LINE_AA)
    frames = frames_of(warp, asked(np.dstack([picture, alpha])))
    lowest = [np.nonzero(frame[:, 200, 3] > 127)[0].max() for frame in frames]
    assert max(lowest) >= min(lowest) + 2
    assert lowest[-1] == np.nonzero(alpha[:, 200] > 127)[0].max()


def test_a_person_with_alpha_stands_on_the_bottom_edge(warp: LipSyncEngine) -> None:
    alpha = np.zeros((400, 400), np.uint8)
    cv2.ellipse(alpha, (200, 175), (95, 117), 0, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, (200, 400), (137, 84), 0, 0, 360, 255, -1, cv2.LINE_AA)
    frames = frames_of(warp, asked(np.dstack([portrait(400), alpha]), 2.0, motion=1.0))
    assert all(np.abs(frame[-1, :, 3].astype(int) - alpha[-1]).max() <= 3 for frame in frames)
    assert np.abs(frames[-1][:250, :, 3].astype(int) - alpha[:250]).max() > 60


def test_motion_leaves_the_edges_of_a_picture(warp: LipSyncEngine) -> None:
    picture = portrait(400)
    picture[::8, :100] //= 2
    picture[::8, 300:] //= 2
    frames = frames_of(warp, asked(picture, 3.0, motion=1.0))
    rim = np.ones((400, 400), bool)
    rim[2:-2, 2:-2] = False
    assert max(np.abs(frame[rim].astype(int) - picture[rim]).max() for frame in frames) <= 6
    assert np.abs(frames[-1][100:200].astype(int) - picture[100:200]).max() > 30


def test_no_face_and_no_box_is_refused(engine: LipSyncEngine) -> None:
    with pytest.raises(BadInput, match="face"):
        frames_of(engine, asked(np.full((200, 200, 3), 128, np.uint8)))
    with pytest.raises(BadInput, match="face"):
        frames_of(engine, asked(portrait(240), face=(0.0, 0.0, 20.0, 20.0)))


@pytest.mark.parametrize("box", [(10, 10, 0, 5), (500, 10, 40, 20), (float("nan"), 1, 40, 20), (1, 1, 9000, 20)])
def test_a_box_off_the_picture_is_refused(engine: LipSyncEngine, box: tuple[float, ...]) -> None:
    with pytest.raises(BadInput, match="mouth"):
        frames_of(engine, asked(portrait(240), mouth=box))


@pytest.mark.parametrize(
    "wrong",
    [
        {"picture": np.zeros((40, 40), np.uint8)},
        {"picture": np.zeros((40, 40, 3), np.float32)},
        {"speaking": np.zeros(3)},
        {"motion": 2.0},
    ],
)
def test_what_makes_no_sense_is_refused(engine: LipSyncEngine, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=next(iter(wrong))):
        frames_of(engine, replace(asked(portrait(240)), **wrong))  # type: ignore[arg-type]


def test_cancelled_before_and_between_frames(engine: LipSyncEngine) -> None:
    token = CancelToken()
    running = engine.animate(asked(portrait(240)), token)
    next(running)
    token.cancel()
    with pytest.raises(Cancelled):
        next(running)
    with pytest.raises(Cancelled):
        list(engine.animate(asked(portrait(240)), token))


def opening_and_closing() -> list[np.ndarray]:
    return [portrait(300, 0.02 * (n % 4)) for n in range(8)]


def test_a_video_plays_there_and_back_and_its_own_speech_goes(engine: LipSyncEngine) -> None:
    sources = opening_and_closing()
    played = frames_of(engine, asked(sources[0], 0.8, frames=lambda: iter(sources), speaking=np.zeros(20)))
    assert len(played) == 20
    assert np.array_equal(played[9][:100], sources[5][:100])
    assert np.nanmax(mouth_openings(played)) < np.nanmax(mouth_openings(sources)) - 0.01


def test_a_video_speaks(warp: LipSyncEngine) -> None:
    sources = opening_and_closing()
    quiet = asked(sources[0], 0.8, frames=lambda: iter(sources), speaking=np.zeros(20))
    talking = mouth_openings(frames_of(warp, replace(quiet, speaking=np.ones(20))))
    assert np.nanmax(talking) > np.nanmax(mouth_openings(frames_of(warp, quiet))) + 0.02


@pytest.mark.parametrize("video", [False, True])
def test_a_frame_depends_on_its_number_alone(engine: LipSyncEngine, video: bool) -> None:
    sources = opening_and_closing()
    asked_ = asked(sources[0], 0.4, motion=1.0, seed=3, frames=(lambda: iter(sources)) if video else None)
    whole, rest = frames_of(engine, asked_), frames_of(engine, replace(asked_, first_frame=7))
    assert len(rest) == 3
    assert all(np.array_equal(a, b) for a, b in zip(whole[7:], rest, strict=True))
