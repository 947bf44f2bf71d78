"""What was made, measured: report.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.store.atomic import write_json

if TYPE_CHECKING:
    from studio.media.probe import FilmFacts
    from studio.models.cards import EngineCard
    from studio.music.edit import Cut


@dataclass(frozen=True)
class Findings:
    """`engines` by task; `seconds`: what each stage took in the run that ended, next to nothing for a finished one."""

    film: FilmFacts
    cuts: Sequence[Cut]
    engines: Mapping[str, EngineCard]
    notices: Sequence[str]
    seconds: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        return {
            "duration_seconds": self.film.duration,
            "frame_count": self.film.frame_count,
            "width": self.film.width,
            "height": self.film.height,
            "audio_video_difference_ms": self.film.audio_video_difference_ms,
            "cuts": [cut.to_json() for cut in self.cuts],
            "engines": {task: card.name for task, card in self.engines.items()},
            "engine_titles": {task: card.title for task, card in self.engines.items()},
            "notices": list(self.notices),
            "timings": dict(self.seconds),
        }


def write_report(folder: Path, findings: Findings) -> Path:
    """Writes report.json into `folder`; returns its path."""
    write_json(folder / "report.json", findings.to_json())
    return folder / "report.json"
