"""report.json of a finished film, in words."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from tabs.markup import duration_words, escape, rows

_TASKS = {
    "image": "Pictures by", "video": "Motion by", "cutout": "Cut-outs by", "inpaint": "Mended by",
    "speech": "Spoken by", "lip_sync": "Lips by", "transcript": "Heard by",
}  # fmt: skip


def report_html(report: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """A page-wide section; `labels` gives a stage's name as the person saw it while it ran."""
    facts = [("Length", duration_words(float(report.get("duration_seconds") or 0)))]
    facts.append(("Sound against picture", _milliseconds(report.get("audio_video_difference_ms"))))
    facts += _cut_facts(report.get("cuts") or [])
    facts += engine_facts(report)
    return (
        '<details class="ks-report"><summary>Report</summary><div class="ks-report-body">'
        f"{rows(facts, 'ks-facts')}{_cut_chart(report)}{timings_html(report.get('timings') or {}, labels)}"
        "</div></details>"
    )


def engine_facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who did what, escaped."""
    names = report.get("engine_titles") or report.get("engines") or {}
    return [(escape(_TASKS.get(task, task)), escape(name)) for task, name in names.items()]


def _milliseconds(value: object) -> str:
    return f"{float(value):.1f} ms apart" if isinstance(value, int | float) else "not measured"


def _errors(cuts: list[Mapping[str, Any]]) -> list[float]:
    return [abs(float(cut["error_ms"])) for cut in cuts if cut.get("error_ms") is not None]


def _cut_facts(cuts: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    errors = _errors(cuts)
    if not errors:
        return [("Cuts", f"{len(cuts)}, none of them on a beat: the song has none" if cuts else "none")]
    words = f"{len(cuts)}, half within {median(errors):.0f} ms of a beat, the farthest {max(errors):.0f} ms"
    return [("Cuts", words)]


def _cut_chart(report: Mapping[str, Any]) -> str:
    """Every cut as a bar along the film, as high as it is far from its beat (full height: 60 ms or the farthest)."""
    length = float(report.get("duration_seconds") or 0)
    cuts = [cut for cut in report.get("cuts") or [] if cut.get("error_ms") is not None]
    if not cuts or length <= 0:
        return ""
    top = max(60.0, *_errors(cuts))
    bars = []
    for cut in cuts:
        error, time = abs(float(cut["error_ms"])), float(cut["time"])
        height = max(3.0, 40 * error / top)
        bars.append(
            f'<rect x="{1000 * time / length:.1f}" y="{44 - height:.1f}" width="4" height="{height:.1f}">'
            f"<title>{time:.2f} s: {error:.1f} ms from the beat</title></rect>"
        )
    return (
        '<figure class="ks-cuts"><svg viewBox="0 0 1004 46" preserveAspectRatio="none" role="img"'
        f' aria-label="Distance of each cut from its beat">{"".join(bars)}</svg>'
        f"<figcaption>Each cut along the film; a bar this high is {top:.0f} ms off its beat</figcaption></figure>"
    )


def timings_html(timings: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    if not timings:
        return ""
    longest = max(0.001, *(float(seconds) for seconds in timings.values()))
    lines = "".join(
        f'<tr><th scope="row">{escape(labels.get(stage, stage))}</th>'
        f'<td><i style="width:{100 * float(seconds) / longest:.1f}%"></i></td>'
        f"<td>{duration_words(float(seconds))}</td></tr>"
        for stage, seconds in timings.items()
    )
    return f'<table class="ks-timings"><caption>Time per stage</caption><tbody>{lines}</tbody></table>'
