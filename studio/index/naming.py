"""What a question in words of its own wants to hear, and where a piece of evidence says such a thing."""
# ruff: noqa: C901, E501, PLR0911, PLR0912 - one return a kind of answer; a pattern is read as one line

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.index.closeness import Corpus, Term, words_of
from studio.index.evidence import Evidence
from studio.index.lexicon import FUNCTION_WORDS
from studio.index.people import beside, doers, introduced, names
from studio.index.spans import Wanted, spans, wanted
from studio.index.thesaurus import ALIKE, GENERAL, kin
from studio.index.words import Token, content, same, stem, stems, tokens

_POLAR = re.compile(
    r"^(?:and\s+)?(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|might|must)(?:n't)?\b",
    re.I,
)
_NAME_OF = re.compile(
    r"\bnames?\s+of\s+(?:the\s+|her\s+|his\s+|their\s+|this\s+)?(?P<a>[\w' -]+?)\W*$|\b(?P<b>[\w-]+)['’]s\s+name\b|\b(?:is|are|was|were)\s+(?:the\s+|her\s+|his\s+|their\s+|this\s+)?(?P<c>[\w' -]+?)\s+(?:called|named)\W*$",
    re.I,
)
_WHICH = re.compile(
    r"\b(?:which|what)\s+(?:kind\s+of\s+|type\s+of\s+|sort\s+of\s+)?(?P<noun>[a-z-]{3,})\b(?=\s+\w)", re.I
)
_ROLE = re.compile(r"^(?:and\s+)?who(?:['’]s|\s+is|\s+are|\s+was|\s+were)\s+(?!\w+ing\b)", re.I)
_SPEAKER = re.compile(
    r"^(?:and\s+)?who(?:['’]s|\s+is|\s+was)?\s+(?:giving|presenting|hosting|teaching|leading|speaking|talking|narrating|showing|explaining|holding|cooking|(?:the\s+)?(?:presenter|host|speaker|narrator|lecturer|cook|chef|teacher|instructor|trainer|guide|reporter|vlogger|youtuber|woman|man|person))\b(?!\s+(?:of|about)\b)|\bname\s+of\s+the\s+(?:presenter|host|speaker|narrator|lecturer|cook|chef|teacher|instructor|trainer|guide|reporter|vlogger)\W*$|\bwhat(?:['’]s|\s+is)\s+(?:her|his)\s+name\W*$",
    re.I,
)
_BEHIND = re.compile(r"\b(?P<word>with|to|for|from|against|by)\W*$", re.I)
_TIMES = re.compile(
    r"\b(?:once|twice|never|always|daily|weekly|monthly|yearly|(?:every|each)\s+(?:\w+\s+){0,2}?(?:day|night|morning|evening|week|month|year|hour|minutes?|hours?|\w+day)s?|[\w-]+\s+times(?:\s+(?:a|per)\s+\w+)?)\b",
    re.I,
)
_THAT_IS = re.compile(
    r"^(?:and\s+|so\s+)?(?:that|this|it)(?:['’]s|\s+is|\s+was)\s+(?:where|why|when|how|what|who)\b", re.I
)
_OCCASION = re.compile(
    r"\b(?:at\s+the\s+(?:very\s+)?(?:end|beginning|start)|(?:when|before|after|once|as\s+soon\s+as)\s+\w+(?:\s+[\w'’]+){1,6})",
    re.I,
)
_BARE = frozenset(
    map(stem, ["make", "take", "do", "give", "have", "get", "come", "go", "be", "run", "hold", "allow", "able"])
)
_BEGUN = re.compile(r"\b(?:built|founded|opened|established|born|made|since|from)\b", re.I)


@dataclass(frozen=True)
class Asked:
    """`kind` of `want`; `absorbed` stems that the answer itself stands for; `role` the word whose bearer is asked for;
    `noun` what the answer is one of; `behind` the word that a name must follow."""

    text: str
    kind: str
    want: Wanted
    polar: bool = False
    absorbed: frozenset[str] = frozenset()
    role: str = ""
    noun: str = ""
    behind: str = ""
    speaker: bool = False


def asked_of(text: str) -> Asked | None:
    """None for what is no question on a fact."""
    if not content(text):
        return None
    if _POLAR.match(text) and " or " not in text:
        return Asked(text, "claim", Wanted(("claim",)), polar=True)
    want = wanted(_main(text))
    if re.search(r"\bhow\s+(?:often|many\s+times|frequently)\b", text, re.I):
        return Asked(text, "frequency", Wanted(("frequency",)), absorbed=frozenset(("often", "time", "frequent")))
    if _SPEAKER.search(text):
        return Asked(text, "person", Wanted(("person",)), speaker=True)
    named = _NAME_OF.search(text)
    if named:
        role = named["a"] or named["b"] or named["c"]
        return Asked(text, "name", Wanted(("name",)), absorbed=frozenset(("name", "call")), role=role)
    kind = want.kinds[0]
    if re.search(r"\bwho(?:m)?\b", text, re.I) and kind in ("person", "any"):
        behind = _BEHIND.search(text)
        role = text if _ROLE.match(text) and not behind else ""
        return Asked(text, "person", Wanted(("person",)), role=role, behind=behind["word"].casefold() if behind else "")
    which = _WHICH.search(text)
    if (
        which
        and stem(which["noun"]) not in FUNCTION_WORDS
        and which["noun"] not in FUNCTION_WORDS
        and kind in ("any", "name", "place", "number", "person")
    ):
        noun = stem(which["noun"])
        return Asked(text, "kind", want, absorbed=want.absorbed - {noun}, noun=noun)
    return Asked(text, kind, want, absorbed=want.absorbed)


def _main(text: str) -> str:
    """The question without the clause that only says when or if: that one's "when" asks nothing."""
    first = re.split(r"\s+(?:when|while|if|before|after|until|because)\s+", text, maxsplit=1, flags=re.I)[0]
    return first if first != text and re.search(r"\b(?:who|what|where|why|how|which|whose)\b", first, re.I) else text


def told(one: Evidence, asked: Asked, corpus: Corpus) -> tuple[list[str], list[Evidence]]:
    """The spans of `one` that answer `asked`, [""] where the whole does, and other evidence that is needed to see it."""
    if asked.polar:
        return [""], []
    before = corpus.whole.neighbour(one, -1)
    if before is not None and _THAT_IS.match(one.text) and asked.kind in ("place", "reason", "time", "person", "any"):
        return [""], [before]
    stems_asked = frozenset(stems(asked.text))
    if asked.kind == "person":
        return _persons(one, asked, corpus)
    if asked.kind == "name":
        return _names(one, asked), []
    if asked.kind == "kind":
        return _one_of(one, asked), []
    if asked.kind == "frequency":
        return [match.group() for match in _TIMES.finditer(one.text)][:1], []
    if asked.kind == "number" and asked.want.counted:
        return _counted(one, asked), []
    found = spans(one.text, asked.want, stems_asked)
    if not found and asked.kind == "age" and _BEGUN.search(one.text):
        found = spans(one.text, Wanted(("year",)), stems_asked) and [""]
    if not found and asked.kind == "time":
        found = [match.group() for match in _OCCASION.finditer(one.text)][:1]
    if not found and asked.kind == "place":
        found = spans(f"{one.text}", Wanted(("url",)), stems_asked)
    if not found and asked.kind == "reason":
        found = re.findall(r"\bfor\s+(?:the|my|his|her|our|their)\s+\w+", one.text)
    if not found and asked.kind == "reason":
        after = corpus.whole.neighbour(one, 1)
        if after is not None and re.match(r"(?:because|that's because|so that)\b", after.text, re.I):
            return [""], [after]
    return found, []


def matches(asked: str, there: str) -> bool:
    """Whether the stem `there` stands for the stem `asked`."""
    return asked == there or same(asked, there) > 0 or kin(asked, there) > 0


def _persons(one: Evidence, asked: Asked, corpus: Corpus) -> tuple[list[str], list[Evidence]]:
    if asked.speaker:
        return ([name], []) if (name := introduced(one.text)) else ([], [])
    terms = [token.stem for token in content(asked.text)]

    def ours(token: Token) -> bool:
        return any(matches(term, token.stem) for term in terms)

    if asked.behind:
        return _following(one.text, asked.behind, ours), []
    key = _key(asked.text, corpus)

    def verb(token: Token) -> bool:
        return any(same(each, token.stem) or kin(each, token.stem) >= ALIKE for each in key)

    done = re.match(r"(?:and\s+)?who(?:['’]s|\s+(?:is|are|was|were|gets?|got|has\s+been))\b", asked.text, re.I)
    found = doers(one.text, ours, verb, passive=done is not None)
    if not found and (name := introduced(one.text)) and re.search(r"\bI['’]?m\b|\bi am\b", one.text) and key and any(
        verb(token) for token in tokens(one.text)):  # fmt: skip
        return [name], []
    if found or asked.role:
        return found, []
    first = tokens(one.text)[:1]
    if first and first[0].text.casefold() in ("he", "she") and (before := corpus.whole.neighbour(one, -1)) is not None:
        named = names(before.text)
        if len(named) == 1:
            return [before.text[named[0][0].start : named[0][-1].end]], [before]
    fresh = [run for run in names(one.text) if not any(ours(token) for token in run)]
    passive = re.search(r"\b(?:was|were|been|be|is|are)\s+\w+(?:ed|en|t)\b", one.text)
    if fresh and not passive and any(verb(token) for token in tokens(one.text)):
        return ([one.text[fresh[0][0].start : fresh[0][-1].end]] if len(fresh) == 1 else [""]), []
    return [], []


def _key(text: str, corpus: Corpus) -> list[str]:
    """The verb or the role of a question after somebody: its first word that weighs something, else its first."""
    terms: list[Term] = corpus.terms(text, ())
    heavy = [term.stem for term in terms if term.stem not in _BARE and not term.exacting]
    found = heavy or [term.stem for term in terms]
    first = next((token for token in tokens(text)[1:] if token.stem in found[:1]), None)
    who = re.match(r"(?:and\s+)?who", text, re.I)
    if (
        who
        and first is not None
        and re.search(r"\b(?:the|a|an)\s+$", text[: first.start], re.I)
        and not _ROLE.match(text)
    ):
        return []
    return found[:1] if who else found


def _following(text: str, word: str, ours) -> list[str]:
    for match in re.finditer(rf"\b{word}\s+((?:the|my|our|his|her|a|an)\s+)?", text, re.I):
        for run in names(text):
            gap = text[match.end() : run[0].start]
            if run[0].start >= match.end() and len(gap.split()) <= 2 and not any(ours(token) for token in run):
                return [text[run[0].start : run[-1].end]]
        rest = tokens(text[match.end() :])[:3]
        if match[1] and rest and rest[0].is_content and not any(ours(token) for token in rest[:1]):
            return [text[match.start() + len(word) :].split(",", maxsplit=1)[0].strip(" .")]
    return []


def _names(one: Evidence, asked: Asked) -> list[str]:
    """What the thing `asked.role` is called: a name beside the word for it, or after "called"."""
    terms = [token.stem for token in content(asked.role)]

    def role(token: Token) -> bool:
        return any(matches(term, token.stem) for term in terms[-1:])

    def ours(token: Token) -> bool:
        return any(matches(term, token.stem) for term in terms)

    words = tokens(one.text)
    if not any(role(token) for token in words):
        return []
    match = re.search(r"\b(?:called|named|name is|names are)\s+((?:[\w'’&-]+\s*){1,4})", one.text, re.I)
    if match and not any(ours(token) for token in tokens(match[1])[:1]):
        return [match[1].strip(" .,")]
    for run in names(one.text):
        if role(run[-1]) and not role(run[0]):
            return [one.text[run[0].start : run[-1].end]]
        after = tokens(one.text[run[-1].end :])[:5]
        if one.text[run[-1].end :].lstrip()[:1] == "," and any(role(token) for token in after):
            return [one.text[run[0].start : run[-1].end]]
    for at, token in enumerate(words):
        if role(token) and (found := beside(one.text, words, at, ours)):
            return found
    return []


def _one_of(one: Evidence, asked: Asked) -> list[str]:
    """What `asked.noun` it is: "tram 28", "Elm Street", "peacocks"."""
    words = tokens(one.text)
    stems_asked = frozenset(stems(asked.text))
    for at, token in enumerate(words):
        if token.stem in stems_asked and token.stem != asked.noun:
            continue
        if (
            kin(asked.noun, token.stem) == GENERAL
            and token.is_content
            and not any(same(token.stem, s) for s in stems_asked)
        ):
            return [token.text]
        if same(asked.noun, token.stem):
            after = words[at + 1] if at + 1 < len(words) else None
            joined = after is not None and not one.text[token.end : after.start].strip(" :")
            if joined and after is not None and (after.is_number or (len(after.text) == 1 and after.text.isupper())):
                end = after
                if not after.is_number and at + 2 < len(words) and words[at + 2].is_number:
                    end = words[at + 2]
                return [one.text[token.start : end.end]]
            before = words[at - 1] if at else None
            if before is not None and before.is_content and before.stem not in stems_asked and not before.is_number:
                return [one.text[before.start : token.end]] if not one.text[before.end : token.start].strip() else [""]
    if not any(same(asked.noun, word) for word in words_of(f"{one.text} {one.title}")):
        return []
    return [""] if spans(one.text, asked.want, stems_asked) else []


def _things(asked: Asked) -> list[str]:
    """What is counted: in "how many parking spaces are there" the spaces."""
    match = re.search(
        r"\bhow\s+many\s+(?:different\s+|other\s+)?((?:[\w'-]+\s+){0,2}?[\w'-]+)\s+(?:is|are|was|were|do|does|did|has|have|had|can|will|would|should|of|in|on|go|goes|come|came|lead|take|took|live)\b",
        asked.text,
        re.I,
    )
    phrase = [token.stem for token in content(match[1])] if match else []
    return phrase[-1:] or list(asked.want.counted)


def _counts(text: str, token: Token) -> bool:
    """Whether the number `token` may count things: no time of day, no share, no sum."""
    if re.search(r"[:./-]\d", token.text) or re.search(
        r"\b(?:at|until|till|number|room|chapter|item|version)\s+$", text[: token.start], re.I
    ):
        return False
    return not re.match(
        r"\s*(?:%|percent|per\s?cent|o['’]?clock|[ap]\.?m\b|dollars?|euros?|pounds?|EUR|USD|degrees|°|[$€£])",
        text[token.end :],
        re.I,
    )


def _counted(one: Evidence, asked: Asked) -> list[str]:
    """Numbers of the things that are counted: right before them, else the only number of the sentence."""
    strict = spans(one.text, asked.want, frozenset(stems(asked.text)))
    if strict:
        return strict
    words = tokens(one.text)
    things = _things(asked)
    here = [at for at, token in enumerate(words) if any(matches(each, token.stem) for each in things)]
    numbers = [at for at, token in enumerate(words) if token.is_number and _counts(one.text, token)]
    direct = re.search(r"\b([\w-]+)\s+of\s+them\b", one.text, re.I)
    if direct:
        last = [at for at in numbers if words[at].end == direct.end(1)]
        if last:
            return [words[last[0]].text]
    if not numbers:
        return []
    near = [at for at in numbers if any(-4 <= at - place <= 5 for place in here)]
    if near:
        return [
            words[min(near, key=lambda at: min((place - at if place > at else at - place + 3) for place in here))].text
        ]
    if not here and len(numbers) == 1 and any(matches(each, word) for each in things
                                              for word in words_of(one.title)):  # fmt: skip
        return [words[numbers[0]].text]
    return []
