"""Where the subject of a picture with a busy background probably is: around its face, else in the middle."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_FACE_SHARE = 0.06  # of the shorter side: smaller finds are mostly patterns


@dataclass(frozen=True)
class Prior:
    """`trimap` for GrabCut; `sureness` 0..1."""

    trimap: np.ndarray
    sureness: float


def subject_prior(rgb: np.ndarray) -> Prior:
    """A trimap from the largest face with head, shoulders and trunk below it; without a face, an ellipse."""
    face = largest_face(rgb)
    return Prior(_below_face(rgb.shape[:2], face), 0.75) if face else Prior(_middle(rgb.shape[:2]), 0.55)


def largest_face(rgb: np.ndarray) -> tuple[int, int, int, int] | None:
    """(x, y, width, height) in pixels of the largest frontal face, None without one (drawn faces are rarely found)."""
    grey = cv2.equalizeHist(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    side = max(20, round(min(rgb.shape[:2]) * _FACE_SHARE))
    faces = cascade.detectMultiScale(grey, 1.1, 6, minSize=(side, side))
    if not len(faces):
        return None
    x, y, width, height = (int(value) for value in max(faces, key=lambda face: face[2] * face[3]))
    return x, y, width, height


def _below_face(shape: tuple[int, ...], face: tuple[int, int, int, int]) -> np.ndarray:
    """Proportions of a standing figure in face boxes (the box spans brow to chin, about 0.8 of a head): the head with
    hair reaches 0.55 above it, shoulders are about three boxes wide."""
    height, width = shape
    x, y, w, h = face
    centre, chin = x + w / 2, y + h
    trimap = np.full((height, width), cv2.GC_BGD, np.uint8)
    _fill(trimap, centre, y + h * 0.4, w * 1.35, h * 1.35, cv2.GC_PR_BGD)
    reach = np.array(
        [
            [centre - w * 0.9, chin - h * 0.2],
            [centre + w * 0.9, chin - h * 0.2],
            [centre + w * 2.4, chin + h * 0.9],
            [centre + w * 2.6, height],
            [centre - w * 2.6, height],
            [centre - w * 2.4, chin + h * 0.9],
        ]
    )
    cv2.fillPoly(trimap, [reach.astype(np.int32)], cv2.GC_PR_BGD)
    trunk = np.array(
        [
            [centre - w * 0.4, chin - h * 0.1],
            [centre + w * 0.4, chin - h * 0.1],
            [centre + w * 1.5, chin + h * 0.9],
            [centre + w * 1.6, height],
            [centre - w * 1.6, height],
            [centre - w * 1.5, chin + h * 0.9],
        ]
    )
    cv2.fillPoly(trimap, [trunk.astype(np.int32)], cv2.GC_PR_FGD)
    _fill(trimap, centre, y + h * 0.35, w * 0.75, h * 0.85, cv2.GC_PR_FGD)
    _fill(trimap, centre, y + h * 0.5, w * 0.36, h * 0.45, cv2.GC_FGD)
    return trimap


def _middle(shape: tuple[int, ...]) -> np.ndarray:
    height, width = shape
    trimap = np.full((height, width), cv2.GC_BGD, np.uint8)
    _fill(trimap, width / 2, height * 0.55, width * 0.46, height * 0.5, cv2.GC_PR_BGD)
    _fill(trimap, width / 2, height * 0.56, width * 0.3, height * 0.42, cv2.GC_PR_FGD)
    return trimap


def _fill(trimap: np.ndarray, x: float, y: float, half_width: float, half_height: float, value: int) -> None:
    axes = (max(1, round(half_width)), max(1, round(half_height)))
    cv2.ellipse(trimap, (round(x), round(y)), axes, 0, 0, 360, value, -1)
