"""Which family paints a shot, and what it gets as its backdrop."""

from __future__ import annotations

from studio.engines.image.easel import Easel
from studio.engines.image.scenery.desert import paint_desert
from studio.engines.image.scenery.mountains import distant_range, paint_mountains
from studio.engines.image.scenery.road import paint_road
from studio.engines.image.scenery.scene import Backdrop, Scene
from studio.engines.image.scenery.sea import paint_sea
from studio.engines.image.scenery.skyline import paint_rooftop, skyline
from studio.engines.image.scenery.space import paint_cosmos, paint_space
from studio.engines.image.scenery.street import paint_street
from studio.engines.image.sky import paint_sky


def paint_scene(easel: Easel) -> Scene:
    settings = easel.request.shot.setting
    sky = paint_cosmos(easel) if "space" in settings else paint_sky(easel)
    sl = distant_range(easel) if "mountains" in settings and len(settings) > 1 else None
    if "city" in settings and len(settings) > 1 :
        sl = skyline(easel, easel.light.horizon, 1.0)
    if "road" in settings:
        return paint_road(easel, Backdrop(sky, sl), settings)
    if "sea" in settings:
        return paint_sea(easel, Backdrop(sky, sl))
    if "desert" in settings:
        return paint_desert(easel, Backdrop(sky, sl))
    if settings == ("space",):
        return paint_space(easel, Backdrop(sky))
    if "city" in settings:
        return paint_rooftop(easel, Backdrop(sky)) if easel.rng("plan").random() < .35 else paint_street(easel, Backdrop(sky))
    return paint_mountains(easel, Backdrop(sky))
