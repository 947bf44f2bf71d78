"""The conversation: questions, answers with their times as buttons, each with its quote and picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tabs.markup import escape, file_url

_MARK = re.compile(r"\[(\d+(?::\d\d)+)\]")
_UNSURE = 0.5
_SOURCES = {
    "transcript": "Said",
    "screen_text": "On the screen",
    "scene": "Seen",
    "frame": "Seen",
    "sound": "Heard",
}
_EMPTY = (
    '<div class="ks-talk-empty"><svg viewBox="0 0 48 48" aria-hidden="true">'
    '<path d="M8 10h32v22H22l-8 7v-7H8z"/><path d="M16 18h16M16 24h10"/></svg><p>{}</p></div>'
)


@dataclass(frozen=True)
class Home:
    """Where a conversation is: its session, and the names of that one's videos by number."""

    session: str = ""
    videos: Mapping[int, str] = field(default_factory=dict)


def talk_html(home: Home, turns: Sequence[Any], suggestions: Sequence[str], empty: str) -> str:
    """`turns` as studio.store.conversation keeps them; `empty` is said while there is none, unless it is ""."""
    told = "".join(_turn(home, turn) for turn in turns) or (_EMPTY.format(escape(empty)) if empty else "")
    return (
        f'<section class="ks-talk" aria-label="Conversation" aria-live="polite">{told}{_asked(suggestions)}</section>'
    )


def pending_html(question: str, said: str) -> str:
    """A question that is being answered, with as much of the answer as stands."""
    if not question:
        return ""
    words = f"<p>{_plain(said)}</p>" if said else '<p class="ks-thinking"><i></i><i></i><i></i></p>'
    answer = f'<div class="ks-answer" aria-busy="true">{words}</div>'
    turn = f'<article class="ks-turn">{_question(question)}{answer}</article>'
    return f'<section class="ks-talk ks-pending">{turn}</section>'


def _asked(suggestions: Sequence[str]) -> str:
    if not suggestions:
        return ""
    buttons = "".join(f'<button type="button" data-ask="{escape(one)}">{escape(one)}</button>' for one in suggestions)
    return f'<div class="ks-asks" aria-label="Questions to begin with">{buttons}</div>'


def _turn(home: Home, turn: Any) -> str:
    answer: Mapping[str, Any] = turn.answer
    citations: Sequence[Mapping[str, Any]] = answer["citations"]
    said, cited = _with_marks(home, answer["answer"], citations)
    more = "".join(_cite(home, one) for at, one in enumerate(citations) if at not in cited)
    rest = (f'<p class="ks-cites">{more}</p>' if more else "") + _near(home, answer)
    unsure = not answer["abstained"] and answer["confidence"] < _UNSURE
    notes = [*(["Not certain: look at the moment yourself."] if unsure else []), *turn.notices]
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes)
    told = f'<ul class="ks-notices">{listed}</ul>' if notes else ""
    by = f"<small>{escape(turn.engine)}</small>" if turn.engine != "embedded" else ""
    state = "abstained" if answer["abstained"] else "unsure" if unsure else "sure"
    return (
        f'<article class="ks-turn" data-turn="{escape(turn.id)}">{_question(turn.question)}'
        f'<div class="ks-answer" data-state="{state}"><p>{said}</p>{rest}{told}{by}</div></article>'
    )


def _near(home: Home, answer: Mapping[str, Any]) -> str:
    """What comes nearest to a question that is not answered."""
    passages = answer.get("near", ())
    if not passages:
        return ""
    items = "".join(f"<li>{_cite(home, one)}<q>{escape(one['quote'][:200])}</q></li>" for one in passages)
    return f'<div class="ks-near"><b>Nearest to it</b><ul>{items}</ul></div>'


def _question(text: str) -> str:
    return f'<p class="ks-question">{escape(text)}</p>'


def _with_marks(home: Home, text: str, citations: Sequence[Mapping[str, Any]]) -> tuple[str, set[int]]:
    """The answer with each [m:ss] as the button of its citation, and which citations that used up."""
    used: set[int] = set()
    parts: list[str] = []
    end = 0
    for mark in _MARK.finditer(text):
        seconds = _seconds(mark[1])
        at = _nearest(seconds, citations, used)
        parts.append(escape(text[end : mark.start()]))
        if at is None:
            parts.append(escape(mark[0]))
        else:
            used.add(at)
            parts.append(_cite(home, citations[at]))
        end = mark.end()
    return "".join([*parts, escape(text[end:])]), used


def _plain(text: str) -> str:
    return _MARK.sub(r"<time>\1</time>", escape(text))


def _nearest(seconds: int, citations: Sequence[Mapping[str, Any]], used: set[int]) -> int | None:
    """The citation that begins in that second, one that was not shown yet before the others."""
    fitting = [at for at, one in enumerate(citations) if int(one["start"]) == seconds]
    return min(fitting, key=lambda at: at in used, default=None)


def _seconds(mark: str) -> int:
    total = 0
    for part in mark.split(":"):
        total = 60 * total + int(part)
    return total


def _cite(home: Home, one: Mapping[str, Any]) -> str:
    start = float(one["start"])
    source = _SOURCES.get(one["source"], "Evidence")
    number = int(one["video"])
    several = len(home.videos) > 1
    of = f" in {escape(home.videos.get(number, f'video {number}'))}" if several else ""
    badge = f"<i>{number}</i>" if several else ""
    picture = (
        f'<img src="{file_url(home.session, one["frame"], "1")}" alt="" loading="lazy">' if one.get("frame") else ""
    )
    words = f"<q>{escape(one['quote'][:280])}</q>" if one["quote"] else ""
    return (
        f'<span class="ks-cite"><button type="button" data-time="{start:g}" data-video="{number}" '
        f'aria-label="{source}{of} at {clock(start)}: play from there">{badge}{clock(start)}</button>'
        f'<span class="ks-cite-card" role="tooltip">{picture}'
        f"<b>{source}{of}, {clock(start)} to {clock(float(one['end']))}</b>{words}</span></span>"
    )


def clock(seconds: float) -> str:
    """83.4 -> "1:23", 4000 -> "1:06:40"."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
