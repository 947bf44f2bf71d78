"""MuseTalk at tiny size: what it hears and sees by hand-computed cases, what it leaves alone, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from transformers import WhisperFeatureExtractor, WhisperModel

from studio.cancellation import CancelToken
from studio.contracts import LipSyncRequest, Sound, Weights
from studio.engines.faces import FaceFinder
from studio.engines.lip_sync.musetalk.audio import (
    SEGMENT,
    WINDOW,
    Listener,
    SoundFeatures,
    conditions,
    position_code,
    window_start,
)
from studio.engines.lip_sync.musetalk.blend import with_detail
from studio.engines.lip_sync.musetalk.engine import MuseTalk
from studio.engines.lip_sync.musetalk.face import Outline, crop_of, face_box, outline_of
from studio.engines.lip_sync.musetalk.networks import EFFORTS, SIDE, MouthPainter
from studio.engines.lip_sync.musetalk.view import view_of_face
from studio.errors import Cancelled
from studio.models.cards import read_cards
from studio.models.devices import Device
from studio.models.manager import LeaseOptions, ModelManager, Outside
from studio.models.registry import Registry
from studio.settings import ROOT
from tests.engines.drawn_faces import cartoon_cat, portrait, syllables
from tests.engines.tiny_musetalk import WIDTH
from tests.models.fakes import FakeClock, FakeMemory

FPS = Fraction(25)
NTSC = Fraction(30_000, 1001)


@pytest.fixture(scope="module")
def weights(musetalk_weights: Weights) -> Weights:
    return musetalk_weights


@pytest.fixture(scope="module")
def listener(weights: Weights) -> Listener:
    return Listener(weights.parts["whisper-tiny"], "cpu")


@pytest.fixture(scope="module")
def engine(weights: Weights) -> MuseTalk:
    made = MuseTalk("musetalk", "cpu", 2, weights)
    made.warm_up()
    return made


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.asarray(Image.open(ROOT / "assets" / "demo" / "portrait.jpg").convert("RGB"))


@pytest.fixture(scope="module")
def points(photo: np.ndarray) -> np.ndarray:
    return FaceFinder().find(photo)[0].landmarks


def asked(picture: np.ndarray, count: int = 5, **more: Any) -> LipSyncRequest:
    sound = Sound(syllables(count / 25, 24_000), 24_000)
    return replace(LipSyncRequest(picture, sound, FPS, count, np.ones(count), motion=0.0), **more)


def frames_of(engine: MuseTalk, request: LipSyncRequest) -> list[np.ndarray]:
    return list(engine.animate(request, CancelToken()))


# ---- what it hears ----


@pytest.mark.parametrize(
    ("fps", "starts"),
    [
        (FPS, {0: -4, 1: -2, 2: 0, 3: 2, 1500: 2996}),
        (NTSC, {0: -4, 1: -3, 2: -1, 3: 1, 1798: 2995, 17_982: 29_995}),
        (Fraction(30), {0: -4, 1: -3, 2: -1, 3: 1, 1799: 2994}),
        (Fraction(60), {0: -4, 1: -4, 2: -3, 3: -2, 6: 1, 3599: 2995}),
        (Fraction(12), {0: -4, 1: 0, 2: 4, 3: 8}),
    ],
)
def test_windows_begin_where_the_true_rate_says(fps: Fraction, starts: dict[int, int]) -> None:
    assert {frame: window_start(frame, fps) for frame in starts} == starts


@pytest.mark.parametrize("fps", [FPS, NTSC, Fraction(30)])
def test_windows_are_those_of_the_published_padding(fps: Fraction, listener: Listener) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)
    heard = listener.hear(samples)
    assert heard.shape == (100, 5, WIDTH)
    zeros = np.zeros((math.ceil(50 / fps), 5, WIDTH), np.float32)
    padded = np.concatenate([zeros] * 2 + [heard] + [zeros] * 6)
    count = math.floor(2 * fps)
    windows = SoundFeatures(samples, listener).windows([window_start(n, fps) for n in range(count)])
    for n in (0, 1, 2, 7, count - 1):
        start = math.floor(n * 50 / fps)
        assert np.array_equal(windows[n], padded[start : start + WINDOW])


def test_a_long_sound_is_heard_in_pieces_and_windows_cross_them(listener: Listener) -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, SEGMENT + 8_000).astype(np.float32)
    window = SoundFeatures(samples, listener).windows([1495, 1524, -20])
    first, second = listener.hear(samples[:SEGMENT]), listener.hear(samples[SEGMENT:])
    assert np.array_equal(window[0], np.concatenate([first[1495:], second[:5]]))
    assert np.array_equal(window[1][:1], second[24:])  # half a second is 25 steps, then there is nothing
    assert not window[1][1:].any()
    assert not window[2].any()


def test_it_hears_what_transformers_hears(listener: Listener, weights: Weights) -> None:
    samples = syllables(1.0, 16_000)
    model = WhisperModel.from_pretrained(weights.parts["whisper-tiny"]).eval()
    extractor = WhisperFeatureExtractor.from_pretrained(weights.parts["whisper-tiny"])
    mel = extractor(samples, sampling_rate=16_000, return_tensors="pt").input_features
    with torch.no_grad():
        states = model.encoder(mel, output_hidden_states=True).hidden_states
    assert len(states) == 5
    for layer, state in enumerate(states):
        assert np.allclose(listener.hear(samples)[:, layer], state[0, :50].numpy(), atol=1e-6)


def test_the_position_code_and_the_order_of_what_is_heard() -> None:
    code = position_code(50, 384)
    assert code[0].tolist() == [0.0, 1.0] * 192
    step = math.exp(-2 * math.log(10_000) / 384)  # 0.953174
    wanted = [math.sin(1), math.cos(1), math.sin(step), math.cos(step), math.sin(step**2), math.cos(step**2)]
    assert code[1, :6] == pytest.approx(wanted, abs=1e-6)
    assert code[49, 382:] == pytest.approx([math.sin(49 * step**191), math.cos(49 * step**191)], abs=1e-6)
    windows = np.arange(10 * 5 * 4, dtype=np.float32).reshape(1, 10, 5, 4)
    made = conditions(windows) - position_code(50, 4)
    assert made.shape == (1, 50, 4)
    assert made[0, 5] == pytest.approx(windows[0, 1, 0])  # all layers of one step, then the next step
    assert made[0, 7] == pytest.approx(windows[0, 1, 2])


# ---- what it sees ----


def upright(chin: float = 360.0, roll: float = 0.0) -> Outline:
    contour = np.array([[100, 230], [110, 300], [200, chin], [290, 300], [300, 230]], np.float64)
    lips = np.array([[170, 300], [200, 290], [230, 300], [200, 315]], np.float64)
    return Outline(contour, np.array([200.0, 220]), np.array([200.0, 265]), lips, roll)


def test_the_box_by_hand() -> None:
    assert face_box(upright(), (640, 480)) == (100, 80, 300, 370)  # 220 - (360 - 220), 360 + 10
    assert face_box(upright(), (280, 365)) == (100, 80, 280, 365)
    assert face_box(upright(470), (640, 480)) == (100, 0, 300, 480)


def test_an_upright_crop_is_the_box_resized() -> None:
    picture = cv2.GaussianBlur(np.random.default_rng(2).integers(0, 255, (480, 640, 3), np.uint8), (0, 0), 2)
    crop = crop_of(upright(), (640, 480))
    assert crop is not None
    wanted = cv2.resize(picture[80:370, 100:300], (SIDE, SIDE), interpolation=cv2.INTER_LANCZOS4)
    away = np.abs(crop.taken(picture).astype(int) - wanted)[4:-4, 4:-4]
    assert away.mean() < 0.5
    assert away.max() <= 4


def test_a_tilted_face_is_seen_upright(photo: np.ndarray, points: np.ndarray) -> None:
    size = (photo.shape[1], photo.shape[0])
    turn = cv2.getRotationMatrix2D((450, 420), 30, 1.0)
    tilted = np.hstack([points[:, :2] @ turn[:, :2].T + turn[:, 2], points[:, 2:]]).astype(np.float32)
    straight, leaning = crop_of(outline_of(points), size), crop_of(outline_of(tilted), size)
    assert straight
    assert leaning
    seen = leaning.taken(cv2.warpAffine(photo, turn, size)).astype(int)
    assert np.abs(seen - straight.taken(photo))[20:-20, 20:-20].mean() < 6


def test_a_face_at_the_edge_has_no_crop() -> None:
    far = replace(upright(), contour=upright().contour - [400, 0], bridge=np.array([-200.0, 220]))
    assert crop_of(far, (640, 480)) is None


def test_the_network_does_not_see_the_mouth_it_replaces(weights: Weights) -> None:
    painter = MouthPainter(weights, "cpu", EFFORTS[3], WIDTH)
    crop = np.random.default_rng(3).integers(0, 255, (1, SIDE, SIDE, 3), np.uint8)
    other = crop.copy()
    other[:, 128:] = 255 - other[:, 128:]
    one, two = painter.latents(crop), painter.latents(other)
    assert one.shape == (1, 8, 32, 32)
    assert torch.equal(one[:, :4], two[:, :4])
    assert not torch.equal(one[:, 4:], two[:, 4:])
    assert torch.equal(one, painter.latents(crop))
    black = crop.copy()
    black[:, 128:] = 0
    assert torch.equal(one[:, :4], painter.latents(black)[:, 4:])


def test_the_mask_by_its_landmarks(photo: np.ndarray, points: np.ndarray) -> None:
    view = view_of_face(photo, points)
    assert view.crop
    mask = view.crop.mask

    def at(*indices: int) -> np.ndarray:
        place = points[list(indices), :2] @ view.crop.to_crop[:, :2].T + view.crop.to_crop[:, 2]
        columns, rows = np.clip(np.round(place), 0, SIDE - 1).astype(int).T
        return mask[rows, columns]

    assert (at(0, 13, 14, 17, 61, 291) > 0.99).all()  # the lips
    assert at(152)[0] > 0.3  # the chin may come down
    assert (at(2, 50, 280, 33, 263, 10, 234, 454) == 0).all()  # nose, cheeks, eyes, forehead, ears
    column = mask[128:, round(float((points[13, :2] @ view.crop.to_crop[0, :2]) + view.crop.to_crop[0, 2]))]
    rise = np.flatnonzero(column >= 0.99)[0] - np.flatnonzero(column > 0.01)[0]
    assert 8 <= rise <= 0.06 * SIDE
    assert np.abs(np.diff(mask, axis=0)).max() < 0.2


# ---- what comes back into the picture ----


def test_a_crop_put_back_unchanged_leaves_no_edge(photo: np.ndarray, points: np.ndarray) -> None:
    view = view_of_face(photo, points)
    assert view.crop
    crop = view.crop.taken(photo).astype(np.float32)
    away = np.abs(view.frame(1.0, crop).astype(int) - photo)
    assert away.mean() < 0.05
    assert np.percentile(away[away.any(axis=2)], 99) < 14
    soft = np.abs(view.frame(1.0, cv2.GaussianBlur(crop, (0, 0), 1.2) + 2).astype(int) - photo)
    outside = cv2.warpAffine(view.crop.mask, cv2.invertAffineTransform(view.crop.to_crop), photo.shape[1::-1]) == 0
    assert not soft[outside].any()
    border = cv2.dilate(outside.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    assert soft[border].max() <= 2


def test_skin_keeps_its_pores_where_the_form_is_the_same() -> None:
    random = np.random.default_rng(4)
    form = np.linspace(120, 160, 200, dtype=np.float32)[None, :, None] * np.ones((200, 1, 3), np.float32)
    source = form + random.normal(0, 6, form.shape).astype(np.float32)
    painted = cv2.GaussianBlur(source, (0, 0), 3)
    skin = np.ones((200, 200), np.float32)
    kept = with_detail(painted, source, skin, 2.0)
    assert np.abs(kept - source).mean() < 0.5 * np.abs(painted - source).mean()
    clean = cv2.GaussianBlur(source, (0, 0), 4)
    assert np.abs(with_detail(clean, clean, skin, 2.0) - clean).max() < 0.5


def test_where_the_mouth_has_moved_nothing_of_the_old_one_shows_but_grain() -> None:
    random = np.random.default_rng(5)
    source = np.full((200, 200, 3), 150, np.float32)
    source[95:105, 60:140] = 60  # the line between closed lips
    source = cv2.GaussianBlur(source, (0, 0), 2)
    skin = np.ones((200, 200), np.float32)
    skin[70:130, 40:160] = 0
    opened = source.copy()
    opened[60:140, 60:140] = 40
    assert np.abs(with_detail(opened, source, skin, 2.0) - opened)[75:125, 75:125].max() < 1
    grainy = source + random.normal(0, 4, source.shape).astype(np.float32)
    added = np.abs(with_detail(opened, grainy, skin, 2.0) - opened)
    assert added[75:125, 75:125].max() <= 3  # in the dark
    lips = with_detail(source, grainy, skin, 2.0) - source
    assert 1.5 < lips[75:85, 45:155].std() < 4.5
    assert np.abs(lips[75:125, 45:155]).max() <= 10


def test_silence_keeps_the_sources_mouth(engine: MuseTalk) -> None:
    picture = portrait(240)
    speaking = np.array([1, 1, 0, 0, 0, 0], np.float32)
    frames = frames_of(engine, asked(picture, 6, speaking=speaking))
    away = [float(np.abs(frame.astype(int) - picture).mean()) for frame in frames]
    assert away[1] > away[2] > away[3] == away[4] == away[5] == 0  # closes within 80 ms


def test_alpha_is_kept(engine: MuseTalk) -> None:
    alpha = np.zeros((240, 240), np.uint8)
    cv2.ellipse(alpha, (120, 115), (60, 80), 0, 0, 360, 255, -1, cv2.LINE_AA)
    picture = np.dstack([portrait(240), alpha])
    frames = frames_of(engine, asked(picture, 2))
    assert all(np.array_equal(frame[..., 3], alpha) for frame in frames)
    assert not np.array_equal(frames[0][..., :3], picture[..., :3])


def test_a_face_turned_away_keeps_the_sources_frame_and_so_does_one_that_is_gone(engine: MuseTalk) -> None:
    picture = portrait(240)
    found = FaceFinder().find(picture)[0].landmarks
    for yaw, moved in ((0, True), (30, True), (60, False)):
        cos, sin = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
        turned = (found - found.mean(axis=0)) @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) + found.mean(
            axis=0
        )
        view = view_of_face(picture, turned.astype(np.float32))
        frame = view.frame(1.0, np.zeros((SIDE, SIDE, 3), np.float32) if view.paintable else None)
        assert np.array_equal(frame, picture) is not moved
    wall = np.full_like(picture, 128)
    told: list[str] = []
    frames = frames_of(engine, asked(picture, 6, frames=lambda: iter([picture] * 2 + [wall] * 4), notify=told.append))
    assert len(frames) == 6
    assert all(np.array_equal(frame, wall) for frame in frames[2:])
    assert not np.array_equal(frames[1], picture)
    assert len(told) == 1
    assert "leaves its lips as they are" in told[0]


def test_a_mouth_that_a_person_placed_speaks(engine: MuseTalk) -> None:
    picture, box = cartoon_cat(240)
    frames = frames_of(engine, asked(picture, 3, mouth=box, motion=1.0))
    rows, columns = np.nonzero((frames[0] != picture).any(axis=2))
    left, top, width, _ = box
    assert rows.min() > top - width
    assert left - width < columns.min() < columns.max() < left + 2 * width


# ---- batches, memory, the end ----


def test_the_size_of_a_batch_changes_nothing(weights: Weights, engine: MuseTalk) -> None:
    request = asked(portrait(200), 3, motion=1.0)
    wanted = frames_of(engine, request)
    for rung in (0, 4):
        frames = frames_of(MuseTalk("musetalk", "cpu", rung, weights), request)
        assert max(np.abs(a.astype(int) - b).max() for a, b in zip(wanted, frames, strict=True)) <= 2


def test_cancelled_between_batches(engine: MuseTalk) -> None:
    token, drawn = CancelToken(), 0

    def sources() -> Iterator[np.ndarray]:
        nonlocal drawn
        while True:
            drawn += 1
            yield portrait(200)

    running = engine.animate(asked(portrait(200), 40, frames=sources), token)
    assert len(list(islice(running, 3))) == 3
    token.cancel()
    with pytest.raises(Cancelled):
        next(running)
    assert drawn <= 6


def test_memory_that_runs_out_after_a_batch_costs_a_rung_and_no_frame(weights: Weights, engine: MuseTalk) -> None:
    card = next(each for each in read_cards(ROOT / "presets" / "engines.yaml") if each.key == "lip_sync/musetalk")
    card = replace(card, rungs=card.rungs[2:4], memory=card.memory[2:4])
    request, notices, left = asked(portrait(200), 3), [], [2]

    class Starved(MuseTalk):
        def _painted(self, *arguments: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super()._painted(*arguments)

    def make(name: str, device: str, rung: int) -> MuseTalk:
        torch.set_num_threads(1)  # of the manager's thread
        return Starved(name, device, rung + 2, weights)

    registry = Registry("cpu")
    registry.register(card, make)
    outside = Outside(FakeMemory(8_000_000_000), FakeClock().clock, free=lambda: None)
    manager = ModelManager(registry, Device("cpu", "CPU", "float32", "in tests"), outside=outside)
    try:
        frames = manager.run(card.key, LeaseOptions(notify=notices.append), lambda lent: frames_of(lent, request))
    finally:
        manager.close()
    wanted = frames_of(engine, request)
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(wanted, frames, strict=True)) <= 2
    assert "one frame at once" in notices[0]
