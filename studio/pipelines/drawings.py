"""Drawings on disk: a picture, the layers it is made of for the motion that follows, and the engine that draws it.

Every drawing is kept under the key of what it was made from, so that an earlier version is there the moment it is
asked for again; `keyframes/01.png` ... are copies of those the film uses.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.atomic import atomic_path, storage_errors
from studio.media.layers import read_layer, write_layer
from studio.requests import fingerprint
from studio.store.atomic import read_json, write_json
from studio.store.steered import Steered, Turn, steered_words, turn_words
from studio.store.versions import Version, Versions

if TYPE_CHECKING:
    from studio.contracts import ImageEngine, Keyframe, PaintRequest, Size
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


def drawing_key(
    planned: Planned, engine: str, size: tuple[int, int], cast: str, options: Mapping[str, Any] | None = None
) -> str:
    """Equal for shots that look the same. `engine` and `cast` are the keys of the engine's card and the cut-outs;
    `size` is width and height in pixels; `options` the engine's."""
    shot = {name: value for name, value in planned.shot.to_json().items() if name not in _NOT_DRAWN}
    # without options it is the key that drawings had before there were any
    return fingerprint([engine, shot, asdict(planned.style), list(size), cast, *([options] if options else [])])


@dataclass(frozen=True)
class Sheet:
    """What is drawn with and how large. `steered`: whether a person may change their mind meanwhile."""

    card: EngineCard
    size: Size
    options: Mapping[str, Any]
    steered: bool = False


@dataclass(frozen=True)
class Wanted:
    """A drawing to be made; `preview` names its small picture. `of`: the keyframe that it is a further view of."""

    planned: Planned
    preview: str
    of: Planned | None = None

    @property
    def title(self) -> str:
        """What a person calls it."""
        shot = f"shot {self.planned.shot.index + 1}"
        return f"a further view of {shot}" if self.of else shot


class Drawer:
    """Draws planned shots with one engine, each once; several at a time where the engine does that."""

    def __init__(self, context: Context, artifacts: Artifacts, sheet: Sheet, cast: Cast) -> None:
        self._context, self._artifacts, self._sheet, self._cast = context, artifacts, sheet, cast
        self._steered = Steered(context.project)

    def draw(self, planned: Planned, stage: Stage, preview: str, anew: bool = False) -> Drawing:
        """The shot's drawing, made unless it is there or wanted `anew`; `preview` names its small picture."""
        return next(self.draw_all([Wanted(planned, preview)], stage, anew))

    def draw_all(self, wanted: Sequence[Wanted], stage: Stage, anew: bool = False) -> Iterator[Drawing]:
        """The shots' drawings in their order, each as soon as it is there; made as by `draw`. One that was steered
        while it was drawn is kept, with a notice, unless it is wanted `anew`."""
        keys = [self._key(each.planned) for each in wanted]
        made: dict[str, Drawing] = {}
        missing: dict[str, Wanted] = {}
        for key, each in zip(keys, wanted, strict=True):
            found = None if anew or key in missing else made.get(key) or self._find(key, each)
            if found:
                made[key] = found
            else:
                missing.setdefault(key, each)
        fresh = set(missing)
        for key in keys:
            if key not in fresh:
                stage.reuse()
            fresh.discard(key)
            while key not in made:
                made |= self._paint([(other, each) for other, each in missing.items() if other not in made], stage)
            yield made[key]

    def _key(self, planned: Planned) -> str:
        """Of the drawing as set."""
        sheet, size = self._sheet, (self._sheet.size.width, self._sheet.size.height)
        return drawing_key(planned, sheet.card.key, size, self._cast.key, sheet.options)

    def _find(self, key: str, wanted: Wanted) -> Drawing | None:
        """The finished drawing that stands for `key`."""
        for standing in dict.fromkeys((self._steered.standing(key), key)):
            drawing = Drawing(self._context.project, standing)
            if self._artifacts.find(drawing.piece, standing):
                if standing != key:
                    how = steered_words(self._steered.turns(standing))
                    self._context.notice(f"{wanted.title.capitalize()} is kept as it was steered, {how}")
                return drawing
        return None

    def _paint(self, waiting: Sequence[tuple[str, Wanted]], stage: Stage) -> dict[str, Drawing]:
        """Makes the first of `waiting`, as many as the engine draws at once: {key as set: drawing}."""
        context = self._context

        def paint(engine: ImageEngine) -> list[tuple[Keyframe, list[Turn]]]:
            turns: list[list[Turn]] = [[] for _ in waiting[: engine.batch]]
            now = [self._request(each, stage, log) for (_, each), log in zip(waiting, turns, strict=False)]

            def progress(done: int, total: int) -> None:
                stage.report(len(now) * min(1.0, done / max(1, total)))

            return list(zip(engine.paint_many(now, progress, context.cancel), turns, strict=True))

        painted = context.lease(self._sheet.card, paint)
        made = {}
        for (key, each), (keyframe, turns) in zip(waiting, painted, strict=False):
            made[key] = self._save(key, each, keyframe, turns)
            stage.preview(each.preview, keyframe.image, force=True)
        return made

    def _save(self, key: str, wanted: Wanted, keyframe: Keyframe, turns: Sequence[Turn]) -> Drawing:
        """A drawing that was steered is not what its settings say, and has a key that says so."""
        name = fingerprint([key, [asdict(turn) for turn in turns]]) if turns else key
        drawing = Drawing(self._context.project, name)
        files = save_drawing(drawing, keyframe)
        if turns:
            files.append(self._steered.keep(key, name, turns, self._key(wanted.of) if wanted.of else ""))
        self._artifacts.record(drawing.piece, name, files)
        return drawing

    def _request(self, wanted: Wanted, stage: Stage, turns: list[Turn]) -> PaintRequest:
        from studio.contracts import PaintRequest

        shot, context = wanted.planned.shot, self._context

        def noted(step: int, steps: int, values: Mapping[str, Any]) -> None:
            turns.append(Turn(step, steps, dict(values)))
            context.notice(f"From step {step} of {steps}, {wanted.title} is drawn {turn_words(turns[-1])}")

        return PaintRequest(
            shot=shot,
            style=wanted.planned.style,
            size=self._sheet.size,
            seed=shot.seed,
            characters=tuple(self._cast.load(index) for index in shot.characters),
            options=self._sheet.options,
            show=partial(stage.preview, wanted.preview),
            steer=context.controls.read if self._sheet.steered else None,
            noted=noted,
            tell=context.notice,
        )

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
