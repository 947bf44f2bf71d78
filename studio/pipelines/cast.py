"""The characters of a film, freed from their backgrounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.media.layers import read_layer, write_layer
from studio.media.pictures import read_picture
from studio.requests import fingerprint
from studio.store.atomic import read_json, write_json

if TYPE_CHECKING:
    from studio.contracts import Cutout
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Context, Stage
    from studio.store.artifacts import Artifacts

SURE = 0.5
"""From this confidence on a cut-out is pasted; below it the character is shown in a frame (contracts.Cutout)."""


@dataclass(frozen=True)
class Cast:
    """Cut-outs on disk as characters/1.png ..., in the request's order. `key` changes when any of them does."""

    folder: Path
    key: str

    def load(self, index: int) -> Cutout:
        """The cut-out of character `index`, from 0."""
        from studio.contracts import Cutout

        facts = read_json(self.folder / f"{index + 1}.json")
        return Cutout(read_layer(self.folder / f"{index + 1}.png"), facts["confidence"])


def cut_out(context: Context, stage: Stage, artifacts: Artifacts, card: EngineCard, pictures: Sequence[Path]) -> Cast:
    folder = context.project / "characters"
    folder.mkdir(exist_ok=True)
    keys = _keys(card, pictures)
    cast = Cast(folder, cast_key(card, pictures))
    for number, (picture, key) in enumerate(zip(pictures, keys, strict=True), 1):
        target, facts = folder / f"{number}.png", folder / f"{number}.json"
        if artifacts.find(f"character-{number}", key):
            stage.reuse()
        else:
            pixels = read_picture(picture, "--character", context.settings.limits)
            cutout = context.lease(card, lambda engine, p=pixels: engine.cut_out(p, context.cancel))
            write_layer(target, cutout.picture)
            write_json(facts, {"confidence": float(cutout.confidence)})
            artifacts.record(f"character-{number}", key, [target, facts])
        if cast.load(number - 1).confidence < SURE:
            context.notice(
                f"Character {number} could not be freed cleanly from its background, so it is shown in a frame; "
                "a picture with a plain or transparent background works best."
            )
        context.artifact("character", target)
        stage.advance()
    return cast


def cast_key(card: EngineCard, pictures: Sequence[Path]) -> str:
    """Equal for equal pictures cut out by the same engine; their names carry their content's digest."""
    return fingerprint(_keys(card, pictures))


def _keys(card: EngineCard, pictures: Sequence[Path]) -> list[str]:
    return [fingerprint([card.key, picture.name]) for picture in pictures]
