"""Where the light of a shot comes from, how strong it is, and what the air does to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.engines.image.colour import Inks, from_oklab, gradient, rgb, to_oklab


@dataclass(frozen=True)
class Hour:
    """`sky`: the palette's levels at zenith, half way and horizon; `natural`: what nature paints there; `sun_y`: the
    sun's or moon's height in the frame; `key`, `ambient`: how much of the ramp light and shade take."""

    sky: tuple[float, float, float]
    natural: tuple[str, str, str]
    sun_y: float
    key: float
    ambient: float


HOURS = {
    "dawn": Hour((0.42, 0.68, 0.93), ("#6f97cc", "#eab9b4", "#ffe3b6"), 0.40, 0.52, 0.30),
    "day": Hour((0.48, 0.70, 0.92), ("#1f6fc8", "#6fb0e4", "#d2e9f3"), 0.10, 0.56, 0.27),
    "golden": Hour((0.38, 0.66, 0.93), ("#5a83b8", "#e6b582", "#ffd384"), 0.36, 0.66, 0.22),
    "dusk": Hour((0.14, 0.44, 0.78), ("#27356f", "#a85f7c", "#ffab68"), 0.46, 0.46, 0.14),
    "night": Hour((0.05, 0.17, 0.38), ("#0a1536", "#182c5a", "#385180"), 0.16, 0.30, 0.085),
}
_THICK_AIR = {"clear": 0.0, "clouds": 0.1, "rain": 0.32, "snow": 0.35, "fog": 0.85, "storm": 0.4}
_COVER = {"clear": 0.22, "clouds": 0.62, "rain": 0.85, "snow": 0.75, "fog": 0.5, "storm": 1.0}


@dataclass(frozen=True)
class Light:
    """The sun or the moon of one shot.

    x, y            its place in the frame (it may lie outside)
    direction       unit vector towards it: right, up, away from the viewer
    key, ambient    levels on the ramp that light and shade add
    colour          of the light;  haze  of the distant air;  sky (STEPS, 3)  from zenith to horizon
    air             0 clear .. 1 nothing but fog;  cover  of clouds 0..1
    horizon         frame y
    """

    x: float
    y: float
    direction: tuple[float, float, float]
    key: float
    ambient: float
    colour: np.ndarray
    haze: np.ndarray
    sky: np.ndarray
    air: float
    cover: float
    horizon: float
    night: bool


def make_light(inks: Inks, hour: str, weather: str, horizon: float, side: float) -> Light:
    """`side` -1..1: how far left or right the sun stands."""
    spec = HOURS[hour]
    air, cover = _THICK_AIR[weather], _COVER[weather]
    sky = _sky_table(inks, spec, weather)
    haze = sky[-1] * (1 - 0.25 * air) + sky[len(sky) // 2] * 0.25 * air
    dim = 1.0 - 0.55 * max(0.0, cover - 0.4)
    y = min(spec.sun_y, horizon - 0.07) if hour != "day" else spec.sun_y
    direction = np.array([side * 0.9, 0.30 + (horizon - y) * 0.9, 0.42])
    direction /= np.linalg.norm(direction)
    return Light(
        x=0.5 + 0.3 * side,
        y=y,
        direction=(float(direction[0]), float(direction[1]), float(direction[2])),
        key=spec.key * dim,
        ambient=spec.ambient + 0.06 * cover * (hour != "night"),
        colour=inks.tone(1.0) if hour in ("day", "night") else inks.tone(0.9),
        haze=haze.astype(np.float32),
        sky=sky,
        air=air,
        cover=cover,
        horizon=horizon,
        night=hour == "night",
    )


def _sky_table(inks: Inks, spec: Hour, weather: str) -> np.ndarray:
    colours = [inks.blend(level, natural, 0.8) for level, natural in zip(spec.sky, spec.natural, strict=True)]
    grey = {"clear": 0.0, "clouds": 0.12, "rain": 0.5, "snow": 0.4, "fog": 0.45, "storm": 0.7}[weather]
    if grey:
        labs = to_oklab(np.stack(colours))
        mean = labs.mean(axis=0)
        flat = np.array([mean[0] * (0.78 if weather == "storm" else 0.95), mean[1] * 0.55, mean[2] * 0.55])
        colours = list(from_oklab(labs + (flat - labs) * grey))
    return gradient(colours, (0.0, 0.55, 1.0))


def warm_lamp(inks: Inks) -> np.ndarray:
    return np.clip(0.65 * inks.tone(0.85) + 0.35 * rgb("#ffc987"), 0, 1).astype(np.float32)
