"""Colours as people see them: OKLab, mixing, and names. Plain Python, so that the page may use it."""

from __future__ import annotations

from collections.abc import Sequence

from studio.music.shots import Colour

_NAMES: dict[str, Colour] = {
    "black": "#050507", "ink blue": "#0f1a33", "navy": "#1f3470", "charcoal": "#33363d", "grey": "#808389",
    "silver": "#b8bcc2", "white": "#fafafa", "cream": "#f7efdc", "sand": "#dcc8a0", "ochre": "#c8923c",
    "amber": "#f0a83c",
    "gold": "#f2c94c", "orange": "#ee7f35", "rust": "#a8482c", "brown": "#5f3a26", "red": "#cf2f38",
    "crimson": "#8f1a35",
    "wine": "#4a1630", "coral": "#f58070", "rose": "#e58aa0", "pale pink": "#f6d2d6", "hot pink": "#f04fa8",
    "magenta": "#b82f98", "plum": "#5a2a62", "violet": "#7a4ab8", "lavender": "#b8a5dc", "indigo": "#382f8a",
    "cobalt": "#2f5fc0", "steel blue": "#5f85b0", "sky blue": "#8cc4e8", "ice blue": "#d5ecf6", "cyan": "#38bcd8",
    "teal": "#22808a", "sea green": "#5aa890", "green": "#3f8a4f", "sage": "#a8bc9c", "olive": "#6f7038",
}  # fmt: skip


def to_oklab(colour: Colour) -> tuple[float, float, float]:
    """ "#rrggbb" in OKLab (L 0..1, a, b). Björn Ottosson, "A perceptual color space for image processing", 2020."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def from_oklab(lightness: float, a: float, b: float) -> Colour:
    """The nearest "#rrggbb"; what sRGB can't show is clipped."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(max(value, 0.0), 1.0))):02x}" for value in linear)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with `share` 0..1 of `second` in it, straight through OKLab."""
    one, two = to_oklab(first), to_oklab(second)
    return from_oklab(*(a + (b - a) * share for a, b in zip(one, two, strict=True)))


def mix_palettes(first: Sequence[Colour], second: Sequence[Colour], share: float) -> tuple[Colour, ...]:
    return tuple(mix(a, b, share) for a, b in zip(first, second, strict=True))


def accent(palette: Sequence[Colour], colour: Colour) -> tuple[Colour, ...]:
    """`palette` leaning towards `colour` in its middle, every step as light as it was."""
    _, a, b = to_oklab(colour)
    leaning = []
    for step, share in zip(palette, (0.35, 0.65, 0.85, 0.6, 0.15), strict=True):
        light, old_a, old_b = to_oklab(step)
        reach = 1.0 - abs(2 * light - 1.1) * 0.5
        leaning.append(from_oklab(light, old_a + (a * reach - old_a) * share, old_b + (b * reach - old_b) * share))
    return tuple(leaning)


def colour_name(colour: Colour) -> str:
    """The nearest of three dozen words a painter would use."""
    lab = to_oklab(colour)
    return min(_NAMES, key=lambda name: sum((x - y) ** 2 for x, y in zip(lab, to_oklab(_NAMES[name]), strict=True)))


def colour_words(palette: Sequence[Colour]) -> tuple[str, ...]:
    """The names of a palette's colours, dark to light, without repeats."""
    return tuple(dict.fromkeys(colour_name(colour) for colour in palette))


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
