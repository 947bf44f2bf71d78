"""Small pieces of HTML and the words for times. Everything from outside goes through `escape`."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from urllib.parse import quote

from tabs.job_view import Picture


def escape(value: object) -> str:
    """`value` as text that is safe inside an element and inside a quoted attribute."""
    return html.escape("".join(c if c.isprintable() else " " for c in str(value)), quote=True)


def look_url(style: str) -> str:
    """Address of the picture that shows a style."""
    return f"looks/{quote(style, safe='')}.jpg"


def file_url(project: str, path: str, version: str, query: str = "") -> str:
    """Where `tabs.files` serves a project's file, relative to the page; fit for a quoted attribute."""
    address = f"media/{quote(project, safe='')}/{quote(path)}?v={quote(version, safe='')}"
    return html.escape(address + query, quote=True)


def picture_url(project: str, picture: Picture, small: bool = False) -> str:
    return file_url(project, picture.path, picture.version, "&small=1" if small else "")


def duration_words(seconds: float) -> str:
    """29.6 -> "29.6 s", 83 -> "1 min 23 s", 4000 -> "1 h 7 min"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def eta_words(seconds: float | None) -> str:
    """Rough on purpose: an estimate that names single seconds looks more certain than it is. "" when unknown."""
    if seconds is None:
        return ""
    if seconds < 5:
        return "a few seconds left"
    if seconds < 55:
        return f"about {5 * round(seconds / 5)} seconds left"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} minute{'s' * (minutes > 1)} left"
    hours = round(minutes / 30) / 2
    return f"about {hours:g} hour{'s' * (hours > 1)} left"


def when_words(stamp: str, now: datetime | None = None) -> str:
    """An ISO 8601 time as a person says it: "just now", "12 min ago", "3 h ago", "5 days ago", "4 Mar 2026"."""
    try:
        then = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return ""
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    minutes = ((now or datetime.now(UTC)) - then).total_seconds() / 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{int(minutes)} min ago"
    if minutes < 24 * 60:
        return f"{int(minutes // 60)} h ago"
    if minutes < 14 * 24 * 60:
        days = int(minutes // (24 * 60))
        return "yesterday" if days == 1 else f"{days} days ago"
    return f"{then.day} {then:%b %Y}"


def rows(pairs: list[tuple[str, str]], css: str) -> str:
    """A definition list of (term, description); both already escaped."""
    body = "".join(f"<div><dt>{term}</dt><dd>{text}</dd></div>" for term, text in pairs)
    return f'<dl class="{css}">{body}</dl>'
