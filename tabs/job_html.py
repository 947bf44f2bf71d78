"""The screen side of the Music Video room: what a job looks like while it waits, works, ends.

The elements keep their order from one state to the next, because the page patches them in place: a picture that is
replaced does not flicker, a video that plays goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.store.names import safe_name
from tabs.job_view import JobView, Picture, StageView
from tabs.markup import escape, eta_words, file_url, picture_url
from tabs.report_html import report_html

KEYFRAMES = 7
_TASK_NOTICES = 2  # the newest: it lies over the page
_CHECK = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8.5l3.2 3L13 4.5"/></svg>'

_FILM = (
    '<svg viewBox="0 0 48 48" aria-hidden="true"><rect x="5" y="11" width="38" height="26" rx="4"/>'
    '<path d="M20 18.5v11l9-5.5z"/></svg>'
)


@dataclass(frozen=True)
class Task:
    """Smaller work than the whole that goes on, or went wrong: listening, drawing the storyboard, speaking."""

    goal: str
    state: str
    view: JobView

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")


@dataclass(frozen=True)
class Screen:
    """What is shown of a project. `state` is the job's (queued, running, done, failed, cancelled), "interrupted", or
    "" without one; `title` names the downloads; `report` is report.json's content once there."""

    project: str
    title: str
    state: str
    width: int
    height: int
    view: JobView
    report: Mapping[str, Any] | None = None

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")


def screen_html(screen: Screen) -> str:
    state = screen.state or "empty"
    return (
        f'<section class="ks-screen-side" data-state="{escape(state)}" data-project="{escape(screen.project)}" '
        f'aria-label="Film">'
        f"{_frame(screen)}{progress_html(screen)}{banner_html(screen)}</section>"
    )


def details_html(screen: Screen) -> str:
    """What stands below the screen and its buttons."""
    parts = _downloads(screen), _strip(screen), notices_html(screen), _report(screen)
    return f'<section class="ks-details">{"".join(parts)}</section>'


def task_html(task: Task | None) -> str:
    """Smaller work than a film: a bar that stays in sight, or why it did not work."""
    if task is None:
        return '<div class="ks-task" hidden></div>'
    if task.state == "failed":
        message = (task.view.error or {}).get("message") or "It ended without a reason."
        return f'<div class="ks-task ks-banner ks-bad" role="alert"><p>{escape(message)}</p></div>'
    stage = task.view.stage
    label, share = (stage.label, 100 * stage.share) if stage else ("Starting", 0.0)
    notices = "".join(f"<small>{escape(text)}</small>" for text in task.view.notices[-_TASK_NOTICES:])
    return (
        f'<div class="ks-task" data-goal="{escape(task.goal)}"><strong role="status">{escape(label)}</strong>'
        f"<span>{_count(stage) if stage else ''}</span>"
        f'<progress max="100" value="{share:.0f}" aria-label="{escape(label)}"></progress>'
        f"<em>{escape(eta_words(stage.eta_seconds) if stage else '')}</em>"
        f'<button type="button" data-cancel="yes">Stop</button>{notices}</div>'
    )


def empty_player_html(listening: bool) -> str:
    words = "Listening to the song" if listening else "Choose a song: its beats, sections and moments appear here"
    return f'<div class="ks-player-empty" data-busy="{"yes" if listening else "no"}"><p>{words}</p></div>'


def export_html(screen: Screen) -> str:
    """The link that hands out the whole project."""
    if not screen.project:
        return ""
    address, name = file_url(screen.project, "project.zip", "now"), escape(safe_name(screen.title) + ".zip")
    return f'<a class="ks-export" href="{address}" download="{name}">Export</a>'


def _frame(screen: Screen) -> str:
    ratio = f"--ratio:{screen.width}/{screen.height}"
    return f'<div class="ks-frame" style="{ratio}">{_picture(screen)}{badge_html(screen)}</div>'


def _picture(screen: Screen) -> str:
    view = screen.view
    if screen.state == "done" and view.video:
        poster = f' poster="{picture_url(screen.project, view.keyframes[0])}"' if view.keyframes else ""
        source = picture_url(screen.project, view.video)
        return f'<video controls playsinline preload="metadata" src="{source}"{poster} aria-label="The film"></video>'
    shown = view.preview or (view.keyframes[-1] if view.keyframes else None)
    if shown:
        return f'<img src="{picture_url(screen.project, shown)}" alt="What is being drawn">'
    if screen.active:
        return '<div class="ks-waiting"><span></span><span></span><span></span><span></span><span></span></div>'
    words = "<p>Your film appears here</p><small>A song, a face or two, one sentence: then Render.</small>"
    return f'<div class="ks-empty">{_FILM}{words if not screen.state else ""}</div>'


def badge_html(screen: Screen) -> str:
    words = {"queued": "Waiting its turn", "running": "Live preview"}.get(screen.state, "")
    return f'<span class="ks-badge"{"" if words else " hidden"}>{words}</span>'


def progress_html(screen: Screen) -> str:
    stage = screen.view.stage
    label = stage.label if stage else ("Waiting for the worker" if screen.state == "queued" else "Starting")
    share = stage.share if stage else 0.0
    eta = eta_words(stage.eta_seconds) if stage else ""
    count = _count(stage) if stage else ""
    steps = "".join(f"<li>{_CHECK}{escape(s.label)}</li>" for s in screen.view.stages[:-1])
    return (
        f'<div class="ks-progress"{"" if screen.active else " hidden"}>'
        f'<div class="ks-progress-words"><strong role="status">{escape(label)}</strong><span>{count}</span>'
        f'<em class="ks-eta">{escape(eta)}</em></div>'
        f'<progress max="100" value="{100 * share:.1f}" aria-label="{escape(label)}">{100 * share:.0f} %</progress>'
        f'<ol class="ks-steps">{steps}</ol></div>'
    )


def _count(stage: StageView) -> str:
    """Few steps are counted, many (frames) are a share."""
    if stage.total <= 1:
        return ""
    return f"{int(stage.done)} of {int(stage.total)}" if stage.total <= 20 else f"{int(100 * stage.share)} %"


def banner_html(screen: Screen) -> str:
    if screen.state == "failed":
        message = (screen.view.error or {}).get("message") or "The render ended without a reason."
        words = f"<strong>It did not work</strong><p>{escape(message)}</p>"
        return f'<div class="ks-banner ks-bad" role="alert">{words}</div>'
    if screen.state == "cancelled":
        return _quiet("Stopped", "What is finished is kept: Resume goes on from there.")
    if screen.state == "interrupted":
        return _quiet("Interrupted", "The process that worked on this is gone. Resume goes on where it stopped.")
    return '<div class="ks-banner" hidden></div>'


def _quiet(title: str, words: str) -> str:
    return f'<div class="ks-banner" role="status"><strong>{title}</strong><p>{words}</p></div>'


def _strip(screen: Screen) -> str:
    if not screen.active and not screen.view.keyframes:
        return '<ol class="ks-strip" hidden></ol>'
    known = {_number(k): k for k in screen.view.keyframes}
    cells = "".join(_cell(screen, known.get(n), n) for n in range(1, max([KEYFRAMES, *known]) + 1))
    return f'<ol class="ks-strip" aria-label="Keyframes" style="--ratio:{screen.width}/{screen.height}">{cells}</ol>'


def _cell(screen: Screen, keyframe: Picture | None, number: int) -> str:
    if keyframe is None:
        return f'<li class="ks-blank"><span>{number}</span></li>'
    address = picture_url(screen.project, keyframe)
    small = picture_url(screen.project, keyframe, small=True)
    return (
        f'<li><a href="{address}" target="_blank" rel="noopener" title="Keyframe {number}, full size">'
        f'<img src="{small}" alt="Keyframe {number}"></a></li>'
    )


def _number(keyframe: Picture) -> int:
    digits = "".join(c for c in keyframe.path.rsplit("/", 1)[-1] if c.isdigit())
    return int(digits) if digits else 0


def notices_html(screen: Screen) -> str:
    texts = "".join(f"<li>{escape(text)}</li>" for text in screen.view.notices)
    return f'<ul class="ks-notices" aria-label="Notices"{"" if texts else " hidden"}>{texts}</ul>'


def _downloads(screen: Screen) -> str:
    view = screen.view
    if screen.state != "done" or not view.video:
        return '<nav class="ks-downloads" hidden></nav>'
    version = view.video.version
    links = [
        download_html(screen, picture_url(screen.project, view.video), ".mp4", "Video", "ks-main"),
        download_html(screen, file_url(screen.project, "keyframes.zip", version), " keyframes.zip", "Keyframes", ""),
    ]
    if view.report:
        links.append(download_html(screen, picture_url(screen.project, view.report), " report.json", "Report", ""))
    links.append(about_html(screen, view.video.path))
    return f'<nav class="ks-downloads" aria-label="Downloads">{"".join(links)}</nav>'


def about_html(screen: Screen, file: str) -> str:
    """A link that takes the finished `file` into the video chat room; assets/chat/add.js follows it."""
    return f'<a href="#chat" data-about="{escape(screen.project)}" data-file="{escape(file)}">Ask about it</a>'


def download_html(screen: Screen, address: str, ending: str, words: str, css: str) -> str:
    arrow = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3 13.5h10"/></svg>'
    name = escape(safe_name(screen.title) + ending)
    return f'<a class="{css}" href="{address}" download="{name}">{arrow}{words}</a>'


def _report(screen: Screen) -> str:
    if screen.state != "done" or screen.report is None:
        return ""
    return report_html(screen.report, {stage.name: stage.label for stage in screen.view.stages})
