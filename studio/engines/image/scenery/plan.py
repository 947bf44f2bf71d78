"""Which family paints a shot, and what the shot's other settings become in it.

One setting has the ground: a room, club or stage first (the others show in its window or on its wall of light), then
road, sea, desert, forest, city, mountains. Space and abstract give the sky; mountains, city and forest the horizon.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.scenery.abstract import paint_abstract, paint_field
from studio.engines.image.scenery.club import paint_club
from studio.engines.image.scenery.desert import paint_desert
from studio.engines.image.scenery.forest import paint_forest, treeline
from studio.engines.image.scenery.mountains import distant_range, paint_mountains
from studio.engines.image.scenery.road import paint_road
from studio.engines.image.scenery.room import paint_room
from studio.engines.image.scenery.scene import Backdrop, Scene
from studio.engines.image.scenery.sea import paint_sea
from studio.engines.image.scenery.skyline import paint_rooftop, skyline
from studio.engines.image.scenery.space import paint_cosmos, paint_space
from studio.engines.image.scenery.stage import paint_stage
from studio.engines.image.scenery.street import paint_street
from studio.engines.image.sheet import over
from studio.engines.image.sky import paint_sky

INDOORS = ("room", "club", "stage")
GROUNDS = ("road", "sea", "desert", "forest", "city", "mountains")


def paint_scene(easel: Easel) -> Scene:
    """The shot's place without its characters."""
    settings = easel.request.shot.setting
    indoors = next((name for name in INDOORS if name in settings), None)
    if indoors is None:
        return _outdoors(easel, settings)
    others = tuple(name for name in settings if name not in INDOORS)
    view = _view(easel, others or ("city",)) if others or indoors == "room" else None
    if indoors == "room":
        return paint_room(easel, view if view is not None else paint_sky(easel))
    return (paint_club if indoors == "club" else paint_stage)(easel, view)


def _outdoors(easel: Easel, settings: tuple[str, ...]) -> Scene:
    ground = next((name for name in GROUNDS if name in settings), None)
    if ground is None:
        return (
            paint_abstract(easel)
            if settings[:1] == ("abstract",)
            else paint_space(easel, Backdrop(paint_cosmos(easel)))
        )
    backdrop = Backdrop(_sky(easel, settings), _horizon(easel, settings, ground))
    if ground == "road":
        return paint_road(easel, backdrop, settings)
    if ground == "sea":
        return paint_sea(easel, backdrop, "forest" in settings)
    if ground == "city":
        high = easel.rng("plan").random() < 0.35 and easel.request.shot.framing != "close"
        return (paint_rooftop if high else paint_street)(easel, backdrop)
    return {"desert": paint_desert, "forest": paint_forest, "mountains": paint_mountains}[ground](easel, backdrop)


def _sky(easel: Easel, settings: tuple[str, ...]) -> np.ndarray:
    if "space" in settings:
        return paint_cosmos(easel)
    return paint_field(easel) if "abstract" in settings else paint_sky(easel)


def _horizon(easel: Easel, settings: tuple[str, ...], ground: str) -> np.ndarray | None:
    """What the settings without the ground put on the horizon, as a sheet."""
    sheet = None
    for name in settings:
        if name == ground or name not in ("mountains", "city", "forest"):
            continue
        if name == "forest" and ground in ("road", "sea"):
            continue
        made = {"mountains": distant_range, "forest": treeline, "city": _towers}[name](easel)
        sheet = made if sheet is None else over(sheet, made)
    return sheet


def _towers(easel: Easel) -> np.ndarray:
    return skyline(easel, easel.light.horizon + 0.004, 1.0)


def _view(easel: Easel, settings: tuple[str, ...]) -> np.ndarray:
    """Another setting as a flat picture (h, w, 3), for windows and walls of light."""
    shot = replace(easel.request.shot, setting=settings, framing="wide")
    inner = replace(easel, request=replace(easel.request, shot=shot))
    scene = _outdoors(inner, settings)
    picture = scene.back
    for plane in scene.planes:
        picture = over(picture, plane.sheet)
    return np.clip(picture[..., :3], 0, 1)
