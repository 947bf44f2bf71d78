"""The embedded illustrator: keyframes from a shot's words, with no weights and no GPU."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import ImageEngine, Keyframe, Layer, PaintRequest, Progress, Size
from studio.engines.image.camera import flattened, framed
from studio.engines.image.colour import Inks
from studio.engines.image.easel import Canvas, Easel
from studio.engines.image.exposure import exposed
from studio.engines.image.figure import paint_figures
from studio.engines.image.light import make_light
from studio.engines.image.mediums import render
from studio.engines.image.motifs import grid
from studio.engines.image.scenery.plan import paint_scene
from studio.engines.image.scenery.scene import Plane, Scene
from studio.engines.image.sheet import laid
from studio.engines.image.things import in_the_air, in_the_sky, likely
from studio.engines.image.weather import before, between
from studio.errors import EngineUnavailable
from studio.media.compositing import Finisher, compose
from studio.music.shots import Style
from studio.music.vocabulary import read_sentence

WORKING_UNIT = 720
"""Pixels of the shorter side beyond which scenery is painted smaller and enlarged: brushes and lenses are softer than
that. Characters are always worked at full size."""

MARGIN = 0.08
"""Of the longer side: how far layers overhang the frame, so that a camera may move."""

HORIZON = {"wide": (0.52, 0.61), "medium": (0.53, 0.63), "close": (0.58, 0.67)}
"""Frame y between which the horizon lies: the closer, the lower, so that a face stands before the sky."""

STAGES = 6


class Painter(ImageEngine):
    """Draws with skia's vectors and numpy's fields: setting, light, weather, characters, then the style's medium."""

    def __init__(self, name: str = "painter", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)
        try:
            import skia  # noqa: F401
        except ImportError as error:
            remedy = "install the system packages libegl1 and libgl1 (apt install libegl1 libgl1)"
            raise EngineUnavailable(name, f"its drawing library did not load ({error})", remedy) from error
        self._finish: tuple[Style, Size, Finisher] | None = None

    def paint(self, request: PaintRequest, progress: Progress, cancel: CancelToken) -> Keyframe:
        def step(done: int) -> None:
            progress(done, STAGES)
            cancel.check()

        step(0)
        full = make_easel(request)
        easel = _working(full)
        scene = paint_scene(easel)
        step(1)
        scene = framed(easel, scene)
        step(2)
        planes = _filled(easel, scene)
        step(3)
        figures = Plane(paint_figures(full, scene, request.characters), scene.floor.depth)
        near = flattened(scene.front, 1)[0]
        front = Plane(laid(near.sheet, in_the_air(easel, near=True), before(easel)), near.depth)
        step(4)
        layers = _layers((full, easel), (*planes, figures, front), figures, cancel)
        step(5)
        margin = full.canvas.margin
        layers = exposed(full, layers, margin)
        image = self._finisher(request).apply(compose(layers, margin), 0)
        step(6)
        return Keyframe(image, layers, margin)

    def _finisher(self, request: PaintRequest) -> Finisher:
        """Kept from picture to picture: all of a film share style and size."""
        if self._finish is None or self._finish[:2] != (request.style, request.size):
            self._finish = (request.style, request.size, Finisher(request.style, request.size, grains=1))
        return self._finish[2]


def make_easel(request: PaintRequest) -> Easel:
    """Everything that follows from the request before the first stroke."""
    size, shot = request.size, request.shot
    margin = 2 * round(MARGIN * max(size.width, size.height) / 2)
    inks = Inks(shot.palette, request.style.natural)
    rng = np.random.default_rng([request.seed, shot.seed, shot.index])
    side = float(rng.choice((-1.0, 1.0)) * rng.uniform(0.55, 0.95))
    low, high = HORIZON[shot.framing]
    horizon = float(rng.uniform(low, high))
    light = make_light(inks, shot.hour, shot.weather, horizon, side)
    named = frozenset(read_sentence(shot.prompt).things)
    things = named | likely(shot.setting, (shot.hour, shot.mood, shot.intensity), rng)
    return Easel(Canvas(size.width, size.height, margin), request, inks, light, things)


def _working(full: Easel) -> Easel:
    """The same easel with a canvas of at most `WORKING_UNIT`."""
    share = WORKING_UNIT / full.canvas.unit
    if share >= 1.0:
        return full
    canvas = full.canvas
    sides = (canvas.frame_width, canvas.frame_height, canvas.margin)
    return replace(full, canvas=Canvas(*(round(side * share) for side in sides)))


def _filled(easel: Easel, scene: Scene) -> tuple[Plane, ...]:
    """Backdrop and planes with the sky's things, floating things and weather in them."""
    planes = flattened(scene.planes, 2)
    back = laid(scene.back, in_the_sky(easel, scene.device != "medallion"))
    ground = planes[-1].sheet
    lines = grid(easel, ground) if scene.device == "medallion" else None
    last = laid(ground, lines, in_the_air(easel, near=False), between(easel))
    return (Plane(back, 0.0), *planes[:-1], Plane(last, planes[-1].depth))


def _layers(
    easels: tuple[Easel, Easel], planes: tuple[Plane, ...], figures: Plane, cancel: CancelToken
) -> tuple[Layer, ...]:
    """Planes in the style's medium, as bytes of the full size; those with nothing on them are left out. `easels`: the
    full one, which the figures were painted on, and the working one."""
    full, working = easels
    size = (full.canvas.width, full.canvas.height)
    layers = []
    for index, plane in enumerate(planes):
        cancel.check()
        if index and not (plane.sheet[..., 3] > 1 / 255).any():
            continue
        picture = render(full if plane is figures else working, plane.sheet, index, plane is figures)
        if picture.shape[1::-1] != size:
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
        layers.append(Layer(picture, plane.depth))
    return tuple(layers)
