"""People in the picture: placed by framing, lit by the scene's light, standing on its ground."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.contracts import Cutout
from studio.engines.image.easel import Easel
from studio.engines.image.framed import hang
from studio.engines.image.noise import blur, smoothstep
from studio.engines.image.scenery.scene import Floor, Scene
from studio.engines.image.sheet import over, tinted

TRUSTED = 0.5
"""Confidence from which a cut-out is pasted; below, the picture is framed instead (contracts.Cutout)."""

FLAT_TOP = 0.55
"""Share of a cut-out's width from which its top row is no head any more but the picture's edge."""

ENLARGE = 3.0
"""How far a small upload may be scaled up before it looks it."""


@dataclass(frozen=True)
class Pose:
    """A cut-out at its place: premultiplied float32 `sheet` (h, w, 4), its corner on the canvas, and the row its
    feet touch (None: it is cropped by the frame's bottom and casts no shadow there)."""

    sheet: np.ndarray
    left: int
    top: int
    foot: float | None


def paint_figures(easel: Easel, scene: Scene, cutouts: tuple[Cutout, ...]) -> np.ndarray:
    """All characters of the shot as one sheet, with their shadows and what a glossy floor shows of them."""
    sheet = np.zeros((*easel.canvas.shape, 4), np.float32)
    trusted = [cutout for cutout in cutouts if _is_cut(cutout) and _has_body(cutout)]
    framed = [cutout for cutout in cutouts if not _is_cut(cutout)]
    for cutout, x in zip(framed, _spread(len(framed), _focus(easel, scene.floor)), strict=True):
        sheet = over(sheet, hang(easel, scene, cutout, x))
    poses = [
        _pose(easel, scene.floor, cutout, place, len(trusted))
        for cutout, place in zip(trusted, _places(easel, scene, len(trusted)), strict=True)
    ]
    for pose in poses:
        sheet = over(sheet, _ground_traces(easel, scene, pose))
    for pose in sorted(poses, key=lambda pose: pose.foot or 1e9):
        lit = _lit(easel, scene, pose)
        _paste(sheet, lit, pose.left, pose.top)
    return sheet


def _is_cut(cutout: Cutout) -> bool:
    """Whether a body's outline is known, its head's above all. A picture that fills its rectangle, or whose subject the
    photographer cut off at the top, would stand in the scene as a board."""
    if cutout.confidence < TRUSTED:
        return False
    alpha = cutout.picture[..., 3] > 128
    rows = np.flatnonzero(alpha.any(axis=1))
    columns = np.flatnonzero(alpha.any(axis=0))
    if rows.size == 0:
        return True
    top = alpha[rows[0], columns[0] : columns[-1] + 1]
    return bool(top.mean() < FLAT_TOP)


def _has_body(cutout: Cutout) -> bool:
    return bool((cutout.picture[..., 3] > 25).any())


def _focus(easel: Easel, floor: Floor) -> float:
    """Where the figure stands: on the floor's place in wide shots; closer, left or right of the middle, more so the
    wider the frame is."""
    framing = easel.request.shot.framing
    if framing == "wide":
        return floor.x
    side = float(np.sign(floor.x - 0.5)) if abs(floor.x - 0.5) > 0.05 else float(easel.rng("stance").choice((-1, 1)))
    reach = {"medium": 0.105, "close": 0.085}[framing]
    return 0.5 + side * reach * float(np.clip(easel.canvas.aspect, 0.5, 1.5))


def _spread(count: int, focus: float) -> list[float]:
    if count == 0:
        return []
    step = {2: 0.36, 3: 0.30}.get(count, 0.9 / count)
    middle = 0.5 + (focus - 0.5) * (1.0 if count == 1 else 0.3)
    return [middle + (at - (count - 1) / 2) * step for at in range(count)]


def _places(easel: Easel, scene: Scene, count: int) -> list[tuple[float, float]]:
    """(x, size) of each; of three the middle one is in front and larger."""
    xs = _spread(count, _focus(easel, scene.floor))
    sizes = {1: [1.0], 2: [1.0, 0.96], 3: [0.90, 1.0, 0.90]}.get(count, [0.85] * count)
    return list(zip(xs, sizes, strict=True))


def _pose(easel: Easel, floor: Floor, cutout: Cutout, place: tuple[float, float], company: int) -> Pose:
    canvas, framing = easel.canvas, easel.request.shot.framing
    x, size = place
    picture = _premultiplied(cutout.picture)
    rows, columns = picture.shape[:2]
    bust = _is_bust(picture)
    if bust:
        # the part below the frame comes on top
        share = {"wide": 0.55, "medium": 0.74, "close": 0.92}[framing] + canvas.margin / canvas.frame_height
    else:
        share = {"wide": floor.height, "medium": 1.42, "close": 2.35}[framing]
    height = share * size * canvas.frame_height
    widest = {"wide": 0.72, "medium": 1.1, "close": 1.45}[framing] * canvas.frame_width
    widest *= float(np.clip(1.35 - 0.35 * canvas.aspect, 1.0, 1.25)) if bust else 1.0
    widest *= {1: 1.0, 2: 0.60, 3: 0.46}.get(company, 1.3 / company)
    scale = min(height / rows, widest / columns, ENLARGE * max(1.0, canvas.unit / 720))
    wide, tall = max(2, round(columns * scale)), max(2, round(rows * scale))
    grown = cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    grown = np.clip(grown, 0, 1)
    left = round(canvas.px(x) - wide * _balance(picture))
    if bust:
        # the cut edge stays below the layer's own bottom, wherever the camera goes
        top = canvas.height - tall + max(2, round(0.01 * tall))
        top = min(top, max(top, round(canvas.py(0.16 if framing == "close" else 0.0))))
        return Pose(grown, left, top, None)
    if framing == "wide":
        foot = canvas.py(floor.y)
        return Pose(grown, left, round(foot - tall), foot)
    top = round(canvas.py({"medium": 0.13, "close": 0.10}[framing]))
    if top + tall < canvas.height + 2:
        # too small to reach the frame's bottom: it stands, closer than in a wide shot
        return Pose(grown, left, round(canvas.py(0.985) - tall), canvas.py(0.985))
    return Pose(grown, left, top, None)


def _premultiplied(picture: np.ndarray) -> np.ndarray:
    sheet = picture.astype(np.float32) / 255.0
    rows, columns = np.nonzero(sheet[..., 3] > 0.02)
    sheet = sheet[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    out = sheet.copy()
    out[..., :3] *= sheet[..., 3:]
    return out


def _is_bust(sheet: np.ndarray) -> bool:
    """Whether the body runs on below the picture's bottom: its last rows are about as wide as the whole, or it is a
    head on one neck. Feet are several, or narrow under something tall."""
    rows, columns = sheet.shape[:2]
    foot = (sheet[-max(1, rows // 50) :, :, 3] > 0.5).any(axis=0)
    last, pieces = foot.sum() / columns, (np.diff(foot.astype(np.int8), prepend=0) == 1).sum()
    return bool((last > 0.5 and rows < 2.1 * columns) or (last > 0.2 and pieces == 1 and rows < 1.5 * columns))


def _balance(sheet: np.ndarray) -> float:
    """The share of the width at which the upper body's weight lies: a guitar's neck doesn't push the singer aside."""
    upper = sheet[: max(1, sheet.shape[0] * 2 // 3), :, 3].sum(axis=0)
    at = np.arange(len(upper)) + 0.5
    return float(np.clip((upper * at).sum() / max(upper.sum(), 1e-6) / len(upper), 0.3, 0.7))


# ---- light ------------------------------------------------------------------------------------------------


def _lit(easel: Easel, scene: Scene, pose: Pose) -> np.ndarray:
    """The pose's sheet in the scene's light."""
    alpha = pose.sheet[..., 3]
    colour = pose.sheet[..., :3] / np.maximum(alpha, 1e-3)[..., None]
    colour = _graded(easel, scene, colour, alpha)
    colour = _shaped(scene, colour, alpha)
    if pose.foot is not None:
        low = smoothstep(0.80, 1.0, np.linspace(0, 1, alpha.shape[0], dtype=np.float32))[:, None, None]
        colour = colour * (1.0 - 0.42 * low)
    haze = easel.light.haze
    share = (0.05 + 0.22 * easel.light.air) * (1.0 if easel.request.shot.framing == "wide" else 0.5)
    colour = colour + (haze - colour) * (share if scene.device == "medallion" else 0.03)
    soft = _soft_edge(alpha, easel.canvas.unit)
    return np.dstack([np.clip(colour, 0, 1) * soft[..., None], soft]).astype(np.float32)


def _graded(easel: Easel, scene: Scene, colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Exposure, contrast and cast moved towards the scene's, as a colourist would: never all the way."""
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    luma = colour @ weights
    body = alpha > 0.5
    mean = float(luma[body].mean()) if body.any() else 0.5
    lamp, shade = scene.lamp, scene.shade
    target = float(np.clip(0.34 * (lamp @ weights) + 0.42 * (shade @ weights) + 0.05, 0.13, 0.60)) * scene.exposure
    gain = float(np.clip((target / max(mean, 0.05)) ** 0.75, 0.36, 1.5))
    # a dark coat must not blow out the face above it
    bright = float(np.percentile(luma[body], 92)) if body.any() else 0.5
    gain = min(gain, max(1.0, 0.84 / max(bright, 0.05)))
    out = np.clip(colour * gain, 0, 1)
    share = smoothstep(0.05, 0.80, (out @ weights) / max(float(lamp @ weights), 0.2))[..., None]
    cast = shade / max(float(shade.max()), 1e-3) * (1 - share) + lamp / max(float(lamp.max()), 1e-3) * share
    out = out * (1.0 + (cast - 1.0) * 0.62)
    out = out + shade * (0.16 * (1.0 - share))
    out = out + ((out @ weights)[..., None] - out) * 0.12
    saturation = easel.request.style.saturation
    if saturation < 0.2:
        grey = (out @ weights)[..., None]
        out = grey + (out - grey) * (saturation * 5.0)
    return out


def _shaped(scene: Scene, colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Form from the outline: the side away from the light falls off, the lit edge catches a rim."""
    height = alpha.shape[0]
    floor = scene.floor
    side, above = floor.light_side, 0.55
    broad = blur(alpha, max(1.5, height * 0.055))
    slope_y, slope_x = np.gradient(broad)
    norm = max(float(np.abs(slope_x).max()), float(np.abs(slope_y).max()), 1e-6)
    toward = (slope_y * above - slope_x * side) / norm
    shade = np.clip(toward * 0.55, -0.45, 0.30)
    out = colour * (1.0 + shade[..., None])
    reach = max(0.9, height * 0.0075)
    thin = blur(alpha, reach)
    edge_y, edge_x = np.gradient(thin)
    size = np.sqrt(edge_x**2 + edge_y**2) + 1e-6
    turned = np.clip((edge_y * above - edge_x * side) / size, -1, 1)
    lit = np.clip(turned * 0.75 + 0.25 * floor.backlit + 0.25 * np.clip(edge_y / size, 0, 1), 0, 1)
    band = np.clip((1.0 - thin) * 2.1, 0, 1) * (alpha > 0.2)
    rim = np.clip(lit * band * (0.45 + 0.75 * floor.backlit), 0, 1)[..., None]
    wrap = np.clip(lit * np.clip((1 - broad) * 1.6, 0, 1) * 0.30 * floor.backlit, 0, 1)[..., None]
    bright = np.clip(scene.lamp * 1.05, 0, 1)
    out = out + (bright - out) * wrap * 0.6
    return out + (bright - out) * rim * 0.9


def _soft_edge(alpha: np.ndarray, unit: int) -> np.ndarray:
    """The outline pulled in by a hair and softened: no halo of the old background, no scissor cut."""
    sigma = max(0.5, unit / 900)
    soft = cv2.GaussianBlur(alpha, (0, 0), sigma)
    return np.clip((np.minimum(soft, alpha) - 0.06) / 0.94, 0, 1)


# ---- ground -----------------------------------------------------------------------------------------------


def _ground_traces(easel: Easel, scene: Scene, pose: Pose) -> np.ndarray:
    """Contact shadow, cast shadow and reflection, as a sheet under the figure."""
    canvas, floor = easel.canvas, scene.floor
    sheet = np.zeros((*canvas.shape, 4), np.float32)
    if pose.foot is None:
        return sheet
    alpha = np.zeros(canvas.shape, np.float32)
    _paste_mask(alpha, pose.sheet[..., 3], pose.left, pose.top)
    tall = pose.sheet.shape[0]
    if floor.gloss > 0.02:
        sheet = over(sheet, _reflection(easel, pose, floor.gloss))
    foot = pose.foot - 0.012 * tall
    length = 0.42 if floor.backlit > 0.6 else -0.22
    slant = -floor.light_side * (0.85 if length > 0 else 1.0)
    # the silhouette laid down: feet stay, heads go away from the light
    matrix = np.array([[1.0, slant * 0.55, -slant * 0.55 * foot], [0.0, -length, foot * (1 + length)]], np.float32)
    if length < 0:
        matrix[0, 1:] *= -1.0
        matrix[0, 1], matrix[0, 2] = slant * 0.55 * -1.0, slant * 0.55 * foot
    cast = cv2.warpAffine(alpha, matrix, (canvas.width, canvas.height), flags=cv2.INTER_LINEAR)
    away = np.clip(
        np.abs(canvas.py(0) + canvas.ys() * canvas.frame_height - canvas.margin * 0 - foot) / (0.45 * tall), 0, 1
    )
    near, far = blur(cast, max(0.8, tall * 0.008)), blur(cast, tall * 0.03)
    cast = (near + (far - near) * away) * (1.0 - 0.75 * away) * floor.shadow * 0.72
    contact = _contact(easel, pose)
    mask = np.clip(1 - (1 - cast) * (1 - contact), 0, 0.85).astype(np.float32)
    return over(sheet, tinted(mask, easel.inks.tone(0.02) * 0.8))


def _contact(easel: Easel, pose: Pose) -> np.ndarray:
    """The dark under each sole: the outline's lowest rows, pressed flat and blurred."""
    canvas = easel.canvas
    rows, tall = pose.sheet.shape[0], max(3, pose.sheet.shape[0] // 22)
    soles = cv2.resize(
        pose.sheet[rows - tall :, :, 3], (pose.sheet.shape[1], max(2, tall // 2)), interpolation=cv2.INTER_AREA
    )
    mask = np.zeros(canvas.shape, np.float32)
    _paste_mask(mask, soles, pose.left, round((pose.foot or 0) - soles.shape[0] * 0.7))
    tight, wide = blur(mask, max(0.8, rows * 0.006)), blur(mask, rows * 0.022)
    return np.clip(0.75 * tight + 0.9 * wide, 0, 0.8)


def _reflection(easel: Easel, pose: Pose, gloss: float) -> np.ndarray:
    canvas = easel.canvas
    flipped = pose.sheet[::-1].copy()
    tall = flipped.shape[0]
    flipped = cv2.GaussianBlur(flipped, (0, 0), sigmaX=max(0.6, tall * 0.004), sigmaY=max(0.8, tall * 0.014))
    fade = np.exp(-np.linspace(0, 1, tall, dtype=np.float32) * 2.6)[:, None, None] * gloss * 0.8
    sheet = np.zeros((*canvas.shape, 4), np.float32)
    _paste(
        sheet,
        flipped * fade * np.array([0.8, 0.8, 0.8, 1.0], np.float32),
        pose.left,
        round((pose.foot or 0) - 0.012 * tall),
    )
    return sheet


def _paste(sheet: np.ndarray, above: np.ndarray, left: int, top: int) -> None:
    """Lays a smaller sheet on a larger one in place; what hangs over is cut."""
    target, source = _overlap(sheet.shape[:2], above.shape[:2], left, top)
    patch = above[source]
    sheet[target] = patch + sheet[target] * (1.0 - patch[..., 3:])


def _paste_mask(mask: np.ndarray, above: np.ndarray, left: int, top: int) -> None:
    target, source = _overlap(mask.shape[:2], above.shape[:2], left, top)
    mask[target] = np.maximum(mask[target], above[source])


def _overlap(
    large: tuple[int, ...], small: tuple[int, ...], left: int, top: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = max(x0, min(left + small[1], large[1])), max(y0, min(top + small[0], large[0]))
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
