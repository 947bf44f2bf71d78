"""Seven shots from what the song does and what the person asked for."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass

from studio.music.palette import accent, colour_words, mix_palettes
from studio.music.shots import MOODS, Colour, Shot, Style
from studio.music.song import KeyMoment, SongAnalysis
from studio.music.vocabulary import Reading, read_sentence

PROMPT_CHARACTERS = 1000
INTENT_CHARACTERS = 500
"""Of the person's own words in a prompt: the rest of its 1000 is framing, place, light and style."""

_ROLE_WORDS = {
    "opening": ("open", "intro", "first", "start", "begin"),
    "build": ("build", "rise", "rising", "lift", "riser", "tension", "pre-"),
    "drop": ("drop", "chorus", "climax", "peak", "loudest", "explod", "hook", "full"),
    "breakdown": ("break", "quiet", "bridge", "calm", "hush", "pause", "drops out", "falls away", "stripped"),
    "ending": ("end", "outro", "close", "last", "fade", "final"),
}
_FRAMING = {
    "opening": ("wide", "medium"), "build": ("medium", "close"), "drop": ("wide", "medium"),
    "breakdown": ("close", "medium"), "ending": ("wide", "medium"), "verse": ("medium", "wide", "close"),
}  # fmt: skip
_CAMERA = {
    "opening": ("push_in", "pan_right", "drift"), "build": ("push_in", "tilt_up", "orbit"),
    "drop": ("pull_out", "orbit", "tilt_up"), "breakdown": ("drift", "push_in", "tilt_down"),
    "ending": ("pull_out", "tilt_up", "drift"), "verse": ("pan_left", "pan_right", "orbit", "push_in"),
}  # fmt: skip
_MOOD = {
    "opening": ("dreamy", "calm"), "build": ("tense", "warm"), "drop": ("euphoric",),
    "breakdown": ("melancholy", "calm"), "ending": ("warm", "calm", "dreamy"), "verse": ("warm", "dreamy", "calm"),
}  # fmt: skip
_NEAR_MOODS = {
    "calm": ("dreamy", "melancholy", "warm"), "warm": ("euphoric", "calm", "dreamy"), "tense": ("dark", "euphoric",
    "warm"),
    "euphoric": ("warm", "tense", "dreamy"), "melancholy": ("calm", "dreamy", "dark"), "dark": ("tense",
    "melancholy", "calm"),
    "dreamy": ("calm", "melancholy", "warm"),
}  # fmt: skip
_HOUR_ARCS = (
    ("dusk", "dusk", "night", "night", "night", "night", "dawn"),
    ("dawn", "day", "golden", "golden", "dusk", "dusk", "night"),
    ("golden", "golden", "dusk", "dusk", "night", "night", "night"),
    ("night", "night", "night", "night", "dawn", "dawn", "golden"),
)
_HOUR_BEFORE = {"dawn": "night", "day": "dawn", "golden": "day", "dusk": "golden", "night": "dusk"}
_STORIES = (
    (("room",), ("city",), ("road",), ("club",), ("city", "sea"), ("road", "mountains"), ("sea",)),
    (
        ("mountains",),
        ("forest",),
        ("road", "forest"),
        ("stage",),
        ("sea",),
        ("mountains", "sea"),
        ("space", "mountains"),
    ),
    (("desert",), ("road", "desert"), ("city",), ("stage",), ("room",), ("space", "desert"), ("desert",)),
    (("city",), ("road", "city"), ("club",), ("stage",), ("forest",), ("abstract",), ("sea",)),
)
_PLACE_WORDS = {
    "mountains": "mountain peaks", "city": "city streets and towers", "sea": "the sea shore", "forest": "a deep forest",
    "desert": "desert dunes", "stage": "a concert stage with light beams", "club": "a club with lasers and haze",
    "room": "a lived-in room with a window", "road": "a long open road", "space": "outer space with planets",
    "abstract": "flowing abstract shapes",
}  # fmt: skip
_HOUR_WORDS = {
    "dawn": "at dawn", "day": "in daylight", "golden": "in golden-hour light", "dusk": "at dusk", "night": "at night",
}  # fmt: skip
_WEATHER_WORDS = {
    "clear": "clear air", "clouds": "drifting clouds", "rain": "rain", "snow": "falling snow", "fog": "fog",
    "storm": "a storm",
}  # fmt: skip
_FRAMING_WORDS = {"wide": "Wide shot", "medium": "Medium shot", "close": "Close-up"}


@dataclass(frozen=True)
class _Plan:
    """What all seven shots share."""

    intent: str
    reading: Reading
    style: Style
    roles: tuple[str, ...]
    base: tuple[Colour, ...]
    mood: str


def make_storyboard(
    analysis: SongAnalysis, intent: str, style: Style, character_count: int, seed: int
) -> tuple[Shot, ...]:
    """One shot a key moment. The same arguments give the same shots.

    intent           the person's sentence, any language, any length; "" gets a story of its own
    character_count  how many characters there are; shots name them by index
    """
    rng = random.Random(f"storyboard {seed}")
    moments = analysis.key_moments
    plan = _plan(analysis, clean_text(intent, INTENT_CHARACTERS), style)
    settings, hours = _settings(plan, len(moments), rng), _hours(plan, len(moments), rng)
    weathers, moods = _weathers(plan, rng), _moods(plan, rng)
    framings, cameras = _varied(plan.roles, _FRAMING, rng), _varied(plan.roles, _CAMERA, rng)
    casts = _casts(plan.roles, framings, character_count)
    shots = []
    for index, moment in enumerate(moments):
        shot = Shot(
            index=index,
            time=moment.timestamp,
            description=clean_text(moment.description, 200),
            prompt="",
            characters=casts[index],
            setting=settings[index],
            hour=hours[index],
            weather=weathers[index],
            mood=moods[index],
            palette=_palette(plan, moods[index]),
            framing=framings[index],
            camera=cameras[index],
            intensity=min(max(moment.intensity, 0.0), 1.0),
            seed=rng.randrange(2**31),
        )
        shots.append(_with_prompt(shot, plan))
    return tuple(shots)


def clean_text(text: str, limit: int = PROMPT_CHARACTERS) -> str:
    """`text` fit for a prompt: one line, no control, format or private characters, no <tags> that a prompt reader of
    weights would obey, at most `limit` characters, cut between words."""
    plain = unicodedata.normalize("NFC", text[: 20 * limit].encode("utf-8", "ignore").decode("utf-8"))
    plain = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") else " " for c in plain)
    plain = " ".join(re.sub(r"<[^<>]*>", " ", plain).split())
    if len(plain) <= limit:
        return plain
    cut = plain[:limit]
    return (cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut).rstrip(" ,;")


def palette_for(style: Style, mood: str) -> tuple[Colour, ...]:
    """The style's palette for `mood`, or for the nearest mood it has."""
    for near in (mood, *_NEAR_MOODS.get(mood, ()), *MOODS):
        if near in style.palettes:
            return style.palettes[near]
    raise ValueError(f"style {style.name} has no palette")


# ---- the plan ---------------------------------------------------------------------------------------------


def _plan(analysis: SongAnalysis, intent: str, style: Style) -> _Plan:
    reading = read_sentence(intent)
    mean = sum(value for _, value in analysis.intensity_curve) / max(1, len(analysis.intensity_curve))
    mood = reading.moods[0] if reading.moods else ("euphoric" if mean > 0.62 else "dreamy" if mean < 0.35 else "warm")
    base = palette_for(style, mood)
    for colour in reading.colours[:1]:
        base = accent(base, colour) if style.saturation > 0 else base
    roles = tuple(_role(moment, index, analysis.key_moments) for index, moment in enumerate(analysis.key_moments))
    return _Plan(intent, reading, style, roles, base, mood)


def _role(moment: KeyMoment, index: int, moments: tuple[KeyMoment, ...]) -> str:
    """What the moment does in the song: its description says, else its place and its intensity beside the others'."""
    words = moment.description.casefold()
    for role in ("breakdown", "drop", "build", "ending", "opening"):
        if any(re.search(rf"\b{re.escape(word)}", words) for word in _ROLE_WORDS[role]):
            return role
    if index == 0:
        return "opening"
    if index == len(moments) - 1:
        return "ending"
    ranked = sorted(m.intensity for m in moments)
    if moment.intensity >= ranked[-2] and moment.intensity > ranked[0] + 0.1:
        return "drop"
    step = moment.intensity - moments[index - 1].intensity
    return "breakdown" if step < -0.2 else "build" if step > 0.12 else "verse"


def _settings(plan: _Plan, count: int, rng: random.Random) -> list[tuple[str, ...]]:
    named = plan.reading.settings
    if not named:
        story = _STORIES[rng.randrange(len(_STORIES))]
        return [story[index * len(story) // count] for index in range(count)]
    if len(named) > 1 and plan.reading.journey:
        return [_on_the_way(named, index / (count - 1)) for index in range(count)]
    return [_together(named, role, index) for index, role in enumerate(plan.roles)]


def _together(named: tuple[str, ...], role: str, index: int) -> tuple[str, ...]:
    """Places that share the film: both in the shots that matter, in turn alone in the others."""
    first, second = named[index % len(named)], named[(index + 1) % len(named)]
    if len(named) == 1 or role in ("verse", "breakdown"):
        return (first,)
    return (first, second) if len(named) > 2 else named


def _on_the_way(named: tuple[str, ...], share: float) -> tuple[str, ...]:
    """Where a journey is after `share` of it; halfway between two places it is in both."""
    place = share * (len(named) - 1)
    at = min(int(place), len(named) - 2)
    part = place - at
    if part < 0.34:
        return (named[at],)
    return (named[at + 1],) if part > 0.66 else (named[at], named[at + 1])


def _hours(plan: _Plan, count: int, rng: random.Random) -> list[str]:
    named = plan.reading.hours
    if len(named) == 1 and plan.reading.journey:
        # "until dawn": the film starts in the hour before and arrives
        return [_HOUR_BEFORE[named[0]] if index < 0.6 * count else named[0] for index in range(count)]
    if len(named) == 1:
        return [named[0]] * count
    if not named and "space" in plan.reading.settings:
        return ["night"] * count
    arc = named or _HOUR_ARCS[rng.randrange(len(_HOUR_ARCS))]
    return [arc[min(index * len(arc) // count, len(arc) - 1)] for index in range(count)]


def _weathers(plan: _Plan, rng: random.Random) -> list[str]:
    named = plan.reading.weathers
    if len(named) > 1 and plan.reading.journey:
        return [named[min(index * len(named) // 7, len(named) - 1)] for index in range(len(plan.roles))]
    weathers = []
    for role in plan.roles:
        if named:
            escalates = named[0] == "rain" and role == "drop" and plan.mood in ("tense", "dark")
            weathers.append("storm" if escalates else named[0])
        else:
            still = {"breakdown": "fog", "build": "clouds"}.get(role, "clear")
            weathers.append(still if rng.random() < 0.6 else rng.choice(("clear", "clouds")))
    return weathers


def _moods(plan: _Plan, rng: random.Random) -> list[str]:
    """The song's arc, pulled towards the moods that the person named."""
    named = plan.reading.moods
    moods = []
    for role in plan.roles:
        wanted = rng.choice(_MOOD[role])
        allowed = {mood for name in named for mood in (name, *_NEAR_MOODS[name][:2])}
        if named and wanted not in allowed:
            wanted = named[0] if len(named) == 1 else rng.choice(named)
        moods.append(wanted)
    if named and named[0] not in moods:
        moods[0] = named[0]
    if "drop" in plan.roles and not set(named) & {"dark", "tense"}:
        last_drop = max(index for index, role in enumerate(plan.roles) if role == "drop")
        moods[last_drop] = "euphoric"
    return moods


def _varied(roles: tuple[str, ...], choices: dict[str, tuple[str, ...]], rng: random.Random) -> list[str]:
    """A choice a role, its first where it can be, never the same twice running."""
    picked: list[str] = []
    for role in roles:
        fresh = [choice for choice in choices[role] if not picked or choice != picked[-1]]
        favourite = fresh[0] if role in ("drop", "breakdown") or rng.random() < 0.6 else rng.choice(fresh)
        picked.append(favourite)
    return picked


def _casts(roles: tuple[str, ...], framings: list[str], count: int) -> list[tuple[int, ...]]:
    """Who is in which shot: everybody (up to three) at drops and the end, else one after another."""
    casts, turn = [], 0
    for role, framing in zip(roles, framings, strict=True):
        if count == 0:
            casts.append(())
        elif count > 1 and framing != "close" and role in ("drop", "ending"):
            casts.append(tuple(sorted((turn + step) % count for step in range(min(count, 3)))))
        else:
            casts.append((turn % count,))
            turn += 1
    return casts


def _palette(plan: _Plan, mood: str) -> tuple[Colour, ...]:
    """The film's palette, halfway towards the mood's own: seven keyframes that change and still hang together."""
    if mood == plan.mood:
        return plan.base
    own = palette_for(plan.style, mood)
    for colour in plan.reading.colours[:1]:
        own = accent(own, colour) if plan.style.saturation > 0 else own
    return mix_palettes(plan.base, own, 0.5)


# ---- the prompt -------------------------------------------------------------------------------------------


def _with_prompt(shot: Shot, plan: _Plan) -> Shot:
    from dataclasses import replace

    return replace(shot, prompt=write_prompt(shot, plan.style, plan.intent))


def write_prompt(shot: Shot, style: Style, intent: str = "") -> str:
    """The shot as one sentence a weights engine can draw from, at most 1000 characters. The person's own words go in
    as they are: they are joined, never formatted."""
    feeling = "blazing energy" if shot.intensity > 0.75 else "quiet stillness" if shot.intensity < 0.25 else ""
    framing, places, hour, weather, mood, palette = phrases(shot)
    parts = [
        f"{framing} in {places} {hour}",
        clean_text(intent, INTENT_CHARACTERS),
        weather,
        mood,
        feeling,
        palette,
        style.prompt,
    ]
    return clean_text(", ".join(part for part in parts if part), PROMPT_CHARACTERS)


def phrases(shot: Shot) -> tuple[str, str, str, str, str, str]:
    """What a prompt says of framing and cast, places, hour, weather, mood and palette."""
    who = {0: "", 1: " of the singer"}.get(len(shot.characters), " of the performers")
    return (
        _FRAMING_WORDS[shot.framing] + who,
        " and ".join(_PLACE_WORDS.get(name, name) for name in shot.setting),
        _HOUR_WORDS[shot.hour],
        _WEATHER_WORDS[shot.weather],
        f"{shot.mood} mood",
        "palette of " + ", ".join(colour_words(shot.palette)),
    )
