"""What every cut-out engine promises (contracts.CutoutEngine), and how well the embedded one keeps it."""

from __future__ import annotations

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Cutout, CutoutEngine
from studio.engines import networks
from studio.engines.cutout.rembg import RembgCutout
from studio.engines.cutout.u2net import U2NetCutout
from studio.errors import BadInput, Cancelled
from tests.engines.drawn_pictures import backgrounds, before, person, vase


def rembg(name: str, device: str) -> RembgCutout:
    """With the smallest of the networks it takes, which comes with the studio."""
    return RembgCutout(name, device, model=networks.MODELS / "u2netp.onnx")


ENGINES = [U2NetCutout, rembg]


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def engine(request: pytest.FixtureRequest) -> CutoutEngine:
    return request.param("cutout", "cpu")


def cut(engine: CutoutEngine, picture: np.ndarray) -> Cutout:
    return engine.cut_out(picture, CancelToken())


def overlap(cutout: Cutout, truth: np.ndarray) -> float:
    """Intersection over union of the cut with the true mask, both cropped to themselves."""
    rows, columns = np.nonzero(truth > 127)
    true = truth[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] > 127
    found = cutout.picture[..., 3] > 127
    height, width = max(true.shape[0], found.shape[0]), max(true.shape[1], found.shape[1])
    best = 0.0
    for top in range(0, height - min(true.shape[0], found.shape[0]) + 1):
        for left in range(0, width - min(true.shape[1], found.shape[1]) + 1):
            one, two = np.zeros((height, width), bool), np.zeros((height, width), bool)
            grow_true = true.shape[0] < height, true.shape[1] < width
            one[top * grow_true[0] :, left * grow_true[1] :][: true.shape[0], : true.shape[1]] = true
            two[top * (not grow_true[0]) :, left * (not grow_true[1]) :][: found.shape[0], : found.shape[1]] = found
            best = max(best, float((one & two).sum() / (one | two).sum()))
            if best > 0.985:
                return best
    return best


@pytest.mark.parametrize("kind", ["white", "green", "gradient", "leaves", "bricks"])
@pytest.mark.parametrize("subject", [person, vase], ids=["person", "vase"])
def test_finds_the_subject(engine: CutoutEngine, subject: object, kind: str) -> None:
    drawn = subject((320, 240))  # type: ignore[operator]
    found = cut(engine, before(drawn, backgrounds((320, 240))[kind]))
    assert found.picture.dtype == np.uint8
    assert found.picture.shape[2] == 4
    assert 0.0 <= found.confidence <= 1.0
    if kind in ("white", "green", "gradient"):
        assert found.confidence >= 0.7
        assert overlap(found, drawn[1]) > 0.94
    else:
        assert found.confidence >= 0.5
        assert overlap(found, drawn[1]) > 0.8


@pytest.mark.parametrize("kind", ["green", "leaves"])
def test_the_crop_says_where_it_was(engine: CutoutEngine, kind: str) -> None:
    picture, mask = (np.pad(each, ((30, 0), (70, 11), (0, 0))[: each.ndim]) for each in person((320, 240)))
    mixed = before((picture, mask), backgrounds((350, 321))[kind])
    found = cut(engine, mixed)
    (left, top), (height, width) = found.place, found.picture.shape[:2]
    assert left > 70
    assert top > 0
    there = mask[top : top + height, left : left + width] > 127
    solid = found.picture[..., 3] > 127
    assert (solid & there).sum() / (solid | there).sum() > 0.9
    # colours of solid pixels are the picture's own at that very place
    opaque = found.picture[..., 3] == 255
    assert np.array_equal(found.picture[opaque][:, :3], mixed[top : top + height, left : left + width][opaque])


def test_alpha_that_is_there_is_kept(engine: CutoutEngine) -> None:
    picture, mask = person((300, 220))
    soft = np.dstack([picture, (mask * 0.5).astype(np.uint8)])
    soft[120:160, 90:130, 3] = 255
    found = cut(engine, soft)
    rows, columns = np.nonzero(soft[..., 3] > 12)
    expected = soft[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert np.array_equal(found.picture, expected)
    assert found.place == (columns.min(), rows.min())
    assert found.confidence > 0.9


def test_an_alpha_that_says_nothing_is_ignored(engine: CutoutEngine) -> None:
    drawn = person((300, 220))
    opaque = np.dstack([before(drawn, backgrounds((300, 220))["white"]), np.full((300, 220), 255, np.uint8)])
    assert overlap(cut(engine, opaque), drawn[1]) > 0.94


def test_no_green_is_left_at_the_edge(engine: CutoutEngine) -> None:
    drawn = person((480, 360))
    found = cut(engine, before(drawn, backgrounds((480, 360))["green"])).picture.astype(int)
    edge = (found[..., 3] > 30) & (found[..., 3] < 225)
    assert edge.sum() > 100
    excess = found[..., 1] - np.maximum(found[..., 0], found[..., 2])
    assert np.percentile(excess[edge], 95) < 40


@pytest.mark.parametrize(
    "picture",
    [
        np.full((64, 64, 3), 128, np.uint8),
        np.random.default_rng(1).integers(0, 255, (120, 90, 3), np.uint8),
        np.zeros((50, 70, 4), np.uint8),
        np.dstack([np.full((80, 80, 3), 90, np.uint8), np.full((80, 80), 2, np.uint8)]),
    ],
    ids=["flat", "noise", "clear", "nearly clear"],
)
def test_where_there_is_no_subject_confidence_is_low(engine: CutoutEngine, picture: np.ndarray) -> None:
    found = cut(engine, picture)
    assert found.confidence < 0.5
    assert found.picture.size


def test_a_landscape_is_no_subject(engine: CutoutEngine) -> None:
    rows = np.linspace(0, 1, 240)[:, None, None]
    sky, land = np.array([120, 170, 230]), np.array([80, 110, 50])
    picture = np.where(rows < 0.5, sky, land) + np.random.default_rng(2).normal(0, 9, (240, 360, 3))
    assert cut(engine, np.clip(picture, 0, 255).astype(np.uint8)).confidence < 0.5


@pytest.mark.parametrize(
    ("size", "channels"),
    [((16, 16), 3), ((16, 16), 4), ((17, 400), 3), ((400, 16), 4), ((33, 47), 3), ((33, 47), 4), ((900, 1300), 3)],
)
def test_any_size_and_channel_count(engine: CutoutEngine, size: tuple[int, int], channels: int) -> None:
    picture = before(vase(size), backgrounds(size)["gradient"])
    if channels == 4:
        picture = np.dstack([picture, np.full(size, 255, np.uint8)])
    found = cut(engine, picture)
    assert found.picture.shape[2] == 4
    assert found.picture.shape[0] <= size[0]
    assert found.picture.shape[1] <= size[1]


def test_the_same_picture_gives_the_same_cut(engine: CutoutEngine) -> None:
    picture = before(person((240, 180)), backgrounds((240, 180))["leaves"])
    one, two = cut(engine, picture), cut(engine, picture)
    assert np.array_equal(one.picture, two.picture)
    assert one.confidence == two.confidence


def test_the_picture_is_not_touched(engine: CutoutEngine) -> None:
    picture = before(person((200, 150)), backgrounds((200, 150))["bricks"])
    kept = picture.copy()
    cut(engine, picture)
    assert np.array_equal(picture, kept)


def test_cancelled_before_it_starts(engine: CutoutEngine) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        engine.cut_out(before(vase(), backgrounds((300, 300))["leaves"]), token)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((15, 40, 3), np.uint8),
        np.zeros((40, 40), np.uint8),
        np.zeros((40, 40, 2), np.uint8),
        np.zeros((40, 40, 3), np.float32),
    ],
)
def test_what_is_no_picture_is_refused(engine: CutoutEngine, picture: np.ndarray) -> None:
    with pytest.raises(BadInput, match="picture"):
        cut(engine, picture)
