"""Keyframes on disk: the picture a person sees, and the layers it is made of for the motion that follows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.media.layers import read_layer, write_layer
from studio.store.atomic import read_json, write_json

if TYPE_CHECKING:
    from studio.contracts import Keyframe


@dataclass(frozen=True)
class Drawing:
    """A keyframe of the project `folder`, called 01 .. 07, and the key it was drawn under."""

    folder: Path
    name: str
    key: str

    @property
    def image(self) -> Path:
        return self.folder / "keyframes" / f"{self.name}.png"

    @property
    def layers(self) -> Path:
        return self.folder / ".studio" / "layers" / self.name


def save_keyframe(drawing: Drawing, keyframe: Keyframe) -> list[Path]:
    """Writes the picture and its layers; returns every file written."""
    drawing.image.parent.mkdir(exist_ok=True)
    drawing.layers.mkdir(parents=True, exist_ok=True)
    files = [drawing.layers / f"{number}.png" for number in range(len(keyframe.layers))]
    for file, layer in zip(files, keyframe.layers, strict=True):
        write_layer(file, layer.picture)
    facts = drawing.layers / "layers.json"
    write_json(facts, {"margin": keyframe.margin, "depths": [float(layer.depth) for layer in keyframe.layers]})
    write_layer(drawing.image, keyframe.image)
    return [*files, facts, drawing.image]


def load_keyframe(drawing: Drawing) -> Keyframe:
    from studio.contracts import Keyframe, Layer

    facts = read_json(drawing.layers / "layers.json")
    pictures = [read_layer(drawing.layers / f"{number}.png") for number in range(len(facts["depths"]))]
    layers = tuple(Layer(picture, depth) for picture, depth in zip(pictures, facts["depths"], strict=True))
    return Keyframe(read_layer(drawing.image), layers, facts["margin"])
