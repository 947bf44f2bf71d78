"""The message itself: what is seen while it is made, the first talking seconds, the finished film and its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.store.atomic import read_json
from tabs.job_html import Screen, about_html, badge_html, banner_html, download_html, notices_html, progress_html
from tabs.job_view import Picture
from tabs.markup import duration_words, escape, file_url, picture_url, rows, when_words
from tabs.report_html import engine_facts, timings_html

_FACE = (
    '<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="17" fill="none"/>'
    '<path d="M15 28c5 9 13 9 18 0z"/></svg>'
)


def message_html(screen: Screen, first: Picture | None) -> str:
    """`first`: the first talking seconds, while the rest is made."""
    state = screen.state or "empty"
    ratio = f"--ratio:{screen.width}/{screen.height}"
    return (
        f'<section class="ks-screen-side" data-state="{escape(state)}" data-project="{escape(screen.project)}" '
        f'aria-label="Message"><div class="ks-frame" style="{ratio}">{_picture(screen, first)}'
        f"{badge_html(screen)}</div>{progress_html(screen)}{banner_html(screen)}</section>"
    )


@dataclass(frozen=True)
class Version:
    """A message the project has had: versions/NN.mp4, when it was made (ISO 8601) and what it says."""

    number: int
    made: str
    words: str


def read_versions(home: Path) -> tuple[Version, ...]:
    """The newest first; () before there is one."""
    listed = home / "versions" / "versions.json"
    body = read_json(listed) if listed.is_file() else []
    return tuple(Version(one["number"], one["made"], one["words"]) for one in reversed(body))


def message_details_html(screen: Screen, versions: Sequence[Version] = ()) -> str:
    """What stands below the screen and its buttons."""
    parts = _downloads(screen), notices_html(screen), _versions(screen, versions), _report(screen)
    return f'<section class="ks-details">{"".join(parts)}</section>'


def _versions(screen: Screen, versions: Sequence[Version]) -> str:
    if len(versions) < 2:
        return ""
    lines = "".join(
        f'<li><a href="{file_url(screen.project, f"versions/{one.number:02d}.mp4", one.made)}" target="_blank" '
        f'rel="noopener"><b>{one.number}</b> {escape(one.words[:80])}</a>'
        f"<time>{escape(when_words(one.made))}</time></li>"
        for one in versions
    )
    return f'<details class="ks-report"><summary>Versions</summary><ol class="ks-made">{lines}</ol></details>'


def _picture(screen: Screen, first: Picture | None) -> str:
    view = screen.view
    if screen.state == "done" and view.video:
        source = picture_url(screen.project, view.video)
        return f'<video controls playsinline preload="metadata" src="{source}" aria-label="The message"></video>'
    if first:
        source = picture_url(screen.project, first)
        return f'<video src="{source}" autoplay muted loop playsinline aria-label="The first seconds"></video>'
    if view.preview:
        return f'<img src="{picture_url(screen.project, view.preview)}" alt="What is being made">'
    if screen.active:
        return '<div class="ks-waiting"><span></span><span></span><span></span><span></span><span></span></div>'
    words = "<p>Your message appears here</p><small>A photo, a sentence: then Make the message.</small>"
    return f'<div class="ks-empty">{_FACE}{words if not screen.state else ""}</div>'


def _downloads(screen: Screen) -> str:
    view = screen.view
    if screen.state != "done" or not view.video:
        return '<nav class="ks-downloads" hidden></nav>'
    version = view.video.version
    links = [
        download_html(screen, picture_url(screen.project, view.video), ".mp4", "Video", "ks-main"),
        download_html(screen, file_url(screen.project, "speech.wav", version), ".wav", "Sound", ""),
        download_html(screen, file_url(screen.project, "cutout.png", version), ".png", "Cut-out", ""),
    ]
    if any(stage.name == "transparent" for stage in view.stages):
        address = file_url(screen.project, "message.webm", version)
        links.append(download_html(screen, address, ".webm", "Transparent video", ""))
    if view.report:
        links.append(download_html(screen, picture_url(screen.project, view.report), " report.json", "Report", ""))
    links.append(about_html(screen, view.video.path))
    return f'<nav class="ks-downloads" aria-label="Downloads">{"".join(links)}</nav>'


def _report(screen: Screen) -> str:
    report = screen.report
    if screen.state != "done" or report is None:
        return ""
    speech, lips = report.get("speech") or {}, report.get("lip_sync") or {}
    facts = [
        ("Length", duration_words(float(report.get("duration_seconds") or 0))),
        ("Sound against picture", _measured(report.get("audio_video_difference_ms"), "{:.1f} ms apart")),
        ("Likeness of the voice", _measured(speech.get("speaker_similarity"), "{:.2f} of 1")),
        ("Words misheard", _measured(speech.get("word_error_rate"), "{:.0%} by a recogniser")),
        ("Quality of the sound", _measured(speech.get("dnsmos"), "{:.1f} of 5 (DNSMOS)")),
        ("Lips with the sound", _lips(lips)),
        *engine_facts(report),
    ]
    labels = {stage.name: stage.label for stage in screen.view.stages}
    return (
        '<details class="ks-report"><summary>Report</summary><div class="ks-report-body">'
        f"{rows(facts, 'ks-facts')}{timings_html(report.get('timings') or {}, labels)}</div></details>"
    )


def _measured(value: object, words: str) -> str:
    return words.format(float(value)) if isinstance(value, int | float) else "not measured"


def _lips(lips: Mapping[str, Any]) -> str:
    if lips.get("correlation") is None:
        return "not measured"
    return f"correlation {float(lips['correlation']):.2f}, {float(lips.get('lag_ms') or 0):+.0f} ms"
