"""What is heard beside the words: music, silence, speech, noise, and how loud it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.index.answers import Citation, Draft, View
from studio.index.facts import SoundSpan
from studio.index.mentions import listing
from studio.index.questions import Question
from studio.index.times import clock

_KINDS = (
    (r"\bmusic|\bsongs?\b|\bmelod|\bsoundtrack\b", "music", "music"),
    (r"\bsilen\w*|\bno\s+sound\b|\bnothing\s+(?:is\s+)?heard\b", "silence", "silence"),
    (r"\bloud\s+(?:noise|sound|event|bang)|\bbang|\bcrash|\bexplo", "loud event", "a loud event"),
    (r"\bspeech\b|\bspeak\w*|\btalk\w*|\bvoices?\b|\bsays?\b", "speech", "speech"),
    (r"\bnois[ey]", "noise", "noise"),
)
MOST = 6


def sounds(view: View, question: Question) -> Draft | None:  # noqa: PLR0911 - one a kind of question
    text = question.text.casefold()
    video = view.index.video
    span = question.window
    spans = [one for one in view.index.sounds if span is None or span.overlaps(one.start, one.end)]
    everything = Citation(0.0, video.duration, "sound", "", video.duration / 2)
    polar = re.match(r"^(?:is|are|does|do|did|was|were|has|can)\b", text) is not None
    if not video.has_sound:
        return Draft(
            "No. The video has no sound track." if polar else "The video has no sound track.",
            (everything,),
            0.95,
            measured=True,
        )
    if (
        polar
        and re.search(r"\b(?:sound|audio|soundtrack)\W*$|\bsound\s*track\b", text)
        and not re.search(r"\bmusic\b", text)
        and span is None
    ):
        return Draft("Yes. The video has a sound track.", (everything,), 0.95, measured=True)
    if not spans:
        return None
    if re.search(r"\bloud(?:est|er)\b|\bquiet(?:est|er)\b|\bvolume\b|\bloudness\b", text):
        return _level(spans, quiet="quiet" in text)
    kind, name = next(((kind, name) for pattern, kind, name in _KINDS if re.search(pattern, text)), ("", ""))
    if not kind and "quiet" in text:
        kind, name = "silence", "silence"
    if not kind:
        return _kinds(spans)
    hits = _joined([one for one in spans if one.kind == kind])
    if not hits:
        where = " there" if span is not None else " in this video"
        return Draft(
            f"No {name.removeprefix('a ')} is heard{where}."
            if not polar
            else f"No. No {name.removeprefix('a ')} is heard{where}.",
            (),
            0.75,
            abstained=not polar,
            measured=True,
        )
    return _timed(hits, (name, polar), text)


def heard(view: View, question: Question) -> Draft | None:
    """All that is heard in a stretch: its sounds and what is said."""
    span = question.window
    spans = [one for one in view.index.sounds if span is None or span.overlaps(one.start, one.end)]
    said = view.of_source("transcript")
    parts, citations = [], []
    if spans:
        kinds = _kinds(spans)
        parts.append(kinds.text)
        citations += kinds.citations
    if said:
        told = listing(said, span, "It is said", most=3)
        parts.append(told.text)
        citations += told.citations
    return Draft(" ".join(parts), tuple(citations), 0.85, measured=True) if parts else None


def _timed(hits: Sequence[SoundSpan], named: tuple[str, bool], text: str) -> Draft:
    name, polar = named
    subject = f"{name[:1].upper()}{name[1:]}"
    total = sum(one.end - one.start for one in hits)
    if re.search(r"\bhow\s+long\b|\btotal\b|\bhow\s+many\s+(?:seconds|minutes)\b", text):
        return Draft(f"{subject} lasts {total:.0f} seconds in all{_listed(hits)}.", _cited(hits), 0.85, measured=True)
    if re.search(r"\bhow\s+(?:many|often)\b", text):
        return Draft(f"{len(hits)} time{'s' * (len(hits) != 1)}{_listed(hits)}.", _cited(hits), 0.8, measured=True)
    if re.search(r"\b(?:end|ends|ended|stop|stops|stopped|finish\w*)\b", text):
        chosen = hits[-1:] if re.search(r"\blast\b|\bfinally\b", text) or len(hits) == 1 else hits[:1]
        last = hits[-1]
        rest = f"; the last time at [{clock(last.end)}]" if len(hits) > 1 and chosen[0] is not last else ""
        return Draft(
            f"{subject} stops at [{clock(chosen[0].end)}]{rest}.",
            _cited([*chosen, *(hits[-1:] if rest else [])]),
            0.85,
            measured=True,
        )
    if re.search(r"\b(?:start|starts|started|begin|begins|began|first)\b", text):
        if re.search(r"\bagain\b|\bsecond\s+time\b", text):
            hits = hits[1:]
        elif re.search(r"\blast\b", text):
            hits = hits[-1:]
        if not hits:
            return Draft("", abstained=True)
        return Draft(f"{subject} starts at [{clock(hits[0].start)}].", _cited(hits[:1]), 0.88, measured=True)
    if re.search(r"\blast\b", text):
        hits = hits[-1:]
    lead = "Yes. " if polar else ""
    return Draft(f"{lead}{subject} is heard{_listed(hits)}.", _cited(hits), 0.85, measured=True)


def _joined(spans: Sequence[SoundSpan]) -> list[SoundSpan]:
    """Spans of one kind that touch, as one."""
    joined: list[SoundSpan] = []
    for one in spans:
        if joined and one.start - joined[-1].end < 0.5:
            before = joined.pop()
            joined.append(SoundSpan(before.start, one.end, one.kind, max(before.level, one.level)))
        else:
            joined.append(one)
    return joined


def _level(spans: Sequence[SoundSpan], quiet: bool) -> Draft:
    audible = [one for one in spans if one.kind != "silence"] or list(spans)
    one = min(spans, key=lambda each: each.level) if quiet else max(audible, key=lambda each: each.level)
    word = "quietest" if quiet else "loudest"
    told = f"The {word} part is from [{clock(one.start)}] to {clock(one.end)} ({one.kind}, {one.level:.0f} dBFS)."
    return Draft(told, _cited([one]), 0.85, measured=True)


def _kinds(spans: Sequence[SoundSpan]) -> Draft:
    kinds = dict.fromkeys(one.kind for one in spans)
    first = [next(one for one in spans if one.kind == kind) for kind in kinds][:MOST]
    told = ", ".join(f"{one.kind} [{clock(one.start)}]" for one in first)
    return Draft(f"There is {told}.", _cited(first), 0.8, measured=True)


def _listed(hits: Sequence[SoundSpan]) -> str:
    told = ", ".join(f"[{clock(one.start)}] to {clock(one.end)}" for one in hits[:MOST])
    more = f" and {len(hits) - MOST} more times" if len(hits) > MOST else ""
    return f": {told}{more}"


def _cited(hits: Sequence[SoundSpan]) -> tuple[Citation, ...]:
    return tuple(
        Citation(one.start, one.end, "sound", f"{one.kind}, {one.level:.0f} dBFS", (one.start + one.end) / 2)
        for one in hits[:MOST]
    )
