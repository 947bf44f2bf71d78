"""Faces: found once each, with eyes and mouth where they were drawn, and none where there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.engines.faces import Face, FaceFinder, find_faces
from studio.errors import BadInput
from tests.engines.drawn_faces import portrait
from tests.engines.drawn_pictures import backgrounds, vase

RIGHT_EYE, LEFT_EYE, UPPER_LIP = 33, 263, 13


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


def eyes(face: Face) -> np.ndarray:
    return face.landmarks[[RIGHT_EYE, LEFT_EYE], :2]


@pytest.mark.parametrize("size", [160, 480, 2000])
def test_eyes_and_mouth_lie_where_they_were_drawn(finder: FaceFinder, size: int) -> None:
    faces = finder.find(portrait(size))
    assert len(faces) == 1
    face = faces[0]
    assert face.landmarks.shape == (468, 3)
    assert 0.5 <= face.score <= 1
    right, left = eyes(face) / size
    assert right == pytest.approx((0.37, 0.43), abs=0.03)
    assert left == pytest.approx((0.63, 0.43), abs=0.03)
    assert face.landmarks[UPPER_LIP, :2] / size == pytest.approx((0.5, 0.62), abs=0.03)
    x, y, w, h = face.box
    assert face.landmarks[:, 0].min() == pytest.approx(x, abs=0.01)
    assert face.landmarks[:, 1].max() == pytest.approx(y + h, abs=0.01)
    assert 0.25 * size < w < 0.55 * size


def test_several_faces_come_once_each_the_largest_first(finder: FaceFinder) -> None:
    wall = np.full((600, 1200, 3), (150, 170, 190), np.uint8)
    wall[100:420, 60:380] = portrait(320)
    wall[60:540, 660:1140] = portrait(480)
    faces = finder.find(wall)
    assert len(faces) == 2
    assert faces[0].box[0] > 600 > faces[1].box[0]


def test_a_small_face_in_a_large_picture_is_found(finder: FaceFinder) -> None:
    wall = np.full((1000, 1500, 3), (150, 170, 190), np.uint8)
    wall[600:760, 1000:1160] = portrait(160)
    faces = finder.find(wall)
    assert len(faces) == 1
    assert eyes(faces[0]).mean(axis=0) == pytest.approx((1080, 669), abs=8)


def test_a_tilted_head_turns_the_points(finder: FaceFinder) -> None:
    turn = cv2.getRotationMatrix2D((240, 240), -25, 1.0)
    tilted = cv2.warpAffine(portrait(), turn, (480, 480), borderValue=(150, 170, 190))
    right, left = eyes(finder.find(tilted)[0])
    assert np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])) == pytest.approx(25, abs=4)


@pytest.mark.parametrize("kind", ["white", "leaves", "bricks"])
def test_where_nobody_is_nobody_is_found(finder: FaceFinder, kind: str) -> None:
    assert finder.find(backgrounds((300, 400))[kind]) == ()


def test_a_vase_is_nobody_and_one_picture_needs_no_finder() -> None:
    assert find_faces(vase()[0]) == ()


@pytest.mark.parametrize("size", [(16, 16), (16, 900), (700, 17)])
def test_odd_sizes_are_searched(finder: FaceFinder, size: tuple[int, int]) -> None:
    assert finder.find(np.full((*size, 3), 90, np.uint8)) == ()


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((40, 40), np.uint8),
        np.zeros((40, 40, 4), np.uint8),
        np.zeros((15, 40, 3), np.uint8),
        np.zeros((40, 40, 3), np.float32),
    ],
)
def test_what_is_no_picture_is_refused(finder: FaceFinder, picture: np.ndarray) -> None:
    with pytest.raises(BadInput, match="picture"):
        finder.find(picture)
