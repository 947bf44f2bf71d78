"""What a question in words of its own wants to hear, and where a piece of evidence says such a thing."""
# ruff: noqa: C901, E501, PLR0911, PLR0912 - one return a kind of answer; a pattern is read as one line

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.index.amounts import counted, priced
from studio.index.closeness import Corpus, Term, words_of
from studio.index.evidence import Evidence
from studio.index.lexicon import FUNCTION_WORDS
from studio.index.people import beside, doers, introduced, names
from studio.index.spans import Wanted, spans, wanted
from studio.index.thesaurus import ALIKE, GENERAL, kin, matches
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
    r"^(?:and\s+)?who\s+(?:(?:presents?|hosts?|presented|hosted|narrates?|narrated)\s+(?:the|this)\s+\w+\W*$|(?:gives?|gave|teaches)\s+(?:the|this)\s+(?:video|film|talk|lecture|episode|show|class|lesson|course|tour|podcast|programme|program|news)\b)|^(?:and\s+)?who(?:['’]s|\s+is|\s+was)?\s+(?:giving|presenting|hosting|teaching|leading|speaking|talking|narrating|showing|explaining|holding|cooking|(?:the\s+)?(?:presenter|host|speaker|narrator|lecturer|cook|chef|teacher|instructor|trainer|guide|reporter|vlogger|youtuber|woman|man|person))\b(?!\s+(?:of|about)\b)|\bname\s+of\s+the\s+(?:presenter|host|speaker|narrator|lecturer|cook|chef|teacher|instructor|trainer|guide|reporter|vlogger)\W*$|\bwhat(?:['’]s|\s+is)\s+(?:her|his)\s+name\W*$",
    re.I,
)
_HAPPENING = re.compile(
    r"\bwhat\s+\w+(?:ed|s)\s+(?:the|a|an|my|your|his|her|its|our|their|this|that|him|us|them|it|if|when|to|in|on|at|with|for|after|before|down|up|off|out)\b",
    re.I,
)
"""What did it, what becomes of it: no noun behind "what", though a word stands there."""
_OF_HIMSELF = re.compile(r"\bI['’]?(?:m|ll)\b|\bi (?:am|will)\b")
_JOB = re.compile(r"\b(?:job|profession|occupation)\W*$|\bfor\s+a\s+living\W*$|\bwork\s+as\W*$", re.I)
_JOBS = frozenset(map(stem, ("job", "profession", "occupation", "living", "do", "work", "live")))
_AS_A = re.compile(
    r"\b(?:is|was|be|am|as|become|became|['’]m|['’]s)\s+(?:an?|the|our)\s+[a-z]|\b[A-Z][\w'’-]+,?\s+(?:an?|the|our)\s+[a-z]|^(?:[A-Z][\w.'’-]*\s+)*[A-Z][\w'’-]+,\s+[A-Za-z]{4,}"
)
"""What somebody is: "is a dentist", "Anna Berg, a dentist"."""
_CAPTIONED_AGE = re.compile(r"^[A-Z][\w'’ .-]+,\s+(?:aged?\s+)?(\d{1,3}(?:\s+years?)?)$")
_WHENCE = re.compile(r"\bfrom\W*$|\bfrom\s+where\b", re.I)
_WHERE_AT = re.compile(
    r"^where\s+(?:is|are|was|were)\s+(?!\w+\s+(?:going|coming|from|to)\b)|\b(?:live|lives|lived|work|works|worked|study|studies|studied|stay|stays|stayed|staying|born|sit|grow|grows)\W*$",
    re.I,
)
_STANDING = frozenset(("in", "at", "on", "near", "behind", "under"))
PLACED = re.compile(r"\b(?:in|at|from|to|near|into|around)\s+(?:the\s+)?$", re.I)
"""What stands before the name of a place, not of somebody who does a thing."""
_BEHIND = re.compile(r"\b(?P<word>with|to|for|from|against|by)\W*$", re.I)
_TIMES = re.compile(
    r"\b(?:once|twice|never|always|daily|weekly|monthly|yearly|(?:every|each)\s+(?:\w+\s+){0,2}?(?:day|night|morning|evening|week|weekend|fortnight|month|quarter|season|summer|winter|year|hour|minute|second|\w+day)s?|[\w-]+\s+times(?:\s+(?:a|per)\s+\w+)?)\b",
    re.I,
)
_THAT_IS = re.compile(
    r"^(?:and\s+|so\s+)?(?:that|this|it)(?:['’]s|\s+is|\s+was)\s+(?:where|why|when|how|what|who)\b", re.I
)
_OCCASION = re.compile(
    r"\b(?:at\s+the\s+(?:very\s+)?(?:end|beginning|start)|(?:when|if|before|after|once|as\s+soon\s+as)\s+\w+(?:\s+[\w'’]+){1,6})",
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
    if _JOB.search(text):
        return Asked(text, "job", Wanted(("any",)), absorbed=_JOBS)
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
        and not _HAPPENING.search(text)
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
        found = _names(one, asked)
        return (found, []) if found or before is None else _name_of_that(one, before, asked)
    if asked.kind == "kind":
        return _one_of(one, asked), []
    if asked.kind == "job":
        return ([""] if _AS_A.search(one.text) and names(one.text) else []), []
    if asked.kind == "frequency":
        return [match.group() for match in _TIMES.finditer(one.text)][:1], []
    if asked.kind == "number" and asked.want.counted:
        return counted(one, asked), []
    found = spans(one.text, asked.want, stems_asked)
    if asked.kind == "place":
        found = [each for each in found if not _elsewhere(each, asked.text)]
    if not found and asked.kind == "money":
        found = priced(one.text, asked)
    if not found and asked.kind == "age" and one.source == "screen_text":
        found = _CAPTIONED_AGE.findall(one.text)
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
        found = re.findall(r",\s+(?:it|they|this|that|you|we)(?:['’]\w+)?\s+\w.*", one.text)
    return found, []


def _elsewhere(span: str, question: str) -> bool:
    """Whether `span` tells from or to where, when it was asked where a thing is, or the other way round."""
    way = span.split(maxsplit=1)[0].casefold()
    if _WHENCE.search(question):
        return way in _STANDING | {"to", "into"}
    return _WHERE_AT.search(question) is not None and way in ("from", "to", "into", "through", "by")


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
    if not found and key and (name := introduced(one.text)) and _OF_HIMSELF.search(one.text):
        head = terms[-1] if asked.role else ""
        if any(verb(token) or (head and matches(head, token.stem)) for token in tokens(one.text)):
            return [name], []
    if found or asked.role:
        return found, []
    first = tokens(one.text)[:1]
    if first and first[0].text.casefold() in ("he", "she") and (before := corpus.whole.neighbour(one, -1)) is not None:
        named = names(before.text)
        if len(named) == 1 and not any(ours(token) for token in named[0]):
            return [before.text[named[0][0].start : named[0][-1].end]], [before]
    fresh = [run for run in names(one.text)
             if not any(ours(token) for token in run) and not PLACED.search(one.text[: run[0].start])]  # fmt: skip
    passive = re.search(r"\b(?:was|were|been|be|is|are)\s+\w+(?:ed|en|t)\b|\bby\b", one.text)
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


def _name_of_that(one: Evidence, before: Evidence, asked: Asked) -> tuple[list[str], list[Evidence]]:
    """The name that "her name is" gives to what the sentence before is about."""
    match = re.match(r"(?:and\s+)?(?:his|her|its|their)\s+names?\s+(?:is|was|are|were)\s+", one.text, re.I)
    role = [token.stem for token in content(asked.role)][-1:]
    if not match or not any(matches(term, word) for term in role for word in words_of(before.text)):
        return [], []
    run = next((run for run in names(one.text) if run[0].start == match.end()), None)
    return ([one.text[run[0].start : run[-1].end]], [before]) if run else ([], [])


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
