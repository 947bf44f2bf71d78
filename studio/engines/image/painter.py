"""The embedded illustrator: keyframes from a shot's words, with no weights and no GPU."""

from __future__ import annotations

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import ImageEngine, Keyframe, Layer, PaintRequest, Progress
from studio.engines.image.camera import flattened, framed
from studio.engines.image.colour import Inks
from studio.engines.image.easel import Canvas, Easel
from studio.engines.image.figure import paint_figures
from studio.engines.image.light import make_light
from studio.engines.image.mediums import render
from studio.engines.image.motifs import grid
from studio.engines.image.scenery.plan import paint_scene
from studio.engines.image.scenery.scene import Plane, Scene
from studio.engines.image.sheet import laid, straight
from studio.engines.image.things import in_the_air, in_the_sky, likely
from studio.engines.image.weather import before, between
from studio.errors import EngineUnavailable
from studio.media.compositing import Finisher, compose
from studio.music.vocabulary import read_sentence

MARGIN = 0.08
"""Of the longer side: how far layers overhang the frame, so that a camera may move."""

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

    def paint(self, request: PaintRequest, progress: Progress, cancel: CancelToken) -> Keyframe:
        def step(done: int) -> None:
            progress(done, STAGES)
            cancel.check()

        step(0)
        easel = make_easel(request)
        scene = paint_scene(easel)
        step(1)
        scene = framed(easel, scene)
        step(2)
        planes = _filled(easel, scene)
        step(3)
        figures = Plane(paint_figures(easel, scene, request.characters), scene.floor.depth)
        near = flattened(scene.front, 1)[0]
        front = Plane(laid(near.sheet, in_the_air(easel, near=True), before(easel)), near.depth)
        step(4)
        layers = _layers(easel, (*planes, figures, front), figures, cancel)
        step(5)
        margin = easel.canvas.margin
        image = Finisher(request.style, request.size).apply(compose(layers, margin), 0)
        step(6)
        return Keyframe(image, layers, margin)


def make_easel(request: PaintRequest) -> Easel:
    """Everything that follows from the request before the first stroke."""
    size, shot = request.size, request.shot
    margin = 2 * round(MARGIN * max(size.width, size.height) / 2)
    inks = Inks(shot.palette, request.style.natural)
    rng = np.random.default_rng([request.seed, shot.seed, shot.index])
    side = float(rng.choice((-1.0, 1.0)) * rng.uniform(0.55, 0.95))
    horizon = float(rng.uniform(0.53, 0.60))
    light = make_light(inks, shot.hour, shot.weather, horizon, side)
    named = frozenset(read_sentence(shot.prompt).things)
    things = named | likely(shot.setting, (shot.hour, shot.mood, shot.intensity), rng)
    return Easel(Canvas(size.width, size.height, margin), request, inks, light, things)


def _filled(easel: Easel, scene: Scene) -> tuple[Plane, ...]:
    """Backdrop and planes with the sky's things, floating things and weather in them."""
    planes = flattened(scene.planes, 2)
    back = laid(scene.back, in_the_sky(easel, scene.device != "medallion"))
    ground = planes[-1].sheet
    lines = grid(easel, ground) if scene.device == "medallion" else None
    last = laid(ground, lines, in_the_air(easel, near=False), between(easel))
    return (Plane(back, 0.0), *planes[:-1], Plane(last, planes[-1].depth))


def _layers(easel: Easel, planes: tuple[Plane, ...], figures: Plane, cancel: CancelToken) -> tuple[Layer, ...]:
    """Planes in the style's medium, as bytes; those with nothing on them are left out."""
    rng = easel.rng("dither")
    layers = []
    for index, plane in enumerate(planes):
        cancel.check()
        if index and not (plane.sheet[..., 3] > 1 / 255).any():
            continue
        layers.append(Layer(straight(render(easel, plane.sheet, index, plane is figures), rng), plane.depth))
    return tuple(layers)
