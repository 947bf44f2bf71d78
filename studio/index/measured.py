"""Answers that are measured rather than quoted: the video itself, its scenes, what they look like, its summary."""
# ruff: noqa: E501 - a pattern is read as one line

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from studio.index.answers import Citation, Draft, View, cite
from studio.index.evidence import Evidence, look
from studio.index.facts import Scene
from studio.index.lexicon import FIRST_ORDINALS
from studio.index.mentions import listing
from studio.index.palette import COLOURS, like
from studio.index.questions import Question
from studio.index.retrieval import Bm25
from studio.index.times import Window, clock, scene_number
from studio.index.words import content, tokens


def video_facts(view: View, question: Question) -> Draft | None:
    video = view.index.video
    everything = (Citation(0.0, video.duration, "frame", "", video.duration / 2),)
    if question.kind == "duration":
        text = f"The video is {_length(video.duration)} long ({clock(video.duration)})."
    elif question.kind == "frame_rate":
        text = f"The video has {video.fps:.2f}".rstrip("0").rstrip(".") + " frames a second."
    else:
        shape = "landscape" if video.width > video.height else "portrait" if video.height > video.width else "square"
        text = f"The picture is {video.width} x {video.height} pixels ({shape})."
    return Draft(text, everything, 0.99, measured=True)


def _length(duration: float) -> str:
    minutes, rest = divmod(round(duration, 1), 60)
    parts = [f"{minutes:.0f} minute{'s' * (minutes != 1)}"] if minutes else []
    parts += [f"{rest:g} seconds"] if rest or not minutes else []
    return " ".join(parts)


def scene_count(view: View, question: Question) -> Draft | None:
    scenes = _scenes_of(view.whole, question.window)
    if not scenes:
        return None
    cuts = [
        (number, scene)
        for number, scene in scenes
        if scene.begins != "start" and (question.window is None or scene.start >= question.window.start)
    ]
    fades = [(number, scene) for number, scene in cuts if scene.begins == "fade"]
    text = question.text.casefold()
    if re.search(r"\bfades?\b", text):
        told, shown = f"{len(fades)} fade{'s' * (len(fades) != 1)}", fades
    elif re.search(r"\b(?:cuts?|transitions?|changes)\b", text):
        told, shown = (
            f"{len(cuts)} cut{'s' * (len(cuts) != 1)}, which makes {len(scenes)} scene{'s' * (len(scenes) != 1)}",
            cuts,
        )
    else:
        told, shown = f"{len(scenes)} scene{'s' * (len(scenes) != 1)}", scenes
    starts = ", ".join(f"[{clock(scene.start)}]" for _, scene in shown[:8])
    lead = ("Yes. " if shown else "No. ") if re.match(r"^(?:is|are|does|do)\b", text) else ""
    there = "There is" if told.startswith("1 ") else "There are"
    listed = f": {starts}" if starts else ""
    return Draft(f"{lead}{there} {told}{listed}.", _cited(shown[:8]) or _cited(scenes[:1]), 0.9, measured=True)


def when_cut(view: View, question: Question) -> Draft | None:
    begun = ("fade",) if "fade" in question.text.casefold() else ("cut", "fade")
    cuts = [(number, scene) for number, scene in _scenes_of(view.whole, question.window) if scene.begins in begun]
    if not cuts:
        return None
    word = next(
        (
            token.text.casefold()
            for token in tokens(question.text)
            if token.text.casefold() in ("last", *FIRST_ORDINALS)
        ),
        "",
    )
    if word:
        at = len(cuts) if word == "last" else FIRST_ORDINALS[word]
        if at > len(cuts):
            return None
        cuts = cuts[at - 1 : at]
    starts = ", ".join(f"[{clock(scene.start)}]" for _, scene in cuts[:8])
    return Draft(f"The picture changes at {starts}.", _cited(cuts[:8]), 0.9, measured=True)


def scene_time(view: View, question: Question) -> Draft | None:
    """When the scene that the question names begins and ends."""
    span = question.window
    if span is None or span.kind != "scene":
        return None
    number, scene = span.scene, view.index.scenes[span.scene - 1]
    shown = _cited([(number, scene)])
    if question.relation in ("end", "finish", "stop", "over"):
        return Draft(f"Scene {number} ends at [{clock(scene.end)}].", shown, 0.9, measured=True)
    return Draft(
        f"Scene {number} begins at [{clock(scene.start)}] and ends at {clock(scene.end)}.", shown, 0.9, measured=True
    )


def _scenes_of(view: View, span: Window | None) -> list[tuple[int, Scene]]:
    return [(number, scene) for number, scene in enumerate(view.index.scenes, 1)
            if span is None or span.overlaps(scene.start, scene.end)]  # fmt: skip


def _cited(scenes: Sequence[tuple[int, Scene]]) -> tuple[Citation, ...]:
    return tuple(
        Citation(scene.start, scene.end, "scene", look(scene, number), scene.key_time) for number, scene in scenes
    )


_KEYS: tuple[tuple[str, str, Callable[[Scene], float], bool], ...] = (
    # what a question says, how the answer puts it, what is compared, whether more of it is wanted
    (r"\bdark(?:er|est)?\b|\bleast\s+bright\b", "dark", lambda scene: scene.brightness, False),
    (r"\bbright(?:er|est|ness)?\b|\blight(?:er|est)\b", "bright", lambda scene: scene.brightness, True),
    (r"\bshort(?:er|est)\b", "short", lambda scene: scene.end - scene.start, False),
    (r"\blong(?:er|est)\b", "long", lambda scene: scene.end - scene.start, True),
    (r"\b(?:least|less)\s+(?:motion|movement|action)\b|\b(?:still|calm|static)(?:er|est)?\b|\bmoves?\s+(?:the\s+)?least\b", "still", lambda scene: scene.motion, False),
    (r"\b(?:motion|movement|action|liveliest|busiest|dynamic|mov(?:es?|ing))\b", "moving", lambda scene: scene.motion, True),
)  # fmt: skip
_SUPERLATIVE = {
    "dark": "darkest",
    "bright": "brightest",
    "short": "shortest",
    "long": "longest",
    "still": "stillest",
    "moving": "most moving",
}
_COMPARATIVE = {
    "dark": "darker",
    "bright": "brighter",
    "short": "shorter",
    "long": "longer",
    "still": "stiller",
    "moving": "moving more",
}


def looks(view: View, question: Question) -> Draft | None:  # noqa: PLR0911 - one a kind of question
    """Brightness, length, motion, camera and colours of scenes: one, two compared, or the most of all."""
    text = question.text.casefold()
    scenes = _scenes_of(view.whole, None)
    if not scenes:
        return None
    numbers = _named_scenes(text, view.whole)
    if any(not 1 <= number <= len(scenes) for number in numbers):
        return Draft("", abstained=True)
    chosen = [scenes[number - 1] for number in numbers]
    key = next((each for each in _KEYS if re.search(each[0], text)), None)
    compares = re.search(r"\b(?:which|what)\b|\bthan\b|\bwhen\b|\bwhere\b|est\b", text) is not None
    if key and compares and len(chosen) != 1 and not re.search(r"\bcolou?rs?\b|\bcamera\b", text):
        return _compared(chosen or scenes, key, question, total=not chosen)
    here = chosen[:1] or (_scenes_of(view.whole, question.window) if question.window else scenes)
    if re.search(r"\b(?:camera|pan\w*|tilt\w*|zoom\w*)\b", text):
        return _camera(here, text)
    words = {token.stem for token in content(text)}
    if words & COLOURS.keys() or re.search(r"\bcolou?r", text):
        return _coloured(here, words, text)
    if re.search(r"\bhow\s+long\b", text) and chosen:
        number, scene = chosen[0]
        return Draft(
            f"Scene {number} is {scene.end - scene.start:.1f} seconds long [{clock(scene.start)}].",
            _cited(chosen[:1]),
            0.9,
            measured=True,
        )
    return _described(here, key, text)


def _named_scenes(text: str, whole: View) -> list[int]:
    found: list[tuple[int, int]] = []
    ordinals = "|".join(("last", "final", "opening", "closing", "middle", *FIRST_ORDINALS)) + r"|\d+(?:st|nd|rd|th)"
    for pattern in (
        r"\b(?:scene|shot)s?\s+(?:number\s+)?(\w+)(?:\s*(?:,|and|or|than)\s*(\d+))?",
        rf"\b({ordinals})\s+(?:scene|shot|one)\b",
    ):
        for match in re.finditer(pattern, text):
            for at, word in enumerate(match.groups()):
                number = scene_number(word, whole.index.scenes) if word else None
                if number is not None:
                    found.append((match.start() + at, number))
    found = [(0, number) for _, number in sorted(found)]
    return list(dict.fromkeys(number for _, number in found))


def _compared(scenes: Sequence[tuple[int, Scene]], key, question: Question, total: bool) -> Draft:
    _, word, value, more = key
    ordered = sorted(scenes, key=lambda pair: value(pair[1]), reverse=more)
    number, scene = ordered[0]
    if total or re.search(r"\b(?:which|what)\b", question.text, re.I):
        how = _SUPERLATIVE[word] if len(scenes) > 2 or total else _COMPARATIVE[word]
        told = f"Scene {number} is the {how}, from [{clock(scene.start)}] to {clock(scene.end)}."
        return Draft(told, _cited(ordered[:1]) if total else _cited(scenes), 0.88, measured=True)
    holds = ordered[0] is scenes[0] and value(ordered[0][1]) != value(ordered[-1][1])
    told = f"{'Yes' if holds else 'No'}. Scene {number} [{clock(scene.start)}] is the {_COMPARATIVE[word]} one."
    return Draft(told, _cited(scenes), 0.88, measured=True)


def _camera(scenes: Sequence[tuple[int, Scene]], text: str) -> Draft:
    kind = next((word for word in ("pan", "tilt", "zoom") if re.search(rf"\b{word}", text)), "")
    side = next(
        (
            word
            for word in ("left", "right", "up", "down", "in", "out")
            if kind and re.search(rf"\b{kind}\w*\s+(?:to\s+the\s+)?{word}\b", text)
        ),
        "",
    )
    moving = [pair for pair in scenes if pair[1].camera != "still"]
    hits = [pair for pair in moving if kind in pair[1].camera and (not side or side in pair[1].camera.split())]
    asks_still = re.search(r"\bstill\b|\bstatic\b", text) is not None
    if asks_still:
        hits = [pair for pair in scenes if pair[1].camera == "still"]
    if re.match(r"^(?:is|does|do|are|did|was)\b", text) or kind or re.search(r"\bwhich\b|\bwhen\b|\bwhere\b", text):
        if not hits:
            return Draft(
                f"No. The camera {_motion(scenes[0][1])} in scene {scenes[0][0]} [{clock(scenes[0][1].start)}].",
                _cited(scenes[:1]),
                0.75,
                measured=True,
            )
        lead = "Yes. " if re.match(r"^(?:is|does|do|are|did|was)\b", text) else ""
        told = "; ".join(
            f"in scene {number} [{clock(scene.start)}] the camera {_motion(scene)}" for number, scene in hits[:4]
        )
        return Draft(f"{lead}{told[:1].upper()}{told[1:]}.", _cited(hits[:4]), 0.8, measured=True)
    told = "; ".join(
        f"in scene {number} [{clock(scene.start)}] the camera {_motion(scene)}" for number, scene in scenes[:4]
    )
    return Draft(f"{told[:1].upper()}{told[1:]}.", _cited(scenes[:4]), 0.8, measured=True)


def _motion(scene: Scene) -> str:
    if scene.camera in ("still", "moving"):
        return "is still" if scene.camera == "still" else "moves"
    verb, side = scene.camera.split()
    return f"{verb}s {side} ({scene.camera})"


def _coloured(scenes: Sequence[tuple[int, Scene]], words: set[str], text: str) -> Draft:
    asked = [word for word in words if word in COLOURS]
    if asked:

        def share(scene: Scene) -> float:
            return sum(share for name, share in scene.colours if like(asked[0], name))

        hits = sorted((pair for pair in scenes if share(pair[1]) >= 0.2), key=lambda pair: -share(pair[1]))
        polar = re.match(r"^(?:is|are|was|were|does|do)\b", text) is not None
        if not hits:
            if not polar:
                return Draft("", abstained=True)
            number, scene = scenes[0]
            return Draft(f"No. {look(scene, number)} [{clock(scene.start)}]", _cited(scenes[:1]), 0.7, measured=True)
        number, scene = hits[0]
        when = f"from [{clock(scene.start)}] to {clock(scene.end)}"
        told = f"Scene {number} is {share(scene):.0%} {COLOURS[asked[0]]}, {when}."
        return Draft(f"{'Yes. ' * polar}{told}", _cited(hits[:1]), 0.82, measured=True)
    if len(scenes) > 1 and not re.search(r"\beach\b|\bwhich\b", text):
        weights: dict[str, float] = {}
        for _, scene in scenes:
            for name, part in scene.colours:
                weights[name] = weights.get(name, 0.0) + part * (scene.end - scene.start)
        if weights:
            name = max(weights, key=lambda each: weights[each])
            strongest = max(scenes, key=lambda pair: dict(pair[1].colours).get(name, 0.0))
            return Draft(
                f"Mostly {name}, strongest in scene {strongest[0]} [{clock(strongest[1].start)}].",
                _cited([strongest]),
                0.75,
                measured=True,
            )
    told = "; ".join(f"scene {number} [{clock(scene.start)}] is mostly {_two(scene)}" for number, scene in scenes[:4])
    return Draft(f"{told[:1].upper()}{told[1:]}.", _cited(scenes[:4]), 0.85, measured=True)


def _two(scene: Scene) -> str:
    named = [name for name, share in scene.colours if share >= 0.15][:2] or [name for name, _ in scene.colours[:1]]
    return " and ".join(named) or "of no clear colour"


def _described(scenes: Sequence[tuple[int, Scene]], key, text: str) -> Draft:
    number, scene = scenes[0]
    lead = ""
    if key is not None and re.match(r"^(?:is|are|was|does|do)\b", text):
        holds = {
            "dark": scene.brightness < 0.4,
            "bright": scene.brightness > 0.6,
            "still": scene.motion < 0.05,
            "moving": scene.motion >= 0.05,
        }.get(key[1])
        lead = "" if holds is None else "Yes. " if holds else "No. "
    return Draft(f"{lead}{look(scene, number)} [{clock(scene.start)}]", _cited(scenes[:1]), 0.75, measured=True)


def faces(view: View, question: Question) -> Draft | None:
    scenes = _scenes_of(view.whole, question.window)
    seen = [pair for pair in scenes if pair[1].faces]
    text = question.text.casefold()
    polar = re.match(r"^(?:is|are|do|does|can|was|were|did)\b", text) is not None
    if not scenes:
        return None
    wanted = next(
        (
            int(token.stem)
            for token in tokens(re.sub(r"\b(?:scene|shot)\s+\w+|\b\d+:\d+\b", "", question.rest))
            if token.stem.isdigit()
        ),
        None,
    )
    if wanted:
        exact = [pair for pair in seen if pair[1].faces == wanted]
        if not exact and not polar:
            return Draft("", abstained=True)
        seen = exact
    if not seen:
        told = "No face is seen" + (" there" if question.window else " in this video")
        return Draft(f"{'No. ' * polar}{told} [{clock(scenes[0][1].start)}].", _cited(scenes[:1]), 0.6, measured=True)
    most = max(seen, key=lambda pair: pair[1].faces)
    if re.search(r"\bwhen\b|\bwhich\b|\bwhere\b|\bwhat (?:time|scene)\b", text):
        last = re.search(r"\blast\b", text) is not None
        shown = [most] if re.search(r"\bmost\b", text) else seen[-1:] if last else seen[:4]
        told = ", ".join(f"scene {number} [{clock(scene.start)}]" for number, scene in shown)
        return Draft(f"A face is seen in {told}.", _cited(shown), 0.75, measured=True)
    number, scene = most
    plural = "face is" if scene.faces == 1 else "faces are"
    told = f"{scene.faces} {plural} seen at once at most, in scene {number} [{clock(scene.start)}]."
    return Draft(f"{'Yes. ' * polar}{told}", _cited([most]), 0.75, measured=True)


def happens(view: View, question: Question) -> Draft | None:
    """What is seen, read and heard in a stretch."""
    span = question.window
    if span is None:
        return summary(view, question)
    parts, citations = [], []
    texts = [one for one in view.of_source("screen_text")]
    said = view.of_source("transcript")
    for pieces, verb in ((texts, "the screen reads"), (said, "it is said")):
        if pieces:
            part = listing(pieces, span, verb, most=3)
            parts.append(part.text.rstrip("."))
            citations += part.citations
    scenes = _scenes_of(view.whole, span)
    if scenes:
        parts.insert(0, look(scenes[0][1], scenes[0][0]).rstrip("."))
        citations.insert(0, cite(next(one for one in view.whole.of_source("scene") if one.scene == scenes[0][0]), span))
    if not parts:
        return None
    text = ". ".join(f"{part[:1].upper()}{part[1:]}" for part in parts)
    return Draft(f"{text} [{clock(citations[0].start)}].", tuple(citations), 0.8, measured=True)


def summary(view: View, _: Question) -> Draft | None:
    """The title and the sentences that share most with all others, in time order."""
    pieces = view.of_source("transcript", "screen_text")
    scenes = len(view.index.scenes)
    video = view.index.video
    shape = (
        f"{_length(round(video.duration))} in {scenes} scene{'s' * (scenes != 1)}"
        if scenes
        else _length(round(video.duration))
    )
    if not pieces:
        return Draft(
            f"Nothing is said or written in what was read: {shape}.",
            (Citation(0.0, video.duration, "frame", "", video.duration / 2),),
            0.5,
            measured=True,
        )
    chosen = central(pieces, 3)
    first = view.of_source("screen_text")[:1]
    chosen = sorted({id(one): one for one in [*first, *chosen]}.values(), key=lambda one: one.start)[:4]
    told = listing(chosen, None, f"The video ({shape}) is about this", most=4)
    return Draft(told.text, told.citations, 0.75, measured=True)


SUMMARY_WORDS = 60


def central(pieces: Sequence[Evidence], most: int) -> list[Evidence]:
    """The `most` pieces whose words are the most common among all, none much like one already taken."""
    documents = [[token.stem for token in content(one.text)] for one in pieces]
    ranking = Bm25(documents)
    counts = Counter(word for document in documents for word in document)
    # a few dozen words carry a summary; all words of a long video would make every long sentence central
    frequent = [word for word, count in counts.most_common(SUMMARY_WORDS) if count > 1] or list(counts)[:SUMMARY_WORDS]
    scores = ranking.scores(frequent)
    taken: list[int] = []
    for at in sorted(range(len(pieces)), key=lambda each: -scores[each]):
        mine = set(documents[at])
        if mine and all(len(mine & set(documents[other])) < 0.6 * len(mine) for other in taken):
            taken.append(at)
        if len(taken) == most:
            break
    return [pieces[at] for at in taken]
