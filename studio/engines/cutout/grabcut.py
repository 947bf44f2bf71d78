"""The embedded cut-out: alpha that is there, else a plain background, else models grown from a face."""

from __future__ import annotations

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Cutout, CutoutEngine
from studio.engines.cutout.edges import clean_colour, refined
from studio.engines.cutout.judge import confidence_of
from studio.engines.cutout.plain import chosen, plain_background
from studio.errors import BadInput, EngineUnavailable

WORKING_SIDE = 400
"""Longest side, in pixels, at which colours are modelled; the edge is refined at full size."""

ITERATIONS = (3, 2)
"""Of GrabCut: first from the guess, then once more from what it found."""


class GrabCut(CutoutEngine):
    """Rother, Kolmogorov and Blake, "GrabCut", 2004, seeded by faces and by the border."""

    def __init__(self, name: str = "grabcut", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)
        if not hasattr(cv2, "CascadeClassifier"):
            raise EngineUnavailable(name, "this OpenCV has no face cascades", "install opencv-python-headless below 5")
        folder = cv2.data.haarcascades  # type: ignore[attr-defined]
        files = ("haarcascade_frontalface_default.xml", "haarcascade_profileface.xml")
        self._faces = tuple(cv2.CascadeClassifier(folder + file) for file in files)

    def cut_out(self, picture: np.ndarray, cancel: CancelToken) -> Cutout:
        _check(picture)
        if picture.shape[2] == 4 and _is_cut(picture[..., 3]):
            return _cropped(picture.copy(), 0.98 * confidence_of(picture[..., 3], kept=True))
        colour = np.ascontiguousarray(picture[..., :3])
        scale = min(1.0, WORKING_SIDE / max(colour.shape[:2]))
        small = _resized(colour, scale)
        cancel.check()
        mask, trust = plain_background(small)
        if mask is None:
            mask, trust = self._grown(small, cancel)
        cancel.check()
        alpha = refined(colour, mask)
        cancel.check()
        confidence = trust * confidence_of(alpha)
        rgba = np.dstack([clean_colour(colour, alpha), alpha])
        if confidence < 0.5:
            # whoever frames the picture wants all of it, background and all
            return Cutout(np.dstack([colour, alpha]), confidence)
        return _cropped(rgba, confidence)

    def _grown(self, small: np.ndarray, cancel: CancelToken) -> tuple[np.ndarray, float]:
        """Foreground mask (h, w) uint8 0 or 255 of a picture with a lively background, and how far to trust it."""
        faces = self._find_faces(small)
        labels = _seeds(small.shape[:2], faces)
        background, foreground = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
        cv2.setRNGSeed(7)
        mode = cv2.GC_INIT_WITH_MASK
        for count in ITERATIONS:
            cancel.check()
            if not (labels & 1).any() or (labels & 1).all():
                return np.zeros(small.shape[:2], np.uint8), 0.0
            cv2.grabCut(small, labels, None, background, foreground, count, mode)  # type: ignore[call-overload]
            labels = _tidied(labels, faces)
            mode = cv2.GC_EVAL
        mask = np.where(labels & 1, 255, 0).astype(np.uint8)
        return mask, (0.92 if faces else 0.72 * _compactness(mask)) * _contrast(small, mask) * _on_edges(small, mask)

    def _find_faces(self, small: np.ndarray) -> list[tuple[int, int, int, int]]:
        """Boxes (left, top, width, height), the largest first; frontal ones before profiles."""
        grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
        least = max(20, min(grey.shape) // 14)
        if min(grey.shape) < 24:
            return []
        frontal, profile = self._faces
        # the profile cascade knows faces that look left: the mirror shows it the others
        for cascade, flipped in ((frontal, False), (profile, False), (profile, True)):
            found = cascade.detectMultiScale(cv2.flip(grey, 1) if flipped else grey, 1.1, 6, minSize=(least, least))
            if len(found):
                width = grey.shape[1]
                boxes = [
                    (width - int(x) - int(w) if flipped else int(x), int(y), int(w), int(h)) for x, y, w, h in found
                ]
                largest = max(w for _, _, w, _ in boxes)
                return sorted((box for box in boxes if box[2] > 0.45 * largest), key=lambda box: -box[2])[:4]
        return []


def _check(picture: np.ndarray) -> None:
    accepted = "a picture (height, width, 3 or 4) of uint8, from 16 pixels a side"
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4) or min(picture.shape[:2]) < 16:
        raise BadInput("picture", f"{picture.dtype} {picture.shape}", accepted)


def _resized(picture: np.ndarray, scale: float) -> np.ndarray:
    if scale >= 1.0:
        return picture
    size = (max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _is_cut(alpha: np.ndarray) -> bool:
    """Whether an alpha channel says anything: some of it clear, some of it not."""
    clear = float((alpha < 16).mean())
    return clear > 0.002 and float((alpha > 200).mean()) > 0.002


def _cropped(rgba: np.ndarray, confidence: float) -> Cutout:
    left, top, width, height = cv2.boundingRect((rgba[..., 3] > 12).astype(np.uint8))
    if width < 2 or height < 2:
        return Cutout(rgba, 0.0)
    return Cutout(np.ascontiguousarray(rgba[top : top + height, left : left + width]), float(confidence))


def _seeds(shape: tuple[int, int], faces: list[tuple[int, int, int, int]]) -> np.ndarray:
    """GrabCut's four labels: sure background along the upper border, probable foreground where people tend to be."""
    height, width = shape
    labels = np.full(shape, cv2.GC_PR_BGD, np.uint8)
    if faces:
        for x, y, w, h in faces:
            middle, chin = x + w // 2, y + h
            body = np.array(
                [[middle - 0.55 * w, y - 0.45 * h], [middle + 0.55 * w, y - 0.45 * h], [middle + 0.75 * w, chin],
                 [middle + 1.45 * w, chin + 0.9 * h], [middle + 1.6 * w, height], [middle - 1.6 * w, height],
                 [middle - 1.45 * w, chin + 0.9 * h], [middle - 0.75 * w, chin]], np.float32,
            )  # fmt: skip
            cv2.fillPoly(labels, [body.astype(np.int32)], cv2.GC_PR_FGD)
        _sure_parts(labels, faces)
    else:
        centre, axes = (width // 2, round(height * 0.54)), (round(width * 0.31), round(height * 0.42))
        cv2.ellipse(labels, centre, axes, 0, 0, 360, cv2.GC_PR_FGD, -1)
    rim = max(2, round(0.02 * min(shape)))
    reach = round(height * (0.55 if faces else 0.85))
    for edge in (labels[:rim], labels[:reach, :rim], labels[:reach, width - rim :]):
        edge[edge == cv2.GC_PR_BGD] = cv2.GC_BGD
    return labels


def _sure_parts(labels: np.ndarray, faces: list[tuple[int, int, int, int]]) -> None:
    """Face, neck and chest in place: no colour model may punch holes there."""
    height = labels.shape[0]
    for x, y, w, h in faces:
        middle = (x + w // 2, y + h // 2)
        cv2.ellipse(labels, middle, (round(0.42 * w), round(0.55 * h)), 0, 0, 360, cv2.GC_FGD, -1)
        neck, chest = y + round(1.45 * h), min(height - 1, y + round(3.2 * h))
        core = [(-0.30, y + h // 2), (0.30, y + h // 2), (0.34, neck), (0.72, neck + h // 2), (0.72, chest), (-0.72,
            chest),
                (-0.72, neck + h // 2), (-0.34, neck)]  # fmt: skip
        cv2.fillPoly(
            labels, [np.array([(middle[0] + dx * w, row) for dx, row in core], np.float32).astype(np.int32)], cv2.GC_FGD
        )


def _tidied(labels: np.ndarray, faces: list[tuple[int, int, int, int]]) -> np.ndarray:
    """Keeps the subject and what is nearly as large, closes small holes, drops crumbs."""
    mask = (labels & 1).astype(np.uint8)
    radius = max(1, round(min(mask.shape) / 170))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    mask = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), cv2.MORPH_CLOSE, kernel)
    if faces:
        # clothes in several colours fall apart where a body doesn't
        reach = max(1, round(min(mask.shape) * 0.010))
        mask = cv2.morphologyEx(
            mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
        )
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count <= 1:
        return labels
    areas = stats[1:, cv2.CC_STAT_AREA]
    keep = areas >= 0.18 * areas.max()
    for x, y, w, h in faces:
        at = parts[min(y + h // 2, mask.shape[0] - 1), min(x + w // 2, mask.shape[1] - 1)]
        if at:
            keep[at - 1] = True
    kept = chosen(parts, np.concatenate([[False], keep]))
    kept = _filled(kept, 0.03 if faces else 0.004)
    out = labels.copy()
    out[(kept == 0) & (labels != cv2.GC_FGD)] = cv2.GC_PR_BGD
    out[(labels == cv2.GC_BGD)] = cv2.GC_BGD
    out[(kept == 1) & (labels != cv2.GC_FGD)] = cv2.GC_PR_FGD
    return out


def _filled(mask: np.ndarray, share: float) -> np.ndarray:
    """`mask` with holes below `share` of the picture closed; larger ones (an arm's crook) stay."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(1 - mask)
    small = stats[:, cv2.CC_STAT_AREA] < share * mask.size
    small[0] = False
    return mask | chosen(parts, small) if count > 1 else mask


def _on_edges(small: np.ndarray, mask: np.ndarray) -> float:
    """How far the outline runs along edges that the picture has anyway, 0.4..1: one drawn across a calm surface is
    the prior's shape, not the subject's."""
    smooth = cv2.GaussianBlur(small, (0, 0), 1.2)
    steep = np.zeros(mask.shape, np.float32)
    for axis in ((1, 0), (0, 1)):
        steep = np.maximum(steep, np.abs(cv2.Sobel(smooth, cv2.CV_32F, *axis, ksize=3)).max(axis=2))
    steep = cv2.dilate(steep, np.ones((5, 5), np.uint8))
    ring = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    ring[:3], ring[-3:], ring[:, :3], ring[:, -3:] = False, False, False, False
    if ring.sum() < 8:
        return 0.4
    strong = float(np.percentile(steep, 80))
    return 0.4 + 0.6 * float(np.clip(np.median(steep[ring]) / max(strong, 12.0), 0, 1))


def _compactness(mask: np.ndarray) -> float:
    """The subject's share of its convex hull, as 0.6..1: without a face to hold on to, a torn shape is a bad sign."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return 0.6
    largest = max(outlines, key=cv2.contourArea)
    hull = max(float(cv2.contourArea(cv2.convexHull(largest))), 1.0)
    return 0.6 + 0.4 * float(np.clip((cv2.contourArea(largest) / hull - 0.55) / 0.35, 0, 1))


def _contrast(small: np.ndarray, mask: np.ndarray) -> float:
    """How unlike the colours on both sides of the outline are, 0.45..1: the same colour on both sides is a guess."""
    radius = max(2, round(min(mask.shape) / 60))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    inner = (mask > 0) & (cv2.erode(mask, kernel) == 0)
    outer = (mask == 0) & (cv2.dilate(mask, kernel) > 0)
    if not inner.any() or not outer.any():
        return 0.45
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.0), cv2.COLOR_RGB2LAB).astype(np.float32)
    across = []
    for channel in range(3):
        sums = [
            cv2.boxFilter(np.where(side, lab[..., channel], 0), -1, (4 * radius + 1,) * 2, normalize=False)
            for side in (inner, outer)
        ]
        counts = [
            cv2.boxFilter(side.astype(np.float32), -1, (4 * radius + 1,) * 2, normalize=False)
            for side in (inner, outer)
        ]
        near = inner & (counts[1] > 3)
        means = [total / np.maximum(amount, 1) for total, amount in zip(sums, counts, strict=True)]
        across.append((means[0] - means[1])[near])
    steps = np.sqrt(sum(step**2 for step in across))
    return 0.45 + 0.55 * float(np.clip(np.median(steps) / 26.0, 0, 1)) if len(steps) else 0.45
