"""Drawings on disk: a picture, the layers it is made of for the motion that follows, and the engine that draws it.

Every drawing is kept under the key of what it was made from, so that an earlier version is there the moment it is
asked for again; `keyframes/01.png` ... are copies of those the film uses.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.atomic import atomic_path, storage_errors
from studio.media.layers import read_layer, write_layer
from studio.requests import fingerprint
from studio.store.atomic import read_json, write_json
from studio.store.versions import Version, Versions

if TYPE_CHECKING:
    from studio.contracts import Keyframe, Size
    from studio.models.registry import EngineCard
    from studio.music.board import Planned
    from studio.pipelines.cast import Cast
    from studio.pipelines.context import Context, Stage
    from studio.store.artifacts import Artifacts

_NOT_DRAWN = ("time", "description")


@dataclass(frozen=True)
class Drawing:
    """The drawing `key` of the project `folder`."""

    folder: Path
    key: str

    @property
    def home(self) -> Path:
        return self.folder / ".studio" / "drawings" / self.key

    @property
    def image(self) -> Path:
        return self.home / "image.png"

    @property
    def piece(self) -> str:
        """Its name among the artifacts."""
        return f"drawing-{self.key}"


def drawing_key(planned: Planned, engine: str, size: tuple[int, int], cast: str) -> str:
    """Equal for shots that look the same. `engine` and `cast` are the keys of the engine's card and the cut-outs;
    `size` is width and height in pixels."""
    shot = {name: value for name, value in planned.shot.to_json().items() if name not in _NOT_DRAWN}
    return fingerprint([engine, shot, asdict(planned.style), list(size), cast])


class Drawer:
    """Draws planned shots with one engine, each once."""

    def __init__(self, context: Context, artifacts: Artifacts, card: EngineCard, size: Size, cast: Cast) -> None:
        self._context, self._artifacts, self._card, self._size, self._cast = context, artifacts, card, size, cast

    def draw(self, planned: Planned, stage: Stage, preview: str, anew: bool = False) -> Drawing:
        """The shot's drawing, made unless it is there or wanted `anew`; `preview` names its small picture."""
        from studio.contracts import PaintRequest

        context, shot = self._context, planned.shot
        size = (self._size.width, self._size.height)
        drawing = Drawing(context.project, drawing_key(planned, self._card.key, size, self._cast.key))
        if not anew and self._artifacts.find(drawing.piece, drawing.key):
            stage.reuse()
        else:
            people = tuple(self._cast.load(index) for index in shot.characters)
            request = PaintRequest(shot, planned.style, self._size, shot.seed, people)
            keyframe = context.lease(
                self._card, lambda engine: engine.paint(request, stage.within_step, context.cancel)
            )
            self._artifacts.record(drawing.piece, drawing.key, save_drawing(drawing, keyframe))
            stage.preview(preview, keyframe.image, force=True)
        return drawing

    def publish(self, planned: Planned, drawing: Drawing) -> Path:
        """Puts a drawing where people look for it, and remembers it among the shot's versions."""
        index = planned.shot.index
        name = f"{index + 1:02d}"
        target = self._context.project / "keyframes" / f"{name}.png"
        if not self._artifacts.find(f"keyframe-{name}", drawing.key):
            target.parent.mkdir(exist_ok=True)
            with storage_errors(target), atomic_path(target) as partial:
                shutil.copyfile(drawing.image, partial)
            self._artifacts.record(f"keyframe-{name}", drawing.key, [target])
        versions = Versions(self._context.project, index)
        for old in versions.add(Version(drawing.key, planned.to_json())):
            self._forget(Drawing(drawing.folder, old.key))
        return target

    def _forget(self, drawing: Drawing) -> None:
        self._artifacts.forget(drawing.piece)
        with storage_errors(drawing.home):
            shutil.rmtree(drawing.home, ignore_errors=True)


def save_drawing(drawing: Drawing, keyframe: Keyframe) -> list[Path]:
    """Writes the picture and its layers; returns every file written."""
    with storage_errors(drawing.home):
        drawing.home.mkdir(parents=True, exist_ok=True)
    files = [drawing.home / f"{number}.png" for number in range(len(keyframe.layers))]
    for file, layer in zip(files, keyframe.layers, strict=True):
        write_layer(file, layer.picture)
    facts = drawing.home / "layers.json"
    write_json(facts, {"margin": keyframe.margin, "depths": [float(layer.depth) for layer in keyframe.layers]})
    write_layer(drawing.image, keyframe.image)
    return [*files, facts, drawing.image]


def load_drawing(drawing: Drawing) -> Keyframe:
    from studio.contracts import Keyframe, Layer

    facts = read_json(drawing.home / "layers.json")
    pictures = [read_layer(drawing.home / f"{number}.png") for number in range(len(facts["depths"]))]
    layers = tuple(Layer(picture, depth) for picture, depth in zip(pictures, facts["depths"], strict=True))
    return Keyframe(read_layer(drawing.image), layers, facts["margin"])
