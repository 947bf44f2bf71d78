"""A question about a video, answered from its index: quoted or measured, cited, verified, or refused.

Nothing is said that its evidence does not bear out, and text of the video is only ever quoted: what a sign or a voice
orders is evidence, never an instruction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from studio.index.answers import ABSTAINED, Answer, Citation, Coverage, Draft, Turn, View, coverage
from studio.index.closeness import Corpus
from studio.index.closest import nearest_answer, times_done
from studio.index.counters import asked_of_counter
from studio.index.described import happens_seen, shows, summary_seen
from studio.index.events import event_window
from studio.index.facts import VideoIndex
from studio.index.followups import bare, next_to, readings
from studio.index.grounding import grounded
from studio.index.lookup import look_up, visual
from studio.index.measured import faces, looks, scene_count, scene_time, video_facts, when_cut
from studio.index.mentions import (
    beside,
    compare_order,
    count,
    duration_of,
    edge_item,
    exists,
    gone,
    order,
    said_about,
    said_in,
    text_in,
    when,
)
from studio.index.passages import passages
from studio.index.questions import Question, routed, tidy
from studio.index.retrieval import Vectors
from studio.index.sounds import heard, sounds
from studio.index.times import clock

Handler = Callable[[View, Question], Draft | None]
"""Called with the evidence of the question's window and the question."""

HANDLERS: Mapping[str, tuple[Handler, ...]] = {
    "duration": (video_facts,),
    "resolution": (video_facts,),
    "frame_rate": (video_facts,),
    "scene_count": (scene_count,),
    "when_cut": (when_cut,),
    "scene_time": (scene_time, look_up),
    "summary": (summary_seen,),
    "happens": (happens_seen,),
    "text_in": (text_in, look_up),
    "said_in": (said_in,),
    "said_about": (said_about,),
    "when": (when, look_up, shows),
    "count": (times_done, count),
    "order": (order,),
    "compare_order": (compare_order, look_up),
    "edge_item": (edge_item,),
    "duration_of": (duration_of, look_up),
    "gone": (gone, look_up),
    "exists": (exists, look_up, shows),
    "counter": (asked_of_counter, look_up),
    "sound": (sounds, look_up),
    "heard": (heard,),
    "look": (looks, shows),
    "faces": (faces,),
    "lookup": (look_up, shows),
}
MEASURED = frozenset(
    ("duration", "resolution", "frame_rate", "scene_count", "when_cut", "summary", "sound", "heard", "look", "faces")
)
"""Kinds to which no sentence is the answer."""
_OFTEN = re.compile(
    r"(?:and\s+)?how\s+(?:often|frequently)\s+(?:do|does|did|can|could|should|must|will|is|are|was|were)\b", re.I
)
"""Asks how often a thing is done in the world, maybe, not how often it is spoken of."""
UNSURE = 0.5
"""Confidence below which an answer says that it may be wrong."""
UNKNOWN = (
    "What things and people are, the embedded reader can't tell: it knows scenes, colours, faces, text, speech and "
    "sound. Qwen2.5-VL could, once its weights are fetched"
)


def answer(index: VideoIndex, question: str, history: Sequence[Turn] = (), vectors: Vectors | None = None) -> Answer:
    """The answer to `question`, which may lean on `history`, the conversation so far; with `vectors` sentences are
    compared by their meaning too.

    Raises BadInput for a question that is empty or too long (studio.index.questions.LONGEST characters).
    """
    text = tidy(question)
    whole = View.of(index)
    leaning = _leaning(text, whole, history)
    if leaning is not None:
        return leaning
    first: tuple[Question, Draft | None] | None = None
    meant: list[Question] = []
    for reading in readings(text, history, index):
        asked = event_window(routed(reading, index), whole)
        meant.append(asked)
        draft = _drafted(asked, whole)
        if draft is not None and not draft.abstained:
            return _finished(index, asked, draft)
        first = first or (asked, draft)
    assert first is not None
    counted = first[0].kind == "count" and _OFTEN.match(text) is not None
    corpus = Corpus(whole)
    if first[1] is None or not first[1].text or counted:
        near = _nearest(meant, corpus, vectors)
        if near is not None:
            return _finished(index, *near)
    return _with_passages(_finished(index, *first), first[0], corpus)


def _with_passages(given: Answer, question: Question, corpus: Corpus) -> Answer:
    """A refusal with what comes nearest, where passages could be what was asked for."""
    if not given.abstained or question.kind in MEASURED or (question.window and question.window.beyond):
        return given
    return replace(given, near=passages(corpus.whole.within(question.window), question, corpus))


def _nearest(meant: Sequence[Question], corpus: Corpus, vectors: Vectors | None) -> tuple[Question, Draft] | None:
    """The answer that comes nearest to one of the question's readings."""
    whole = corpus.whole
    for question in meant:
        if question.kind in MEASURED or (question.window is not None and question.window.beyond):
            continue
        draft = nearest_answer(whole.within(question.window), question, corpus, vectors)
        if draft is not None and (draft.measured or grounded(draft)):
            return question, draft
    # "at the end" may be the recipe's end, not the video's
    for question in meant:
        if question.window is not None and question.window.kind == "edge" and question.kind not in MEASURED:
            anywhere = replace(question, rest=question.text, window=None)
            draft = nearest_answer(whole, anywhere, corpus, vectors)
            if draft is not None and (draft.measured or grounded(draft)):
                return anywhere, draft
    return None


def _drafted(question: Question, whole: View) -> Draft | None:
    """The first draft of the question's handlers that its evidence bears out."""
    if question.window is not None and question.window.beyond:
        return Draft(_beyond(question, whole), abstained=True)
    view = whole.within(question.window)
    refused: Draft | None = None
    for handler in HANDLERS[question.kind]:
        draft = handler(view, question)
        if draft is not None and not draft.abstained and (draft.measured or grounded(draft)):
            return draft
        refused = refused or draft
    return refused if refused is not None and refused.abstained else None


def _beyond(question: Question, whole: View) -> str:
    assert question.window is not None
    if question.window.kind == "scene":
        return f"{ABSTAINED}: it has {len(whole.index.scenes)} scenes"
    return f"{ABSTAINED}: it is {clock(whole.index.video.duration)} long"


def _leaning(text: str, whole: View, history: Sequence[Turn]) -> Answer | None:
    """The answer to a question that is nothing without the one before it; None for every other question."""
    cited = next((turn.answer.citations for turn in reversed(history[-3:]) if turn.answer.citations), ())
    if not cited:
        return None
    side, word = next_to(text), bare(text)
    asked = Question(text, text, "order")
    if side:
        edge = (
            (min(one.start for one in cited), max(one.start for one in cited))
            if side == "before"
            else (cited[-1].start, cited[-1].end)
        )
        sources = (
            (cited[-1].source,) if cited[-1].source in ("transcript", "screen_text") else ("transcript", "screen_text")
        )
        draft = beside(whole, edge, side == "before", sources) or beside(
            whole, edge, side == "before", ("transcript", "screen_text")
        )
        return _finished(whole.index, asked, draft)
    if word == "when":
        times = ", ".join(f"[{clock(one.start)}]" for one in cited)
        return _finished(whole.index, asked, Draft(f"At {times}.", tuple(cited), 0.8, measured=True))
    if word:
        return _finished(whole.index, asked, _asked_of(word, cited, whole))
    return None


def _asked_of(word: str, cited: Sequence[Citation], whole: View) -> Draft | None:
    """What the cited sentences, or those right after them, say to a bare question word."""
    near = [one for one in whole.of_source("transcript", "screen_text")
            if any(one.start <= each.end + 0.5 and one.end >= each.start - 0.5 for each in cited)]  # fmt: skip
    from studio.index.answers import cite, marks, quoted
    from studio.index.spans import spans, wanted

    for one in [*near, *(after for each in near if (after := whole.neighbour(each, 1)) is not None)]:
        if spans(one.text, wanted(word + " is it"), frozenset()):
            return Draft(f"{quoted(one)}{marks([cite(one)])}.", (cite(one),), 0.7 * one.confidence)
    return None


def _finished(index: VideoIndex, question: Question, draft: Draft | None) -> Answer:
    seen = coverage(index, question)
    if draft is None or draft.abstained:
        why = draft.text if draft is not None and draft.text else _refusal(question, seen, _is_described(index))
        return Answer(f"{why.rstrip('.')}.", True, 0.0 if seen.whole else 0.2, seen)
    text, confidence = draft.text, min(1.0, max(0.0, draft.confidence))
    if not seen.whole:
        text = f"{text} Read so far: {clock(seen.seen_seconds)} of {clock(seen.total_seconds)}."
        confidence *= 0.5 + 0.5 * seen.seen_seconds / max(seen.total_seconds, 1e-6)
    if confidence < UNSURE:
        text = f"{text} This is not certain."
    return Answer(text, False, confidence, seen, draft.citations)


def _refusal(question: Question, seen: Coverage, described: bool) -> str:
    if not seen.whole:
        return f"That is not in the part read so far ({clock(seen.seen_seconds)} of {clock(seen.total_seconds)})"
    if question.kind == "lookup" and visual(question.text):
        unread = f"{ABSTAINED} as far as it can be read. {UNKNOWN}"
        return f"{ABSTAINED} as far as its pictures were described" if described else unread
    if question.topic and question.kind in ("count", "exists", "when", "said_about"):
        return f"{ABSTAINED}: “{question.topic[:80]}” is neither said nor shown"
    return ABSTAINED


def _is_described(index: VideoIndex) -> bool:
    return any(scene.description for scene in index.scenes)


def with_notice(given: Answer, notice: str) -> Answer:
    return replace(given, notices=(*given.notices, notice))


def plain(text: str) -> str:
    """An answer's words without its time marks."""
    return re.sub(r"\s*\[\d+(?::\d\d)+\]", "", text)
