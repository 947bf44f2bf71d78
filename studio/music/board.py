"""The storyboard as its director keeps it: the seven shots written for the song, with the settled ones in their place.

A shot that a person edited, redrew or locked is *settled*: it is kept, look and all, whatever else changes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from studio.checks import check_choice, check_integer, check_number
from studio.errors import BadInput
from studio.music.shots import CAMERAS, FRAMINGS, HOURS, MOODS, SETTINGS, WEATHERS, Shot, Style
from studio.music.song import SongAnalysis
from studio.music.storyboard import (
    PROMPT_CHARACTERS,
    clean_text,
    make_storyboard,
    palette_for,
    phrases,
    write_prompt,
)
from studio.music.vocabulary import read_sentence

SHOTS = 7
PARAMETER = "--storyboard"
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_CHOICES = {"hour": HOURS, "weather": WEATHERS, "mood": MOODS, "framing": FRAMINGS, "camera": CAMERAS}
EDITABLE = ("time", "prompt", "characters", "setting", "seed", *_CHOICES)


@dataclass(frozen=True)
class Brief:
    """What the storyboard is written from beside the song."""

    intent: str
    style: str
    seed: int
    characters: int


@dataclass(frozen=True)
class Planned:
    """A shot and the look it is drawn in. `settled`: the person's own, not the storyboard's."""

    shot: Shot
    style: Style
    settled: bool = False

    def to_json(self) -> dict[str, Any]:
        """What `settled_shots` reads."""
        return {"style": self.style.name, **self.shot.to_json()}


def plan_shots(
    song: SongAnalysis, brief: Brief, styles: Mapping[str, Style], settled: Sequence[Mapping[str, Any]] = ()
) -> tuple[Planned, ...]:
    """The seven shots in the order of the song. Raises BadInput for settled ones that make no sense."""
    style = styles[brief.style]
    own = settled_shots(settled, styles, brief.characters)
    written = make_storyboard(song, brief.intent, style, brief.characters, brief.seed)
    return _in_order([own.get(shot.index, Planned(shot, style)) for shot in written], song.duration)


def settled_shots(
    items: Sequence[Mapping[str, Any]], styles: Mapping[str, Style], characters: int
) -> dict[int, Planned]:
    """{index: settled shot} from their JSON, which comes from strangers. Raises BadInput naming the field."""
    own: dict[int, Planned] = {}
    for item in items:
        if not isinstance(item, Mapping):
            raise BadInput(PARAMETER, item, "shots as storyboard.json has them")
        body = dict(item)
        name = body.pop("style", "")
        body.pop("settled", None)
        if name not in styles:
            raise BadInput(f"{PARAMETER} style", name, "one of " + ", ".join(sorted(styles)))
        shot = check_shot(body, characters)
        if shot.index in own:
            raise BadInput(f"{PARAMETER} index", shot.index, "each shot once")
        own[shot.index] = Planned(shot, styles[name], settled=True)
    return own


def check_shot(body: Mapping[str, Any], characters: int) -> Shot:
    """A shot of known words and sane numbers; its texts are cleaned. Raises BadInput naming the field.

    Characters that the project no longer has are left out.
    """
    known = {field.name for field in fields(Shot)}
    odd = sorted(known.symmetric_difference(body))
    if odd:
        raise BadInput(f"{PARAMETER} {odd[0]}", body.get(odd[0], "(missing)"), ", ".join(sorted(known)))
    check_integer(f"{PARAMETER} index", body["index"], 0, SHOTS - 1)
    check_integer(f"{PARAMETER} seed", body["seed"], 0, 2**31 - 1)
    check_number(f"{PARAMETER} time", body["time"], 0, 86400, "seconds")
    check_number(f"{PARAMETER} intensity", body["intensity"], 0, 1)
    for name, choices in _CHOICES.items():
        check_choice(f"{PARAMETER} {name}", body[name], choices)
    setting = _items(body, "setting", 1, 3)
    for place in setting:
        check_choice(f"{PARAMETER} setting", place, SETTINGS)
    palette = _items(body, "palette", 5, 5)
    if not all(isinstance(colour, str) and _COLOUR.fullmatch(colour) for colour in palette):
        raise BadInput(f"{PARAMETER} palette", list(palette), 'five colours such as "#1a2b3c"')
    cast = _items(body, "characters", 0, 8)
    for index in cast:
        check_integer(f"{PARAMETER} characters", index, 0, 7)
    texts = {}
    for name, limit in (("prompt", PROMPT_CHARACTERS), ("description", 200)):
        if not isinstance(body[name], str):
            raise BadInput(f"{PARAMETER} {name}", body[name], "text")
        texts[name] = clean_text(body[name], limit)
    lists = {"setting": tuple(dict.fromkeys(setting)), "palette": palette}
    lists["characters"] = tuple(index for index in dict.fromkeys(cast) if index < characters)
    return Shot(**{**body, **texts, **lists, "time": float(body["time"]), "intensity": float(body["intensity"])})


def edit_shot(planned: Planned, changes: Mapping[str, Any], characters: int) -> Planned:
    """The shot with some of EDITABLE changed, settled.

    A changed field is told in the prompt; a prompt that was typed anew is read for what it says of the fields.
    Raises BadInput naming the field.
    """
    for name in changes:
        check_choice("change", name, EDITABLE)
    shot = planned.shot
    edited = check_shot({**shot.to_json(), **changes}, characters)
    if edited.mood != shot.mood:
        edited = replace(edited, palette=palette_for(planned.style, edited.mood))
    if "prompt" in changes and edited.prompt != shot.prompt:
        edited = _as_told(shot, edited, set(changes))
    else:
        edited = replace(edited, prompt=_retold(shot, edited))
    if not edited.prompt:
        edited = replace(edited, prompt=write_prompt(edited, planned.style))
    return replace(planned, shot=edited, settled=True)


def redraw_shot(planned: Planned) -> Planned:
    """The same shot, to be drawn otherwise: its next seed."""
    seed = random.Random(f"redraw {planned.shot.seed}").randrange(2**31)
    return replace(planned, shot=replace(planned.shot, seed=seed), settled=True)


def _retold(before: Shot, after: Shot) -> str:
    """The old prompt with the phrases of the changed fields exchanged; words of the person's own stay."""
    prompt = before.prompt
    for old, new in zip(phrases(before), phrases(after), strict=True):
        if old != new and old in prompt:
            prompt = prompt.replace(old, new, 1)
    return clean_text(prompt)


def _as_told(before: Shot, after: Shot, changed: set[str]) -> Shot:
    """`after` with what its new prompt says and the old one did not; fields set by hand stay."""
    old, new = read_sentence(before.prompt), read_sentence(after.prompt)
    told: dict[str, Any] = {}
    if new.settings and new.settings != old.settings:
        told["setting"] = new.settings[:3]
    for name, was, now in (
        ("hour", old.hours, new.hours),
        ("weather", old.weathers, new.weathers),
        ("mood", old.moods, new.moods),
    ):
        fresh = [word for word in now if word not in was]
        if fresh:
            told[name] = fresh[0]
    return replace(after, **{name: value for name, value in told.items() if name not in changed})


def _items(body: Mapping[str, Any], name: str, fewest: int, most: int) -> tuple[Any, ...]:
    value = body[name]
    if not isinstance(value, list | tuple) or not fewest <= len(value) <= most:
        raise BadInput(f"{PARAMETER} {name}", value, f"a list of {fewest} to {most}")
    return tuple(value)


def _in_order(plan: Sequence[Planned], duration: float) -> tuple[Planned, ...]:
    """The shots with the written ones moved between the settled ones, whose times are the person's word."""
    ordered: list[Planned] = []
    earliest = 0.0
    for number, planned in enumerate(plan, 1):
        latest = min([duration, *(later.shot.time for later in plan[number:] if later.settled)])
        time = planned.shot.time
        if not planned.settled:
            time = min(max(time, earliest), max(latest, earliest))
        elif not earliest <= time <= duration:
            accepted = f"{earliest:.2f} to {duration:.2f} s: after the shot before it, within the song"
            raise BadInput(f"time of shot {number}", f"{time:.2f} s", accepted)
        ordered.append(replace(planned, shot=replace(planned.shot, time=time)))
        earliest = time
    return tuple(ordered)


def board_json(style: str, plan: Sequence[Planned]) -> dict[str, Any]:
    """storyboard.json."""
    shots = [{**asdict(p.shot), "style": p.style.name, "settled": p.settled} for p in plan]
    return {"style": style, "shots": shots}
