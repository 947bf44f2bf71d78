"""Pictures for cut-outs, drawn here with their true outlines: people and things, on all kinds of backgrounds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import cv2
import numpy as np

SKIN, HAIR, COAT, TROUSERS = (222, 170, 138), (66, 40, 28), (178, 44, 52), (44, 52, 96)


def person(size: tuple[int, int] = (480, 360)) -> tuple[np.ndarray, np.ndarray]:
    """(picture, mask) of somebody standing; what is not the person is black."""
    shape = (size[1], size[0])
    picture, mask = (cv2.resize(each, shape, interpolation=cv2.INTER_AREA) for each in _person())
    return picture, mask


@cache
def _person() -> tuple[np.ndarray, np.ndarray]:
    big = np.zeros((960, 720, 3), np.uint8)
    mask = np.zeros((960, 720), np.uint8)

    def part(draw: object, colour: tuple[int, int, int]) -> None:
        layer = np.zeros((960, 720), np.uint8)
        draw(layer)  # type: ignore[operator]
        shade = np.linspace(1.12, 0.82, 720)[None, :, None]
        big[layer > 0] = np.clip(np.array(colour) * np.broadcast_to(shade, (960, 720, 1))[layer > 0], 0, 255)
        mask[layer > 0] = 255

    part(lambda m: cv2.ellipse(m, (360, 190), (92, 120), 0, 0, 360, 255, -1), HAIR)
    part(lambda m: cv2.rectangle(m, (270, 640), (350, 930), 255, -1), TROUSERS)
    part(lambda m: cv2.rectangle(m, (370, 640), (450, 930), 255, -1), TROUSERS)
    part(lambda m: cv2.line(m, (240, 390), (170, 610), 255, 62), COAT)
    part(lambda m: cv2.line(m, (480, 390), (560, 600), 255, 62), COAT)
    part(lambda m: cv2.fillPoly(m, [np.array([(230, 370), (490, 370), (460, 680), (260, 680)])], 255), COAT)
    part(lambda m: cv2.rectangle(m, (328, 280), (392, 380), 255, -1), SKIN)
    part(lambda m: cv2.ellipse(m, (360, 205), (70, 92), 0, 0, 360, 255, -1), SKIN)
    part(lambda m: cv2.circle(m, (165, 625), 32, 255, -1), SKIN)
    part(lambda m: cv2.circle(m, (566, 614), 32, 255, -1), SKIN)
    for x in (334, 386):
        cv2.circle(big, (x, 195), 9, (40, 30, 30), -1)
    cv2.ellipse(big, (360, 245), (24, 10), 0, 0, 180, (150, 40, 50), -1)
    return big, mask


def vase(size: tuple[int, int] = (300, 300)) -> tuple[np.ndarray, np.ndarray]:
    """(picture, mask) of a blue vase with an orange band."""
    height, width = size
    mask = np.zeros((600, 600), np.uint8)
    cv2.ellipse(mask, (300, 370), (130, 160), 0, 0, 360, 255, -1)
    cv2.rectangle(mask, (255, 130), (345, 260), 255, -1)
    cv2.ellipse(mask, (300, 130), (75, 24), 0, 0, 360, 255, -1)
    picture = np.zeros((600, 600, 3), np.uint8)
    light = np.exp(-(((np.arange(600) - 250) / 130.0) ** 2))[None, :, None]
    picture[:] = np.clip(np.array([24, 60, 140]) + light * np.array([60, 80, 90]), 0, 255)
    picture[340:390] = (236, 140, 40)
    picture[mask == 0] = 0
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), cv2.resize(
        mask, (width, height), interpolation=cv2.INTER_AREA
    )


@cache
def backgrounds(size: tuple[int, int]) -> Mapping[str, np.ndarray]:
    """{kind: picture} that a subject may stand before; they are shared and can't be written to."""
    height, width = size
    rng = np.random.default_rng(4)
    ramp = np.linspace(0, 1, height)[:, None, None]
    sideways = np.linspace(0, 1, width)[None, :, None]
    gradient = (1 - ramp) * [120, 160, 205] + ramp * [225, 228, 220] + sideways * [10, -14, 4]
    noise = cv2.GaussianBlur(rng.standard_normal((height, width, 3)).astype(np.float32), (0, 0), 9)
    leaves = np.array([70, 120, 60]) + noise / noise.std() * [14, 26, 12]
    brick = np.full((height, width, 3), (150, 128, 112), float)
    brick[:: max(6, height // 18)] = (205, 200, 190)
    brick[:, :: max(9, width // 9)] = (205, 200, 190)
    grain = rng.normal(0, 3, (height, width, 3))
    flat = {"white": np.full((height, width, 3), 250.0), "green": np.full((height, width, 3), (40.0, 190.0, 70.0))}
    lively = {"gradient": gradient, "leaves": leaves, "bricks": brick}
    found = {name: np.clip(picture + grain, 0, 255).astype(np.uint8) for name, picture in {**flat, **lively}.items()}
    for picture in found.values():
        picture.setflags(write=False)
    return MappingProxyType(found)


def before(subject: tuple[np.ndarray, np.ndarray], background: np.ndarray) -> np.ndarray:
    picture, mask = subject
    alpha = mask[..., None].astype(float) / 255.0
    solid = np.where(mask[..., None] > 0, picture / np.maximum(alpha, 1e-3), 0)
    return np.clip(np.clip(solid, 0, 255) * alpha + background * (1 - alpha), 0, 255).astype(np.uint8)
