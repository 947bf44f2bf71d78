"""The embedded illustrator: keyframes from a shot's words, with no weights and no GPU."""

from __future__ import annotations

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import ImageEngine, Keyframe, Layer, PaintRequest, Progress
from studio.engines.image.colour import Inks
from studio.engines.image.easel import Canvas, Easel
from studio.engines.image.light import make_light
from studio.errors import EngineUnavailable
from studio.engines.image.sheet import straight
from studio.media.compositing import Finisher, compose
from studio.music.vocabulary import read_sentence


MARGIN = 0.08


class Painter(ImageEngine):
    def paint(self, request: PaintRequest, progress: Progress, cancel: CancelToken) -> Keyframe:
        size = request.size
        margin = 2 * round(MARGIN * max(size.width, size.height) / 2)
        canvas = Canvas(size.width, size.height, margin)
        shot = request.shot
        inks = Inks(shot.palette, request.style.natural)
        rng = np.random.default_rng([request.seed, shot.seed, shot.index])
        side = float(rng.choice((-1, 1)) * rng.uniform(.55, .95))
        light = make_light(inks, shot.hour, shot.weather, .56, side)
        easel = Easel(canvas, request, inks, light, frozenset(read_sentence(shot.prompt).things))
        from studio.engines.image.scenery.plan import paint_scene
        scene = paint_scene(easel)
        layers = [Layer(straight(scene.back, rng), 0.0)]
        for p in (*scene.planes, *scene.front):
            layers.append(Layer(straight(p.sheet, rng), p.depth))
        image = Finisher(request.style, size).apply(compose(layers, margin), 0)
        return Keyframe(image, tuple(layers), margin)
