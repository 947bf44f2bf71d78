"""What kind of thing a question wants to hear, and where a sentence says such a thing."""
# ruff: noqa: E501 - a pattern is read as one line

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studio.index.lexicon import ORDINALS, SCALES, UNITS
from studio.index.palette import COLOURS
from studio.index.words import Token, is_name, same, stem, stems, tokens

_NUMBER_WORD = "|".join([*UNITS, *SCALES])
NUMBER = rf"(?:\d+(?:[.,]\d+)*|\b(?:{_NUMBER_WORD})\b(?:[ -](?:and |point )?(?:{_NUMBER_WORD})\b){{0,12}})"
_SCALED = rf"{NUMBER}(?:\s?(?:hundred|thousand|million|billion|trillion|[kKmM]|bn)\b)?"
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
_WEEKDAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)\b"
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?![:.]?\d)|(?:twenty[ -]|thirty[ -])?(?:first|second|{'|'.join(ORDINALS)}))"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = (
    "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
)
_SAID_YEAR = rf"\b(?:(?:fif|six|seven|eigh|nine)teen\s+(?:hundred(?!\s+(?!and\b)\w)|oh\s+\w+|{_TENS}|{_TEENS})|twenty\s+(?:{_TENS}|{_TEENS})|two\s+thousand(?:\s+and)?\s+(?:one|two|three|four|five|six|seven|eight|nine|{_TEENS}))\b"
_YEAR = rf"(?:\b(?:1[0-9]|20)\d{{2}}\b|{_SAID_YEAR})"
_CLOCK = rf"(?:\b\d{{1,2}}[:.]\d{{2}}\s*(?:[ap]\.?m\b\.?)?|\b(?:\d{{1,2}}|{_NUMBER_WORD})\s*(?:[ap]\.?m\b\.?|o['’]?\s?clock)|\b(?:half|quarter)\s+(?:past|to)\s+\w+|\b(?:noon|midnight|midday)\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s+(?:oh\s+(?:one|two|three|four|five|six|seven|eight|nine)|(?:fifteen|twenty|thirty|forty|fifty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|ten)\b|\b(?:at|until|till|from|by)\s+(?:{_NUMBER_WORD}|\d{{1,2}})(?:\s+thirty|\s+fifteen)?(?=\s*(?:$|[.,;!?]|\bin the\b|\bon\b|\bevery\b|\beach\b|\band\b|\bto\b)))"
_RELATIVE = r"\b(?:today|tonight|tomorrow|yesterday|(?:next|last|this|every|each)\s+(?:week|month|year|spring|summer|autumn|fall|winter|morning|evening|night|weekend|quarter|\w+day)|in\s+(?:the\s+)?(?:spring|summer|autumn|winter|morning|afternoon|evening)|at\s+(?:night|dawn|dusk|sunrise|sunset)|(?:in|within|after)\s+(?:\w+\s+){1,2}(?:minutes?|hours?|days?|weeks?|months?|years?)|(?:\w+\s+){1,2}(?:minutes?|hours?|days?|weeks?|months?|years?)\s+ago|(?:the\s+)?\w+\s+century|daily|weekly|(?:week|end)ends?)\b"
_DATE = rf"(?:{_WEEKDAY}(?:,?\s+(?:the\s+)?{_DAY}\b)?(?:,?\s+(?:of\s+)?{_MONTH})?|{_MONTH}\s+(?:the\s+)?{_DAY}\b(?:,?\s+{_YEAR})?|(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?|{_MONTH}\s+{_YEAR}|\b{_MONTH}|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b\d{{4}}-\d{{2}}-\d{{2}}\b)"
_COIN = r"(?:dollars?|euros?|pounds?|cents?|pence|yen|yuan|rupees?|francs?|pesos?|kron(?:or|er|a)|roubles?|rubles?|bucks?|USD|EUR|GBP|JPY|CHF|SEK)"
UNIT = {
    "mass": r"(?:kg|kgs|kilos?|kilograms?|g|grams?|mg|milligrams?|pounds?|lbs?|ounces?|oz|tons?|tonnes?)",
    "length": r"(?:km|kilomet(?:er|re)s?|m|met(?:er|re)s?|cm|centimet(?:er|re)s?|mm|millimet(?:er|re)s?|miles?|feet|foot|ft|inch(?:es)?|yards?|light[- ]years?)",
    "duration": r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)|nights?)",
    "speed": r"(?:km/h|kph|mph|m/s|knots?|kilomet(?:er|re)s? (?:per|an) hour|miles (?:per|an) hour|met(?:er|re)s (?:per|a) second|gigahertz|megahertz|GHz|MHz|[MG]bit/s|[MG]bps)",
    "temperature": r"(?:°\s?[CFK]?|degrees?(?:\s+(?:celsius|fahrenheit))?|celsius|fahrenheit|kelvin)",
    "volume": r"(?:lit(?:er|re)s?|l|ml|millilit(?:er|re)s?|gallons?|cups?|pints?|(?:tea|table)spoons?|cubic \w+)",
}
_MEASURE = {
    name: re.compile(
        rf"(?:{_SCALED}|\b(?:half\s+)?an?\b|\ba\s+few\b|\bseveral\b)[ -]?(?:square\s+|and\s+a\s+half\s+)?{unit}(?![a-z]|\s+(?:old|ago)\b)",
        re.I,
    )
    if name == "duration"
    else re.compile(rf"{_SCALED}[ -]?(?:square\s+)?{unit}(?![a-z])", re.I)
    for name, unit in UNIT.items()
}
_FIXED: dict[str, re.Pattern[str]] = {
    "money": re.compile(
        rf"[$€£¥]\s?{_SCALED}|\b(?:a|one)\s+{_COIN}(?:\s+{NUMBER})?\b|{_SCALED}\s?(?:{_COIN}\b|[$€£¥])|\bfree(?: of charge)?\b",
        re.I,
    ),
    "percent": re.compile(rf"{NUMBER}\s?(?:%|per\s?cent\b)", re.I),
    "clock": re.compile(_CLOCK, re.I),
    "year": re.compile(_YEAR, re.I),
    "score": re.compile(
        rf"\b\d{{1,3}}\s?[-–:]\s?\d{{1,3}}\b|\b(?:{_NUMBER_WORD}|nil)(?:\s+to)?\s+(?:{_NUMBER_WORD}|nil|all)\b", re.I
    ),
    "weekday": re.compile(_WEEKDAY, re.I),
    "month": re.compile(rf"\b{_MONTH}"),
    "date": re.compile(rf"{_DATE}|{_RELATIVE}|{_YEAR}"),
    "time": re.compile(rf"{_DATE}|{_CLOCK}|{_RELATIVE}|{_YEAR}", re.I),
    "number": re.compile(_SCALED, re.I),
    "age": re.compile(
        rf"{NUMBER}[ -](?:years?|months?|weeks?|days?)[ -]old|\b(?:aged?|age is|turn(?:s|ed|ing)?):?\s+{NUMBER}|(?:\b(?:am|is|was|are|were)|['’](?:m|s|re))\s+{NUMBER}(?=\s*(?:[.,;!]|$|when\b|and\b|now\b|but\b|so\b))|\bat\s+{NUMBER}(?=,?\s+(?:he|she|i|they|we)\b)|\bfrom\s+{NUMBER}(?:\s+years)?\s+(?:up|on)\b",
        re.I,
    ),
    "street": re.compile(
        r"\b\d+[a-z]?\s+(?:[A-Z][\w'’-]+\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Way|Square|Drive|Place|Boulevard|Court)\b|\b[A-Z][\w'’-]+(?:stra(?:ss|ß)e|weg|platz)\s+\d+"
    ),
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|\b\w+ at \w+ dot \w+", re.I),
    "url": re.compile(
        r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|org|net|io|edu|gov|info|co|de|uk|fr|dev|example)\b\S*|\b\w+ dot (?:com|org|net)\b",
        re.I,
    ),
    "phone": re.compile(
        r"\+?\d[\d\s()./-]{5,}\d|(?:\b(?:zero|one|two|three|four|five|six|seven|eight|nine|oh)\b[ -]?){6,}", re.I
    ),
    "factor": re.compile(r"\b(?:twice|double|triple|half(?:\s+(?:the\s+)?\w+)?|[\w-]+\s+times)\b", re.I),
    "reason": re.compile(
        r"\b(?:because|since|due\s+to|thanks\s+to|owing\s+to|so\s+that|in\s+order\s+to|caused\s+by|as\s+a\s+result|the\s+reason|for\s+(?:fear|lack)|otherwise|or\s+else|(?:that|which)\s+(?:makes|helps|lets|keeps|means|gives)|to\s+(?=[a-z]+\b)|after|so\b)\b.*",
        re.I,
    ),
    "place": re.compile(
        r"\b(?:in|at|on|near|inside|outside|behind|under|beneath|beside|opposite|between|above|below|across|along|by|from|to|into|through|around|next\s+to|next\s+door\s+to|in\s+front\s+of)\s+(?:the\s+|a\s+|an\s+|our\s+|your\s+|its\s+|my\s+|his\s+|her\s+)?(?:(?!(?:in|on|at|by|for|to|from|and|since|during|every|is|was)\b)[\w'’&-]+\s*){1,4}",
        re.I,
    ),
}
_COMPLEMENT = re.compile(
    r"(?:\b(?:(?:is|are|was|were)\s+(?:called|named)|called|named|name\s+is|is|are|was|were|by)\s+|[:=–—]\s*)((?:[\w'’&.-]+\s*){1,4})",
    re.I,
)
_ADJECTIVES = {
    "long": ("duration", "length"),
    "far": ("length", "duration"),
    "tall": ("length",),
    "high": ("length", "money"),
    "deep": ("length",),
    "wide": ("length",),
    "thick": ("length",),
    "big": ("length", "money", "volume"),
    "large": ("length", "money", "volume"),
    "heavy": ("mass",),
    "expensive": ("money",),
    "cheap": ("money",),
    "old": ("age",),
    "fast": ("speed",),
    "hot": ("temperature",),
    "cold": ("temperature",),
    "warm": ("temperature",),
}
_NOUNS = {
    "year": ("year",),
    "day": ("weekday", "date"),
    "weekday": ("weekday",),
    "month": ("month",),
    "date": ("date",),
    "time": ("clock",),
    "hour": ("clock",),
    "hours": ("clock",),
    "score": ("score",),
    "percentage": ("percent",),
    "percent": ("percent",),
    "share": ("percent",),
    "price": ("money",),
    "cost": ("money",),
    "fee": ("money",),
    "amount": ("money", "number"),
    "discount": ("percent", "factor"),
    "email": ("email",),
    "e-mail": ("email",),
    "website": ("url",),
    "url": ("url",),
    "site": ("url",),
    "web": ("url",),
    "phone": ("phone",),
    "telephone": ("phone",),
    "temperature": ("temperature", "number"),
    "speed": ("speed",),
    "weight": ("mass",),
    "height": ("length",),
    "distance": ("length",),
    "depth": ("length",),
    "width": ("length",),
    "age": ("age",),
    "duration": ("duration",),
    "colour": ("colour",),
    "color": ("colour",),
    "city": ("name",),
    "town": ("name",),
    "country": ("name",),
    "place": ("place", "name"),
    "location": ("place", "name"),
    "person": ("person",),
    "name": ("name",),
    "reason": ("reason",),
    "address": ("street", "email", "url"),
    "number": ("number",),
}
_CONTACT = frozenset({"email", "e-mail", "website", "url", "site", "web", "phone", "telephone"})
_DROPPED = frozenset(
    ("hour", "hours", "city", "town", "country", "place", "location", "person", "day", "date", "time", "colour",
     "color", "number", "name", "amount", "year", "month", "weekday", "reason", "address", "discount")
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """`kinds` that would answer, any of them; `absorbed` stems of the question that such a thing itself stands for;
    `counted` the stems of what is counted ("how many `apples`")."""

    kinds: tuple[str, ...]
    absorbed: frozenset[str] = frozenset()
    counted: tuple[str, ...] = ()


def wanted(question: str) -> Wanted:  # noqa: PLR0911 - one a kind of question
    """What `question` wants to hear; kinds ("any",) where its grammar doesn't tell."""
    text = question.casefold().strip()
    if re.search(r"\bhow\s+(?:late|early)\s+(?:is|are|was|were)\b(?!.*\b(?:open|closed?|until|till)\b)", text):
        return Wanted(("duration", "clock", "time"))
    if re.search(r"\bhow\s+(?:late|early)\b|\b(?:until|till|since|by|from)\s+when\b", text):
        return Wanted(("clock", "time"), _stems("late early time"))
    match = re.search(
        r"\bhow\s+(many|much|often|old|long|far|tall|high|deep|wide|thick|big|large|heavy|fast|hot|cold|warm|expensive|cheap)\b\s*((?:[\w'-]+\s*){0,3})",
        text,
    )
    if match:
        return _how(match[1], match[2], text)
    if re.search(
        r"\bwhat\b.*\b(?:do|does|did|would|will)\b.*\b(?:cost|pay|charge|earn)\b|\bwhat\s+the\b.*\bcosts?\b", text
    ):
        return Wanted(("money",), _stems("cost price pay charge earn"))
    if re.search(
        r"^who(?:\s+(?:is|was|are|were)|'s)\s+(?!the\b|an?\b|in\b|on\b|at\b|[\w ]*\b(?:by|of|for|from|to|with)\b)[^?]*\W*$",
        text,
    ) and not re.search(r"\w+ing\b", text):
        return Wanted(("any",))
    if re.search(r"\bwho(?:m|se)?\b", text):
        return Wanted(("person",))
    if re.search(r"\bwhen\b", text):
        return Wanted(("time",), _stems("date time"))
    if re.search(r"\bwhere\b", text):
        return Wanted(("place",), _stems("locate located place" + (" find" if re.search(r"\bcan\b", text) else "")))
    if re.search(r"\bwhy\b|\bfor what reason\b|\bhow come\b", text):
        return Wanted(("reason",), _stems("reason come"))
    match = re.search(
        r"\b(?:what|which)(?:'s|\s+is|\s+are|\s+was|\s+were)?\s+(?:the\s+|its\s+|his\s+|her\s+|their\s+)?((?:[\w'-]+\s+){0,2}?)("
        + "|".join(sorted(_NOUNS, key=len, reverse=True))
        + r")\b",
        text,
    )
    if match:
        noun = match[2]
        if noun in _CONTACT:
            return Wanted(_NOUNS[noun], _stems(f"{noun} address number site page contact"))
        # "the opening price of" still has to be about the price; "which city" needn't say that it is one
        return Wanted(
            _NOUNS[noun],
            _stems(noun)
            if noun in _DROPPED or _NOUNS[noun][0] in _MEASURE or noun in ("price", "cost", "percentage", "percent")
            else frozenset(),
        )
    return Wanted(("any",))


def _how(word: str, after: str, text: str) -> Wanted:  # noqa: PLR0911 - one a kind of question
    if word == "many":
        counted = [token.stem for token in tokens(after) if token.is_content][:1]
        measure = next(
            (name for name, unit in UNIT.items() if counted and re.fullmatch(unit, counted[0] + "s", re.I)), ""
        )
        if measure:
            return Wanted((measure,), frozenset(counted))
        return (
            Wanted(("percent",), _stems("percent"))
            if counted == ["percent"]
            else Wanted(("number",), counted=tuple(counted))
        )
    if word == "much":
        if re.search(r"\bweigh", text):
            return Wanted(("mass",), _stems("weigh weight"))
        if re.search(
            r"\b(?:cost|price|pay|charge|fee|sell|worth|earn|spend|spent|raise|dollars?|euros?|money)\b", text
        ):
            return Wanted(("money",), _stems("cost price pay charge fee worth sell money"))
        if re.search(
            r"\b(?:gr[eo]w\w*|increas\w*|r[io]se\w*|rising|f[ae]ll\w*|drop\w*|declin\w*|decreas\w*|chang\w*|shrink|shrank|gain\w*|jump\w*)\b",
            text,
        ):
            return Wanted(("percent", "money", *UNIT, "factor", "number"))
        if re.search(r"\bhow\s+much\s+(?:is|are|was|were)\s+(?:the|an?|it|that|this|these|those|my|one)\b", text):
            return Wanted(("money", "percent"))
        return Wanted(("money", "percent", *UNIT, "factor", "number"))
    if word == "often":
        return Wanted(("any",))
    return Wanted(_ADJECTIVES[word], _stems(word) | _stems("take last" if word == "long" else ""))


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


def spans(text: str, want: Wanted, asked: frozenset[str]) -> list[str]:
    """Where `text` says what is wanted, in the question's order of preference; what only repeats the `asked` stems is
    left out. [""] for kind "any" where there is something new and for "claim" in any case, [] where there is nothing."""
    for kind in want.kinds:
        found = _of_kind(text, kind, want, asked)
        if found:
            return found
    return []


def _of_kind(text: str, kind: str, want: Wanted, asked: frozenset[str]) -> list[str]:
    if kind == "claim":
        return [""]
    if kind == "any":
        return [""] if any(_fresh(token, asked) for token in tokens(text)) else []
    if kind == "number" and want.counted:
        return _counted(text, want.counted)
    special: dict[str, Callable[[str, frozenset[str]], list[str]]] = {
        "person": _persons,
        "name": _names,
        "colour": _colours,
    }
    if kind in special:
        return special[kind](text, asked)
    pattern = _MEASURE.get(kind) or _FIXED[kind]
    found = [match.group().strip(" ,.") for match in pattern.finditer(text)]
    if kind == "phone":
        found = [each for each in found if len(re.findall(r"\d", each)) >= 7 or not re.search(r"\d", each)]
    if kind == "reason":
        # "A, so B": the reason stands before
        found = [
            re.split(r",?\s+so\s+(?!that\b)", text)[0] if re.match(r"so\s+(?!that\b)", each) else each for each in found
        ]
    if kind == "reason":
        found = [each for each in found if not re.match(r"to\s+(?:[A-Z]|(?:the|a|an|my|our|your)\b)", each)]
    if kind == "place":
        found = [each for each in found if not _FIXED["time"].search(each.split(" ", 1)[-1])]
        found = [each for each in found if not re.search(r"\b(?:it|me|you|him|her|us|them)$", each, re.I)]
    return [each for each in found if any(_fresh(token, asked) for token in tokens(each))]


def _fresh(token: Token, asked: frozenset[str]) -> bool:
    return token.is_content and not any(same(each, token.stem) for each in asked)


def _counted(text: str, counted: Sequence[str]) -> list[str]:
    """Numbers that count `counted`: up to three words before it, or right after it with a colon between."""
    words = tokens(text)
    found: list[str] = []
    for at, token in enumerate(words):
        if not token.is_number:
            continue
        ahead = [one.stem for one in words[at + 1 : at + 5]]
        behind = words[at - 1] if at else None
        labelled = behind is not None and re.search(r"[:=]", text[behind.end : token.start]) is not None
        if any(same(each, one) for each in counted for one in ahead) or (
            labelled
            and behind is not None
            and any(same(each, one.stem) for each in counted for one in words[max(0, at - 2) : at])
        ):
            found.append(token.text)
    return found


def _names(text: str, asked: frozenset[str]) -> list[str]:
    """Runs of words written as names; what follows "called", "named" or "is"; what stands after a colon."""
    found = [text[run[0].start : run[-1].end] for run in _runs(text) if any(_fresh(token, asked) for token in run)]
    match = _COMPLEMENT.search(text)
    after = tokens(match[1]) if match else []
    # "was built in 1902" names nobody: what follows begins with a word of the question
    if match and after and next((_fresh(token, asked) for token in after if token.is_content), False):
        found.append(match[1].strip(" ,."))
    inner = [name for name in found if not text.startswith(name)]
    return inner or found


def _runs(text: str) -> list[list[Token]]:
    """Words next to each other that begin with a capital, function words aside."""
    words = tokens(text)
    runs: list[list[Token]] = []
    for at, token in enumerate(words):
        if not (token.text[:1].isupper() and token.is_content):
            continue
        if runs and words[at - 1] is runs[-1][-1] and text[runs[-1][-1].end : token.start].strip() in ("", ".", "-"):
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs


def _doer(text: str, asked: frozenset[str]) -> str:
    """The name that stands before the words asked for ("Anna Berger will lead the office"), "" where none does."""
    words = tokens(text)
    first = next((token.start for token in words if token.is_content and not _fresh(token, asked)), len(text))
    for run in _runs(text):
        named = run if is_name(text, run[0]) or len(run) > 1 else [token for token in run if not token.text.isupper()]
        greeting = text[run[-1].end : run[-1].end + 1] == ","
        if named and not greeting and run[-1].end <= first and all(_fresh(token, asked) for token in run):
            return text[run[0].start : run[-1].end]
    return ""


def _persons(text: str, asked: frozenset[str]) -> list[str]:
    """Names; who stands before the verb that was asked for ("the mayor opened"), or after "by", "is" or a colon."""
    by = re.search(r"\b(\w+)\s+by\s+((?:the\s+|an?\s+|our\s+|my\s+)?[\w'’.-]+(?:\s+[A-Z][\w'’-]+)*)", text)
    if by and any(same(each, stem(by[1])) for each in asked):
        return [by[2].rstrip(".")] if any(_fresh(token, asked) for token in tokens(by[2])) else []
    own = re.search(r"\b[Mm]y name(?: is|['’]s) ([\w'’-]+(?: [A-Z][\w'’-]+)*)", text)
    if own and not set(stems(own[1])) & asked:
        return [own[1]]
    doer = _doer(text, asked)
    if doer:
        return [doer]
    named = [
        each
        for each in _names(text, asked)
        if any(_fresh(token, asked) and not token.is_number for token in tokens(each))
    ]
    if named:
        return named
    words = tokens(text)
    first = next((at for at, token in enumerate(words) if token.is_content and not _fresh(token, asked)), 0)
    before = [token for token in words[:first] if _fresh(token, asked)]
    if not before or before[0].is_number or words[0].stem in ("there", "it", "in", "at", "on"):
        return []
    return [text[words[0].start : before[-1].end]]


def _colours(text: str, asked: frozenset[str]) -> list[str]:
    return [token.text for token in tokens(text) if token.stem in COLOURS and token.stem not in asked]
