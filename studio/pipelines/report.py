"""What was made, measured: report.json for programs, report.html for people."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.store.atomic import write_json, write_text

if TYPE_CHECKING:
    from studio.media.probe import FilmFacts
    from studio.music.edit import Cut

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Report</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; font-variant-numeric: tabular-nums }}
td, th {{ text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8883 }}
</style>
<h1>How this film was made</h1>
{body}
</html>
"""


@dataclass(frozen=True)
class Findings:
    """`seconds`: what each stage took in the run that ended; a stage found finished took next to nothing."""

    film: FilmFacts
    cuts: Sequence[Cut]
    engines: Mapping[str, str]
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
            "engines": dict(self.engines),
            "notices": list(self.notices),
            "timings": dict(self.seconds),
        }


def write_report(folder: Path, findings: Findings) -> Path:
    """Writes both into `folder`; returns the path of report.json."""
    body = findings.to_json()
    write_text(folder / "report.html", _PAGE.format(body=render_report(body)))
    write_json(folder / "report.json", body)
    return folder / "report.json"


def render_report(body: Mapping[str, Any]) -> str:
    """The report as HTML for a page to hold: figures, cuts, engines, notices, seconds per stage."""
    errors = [abs(cut["error_ms"]) for cut in body["cuts"] if cut["error_ms"] is not None]
    figures = [
        ("Length", f"{body['duration_seconds']:.3f} s, {body['frame_count']} frames"),
        ("Picture", f"{body['width']} × {body['height']}"),
        ("Difference of sound and picture", f"{body['audio_video_difference_ms']:.1f} ms"),
        ("Cuts", str(len(body["cuts"]))),
    ]
    if errors:
        figures.append(("Cut to beat", f"{sum(errors) / len(errors):.1f} ms on average, {max(errors):.1f} ms at most"))
    elif body["cuts"]:
        figures.append(("Cut to beat", "no beat was found; cuts fall on sections and accents"))
    parts = [_table(figures), "<h2>Engines</h2>", _table(sorted(body["engines"].items()))]
    if body["notices"]:
        notices = "".join(f"<li>{html.escape(text)}</li>" for text in body["notices"])
        parts.append(f"<h2>Notices</h2><ul>{notices}</ul>")
    parts += ["<h2>Seconds per stage</h2>", _table([(name, f"{s:.1f} s") for name, s in body["timings"].items()])]
    return "\n".join(parts)


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"
