"""Who a sentence speaks of: names, however a recogniser writes them, and who does what was asked for."""
# ruff: noqa: E501, SIM102 - word lists are read as text; nested conditions read as steps

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from studio.index.closeness import distance
from studio.index.thesaurus import is_word
from studio.index.words import Token, tokens

TITLES = frozenset(
    [
        "mr",
        "mister",
        "mrs",
        "missis",
        "ms",
        "miss",
        "dr",
        "doctor",
        "professor",
        "prof",
        "sir",
        "lady",
        "lord",
        "councilor",
        "councillor",
        "captain",
        "coach",
        "inspector",
        "officer",
        "father",
        "sister",
        "brother",
        "president",
        "minister",
        "senator",
        "king",
        "queen",
        "prince",
        "princess",
        "judge",
        "saint",
        "uncle",
        "aunt",
    ]
)
_AUXILIARY = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "could",
        "did",
        "does",
        "do",
        "must",
        "may",
        "might",
        "should",
        "just",
        "also",
        "then",
        "first",
        "really",
        "never",
        "always",
        "already",
        "now",
        "who",
        "that",
        "which",
        "s",
    ]
)
_SUFFERING = frozenset(["been", "was", "were", "is", "are", "be", "being", "get", "gets", "got"])
_NO_NAME = frozenset(
    [
        "below",
        "above",
        "behind",
        "beneath",
        "beside",
        "despite",
        "since",
        "unlike",
        "without",
        "i",
        "okay",
        "ok",
        "hey",
        "guys",
        "hello",
        "hi",
        "welcome",
        "well",
        "yes",
        "no",
        "oh",
        "so",
        "and",
        "but",
        "the",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)
_DETERMINER = re.compile(r"^(?:the|a|an|our|my|your|his|her|their|its|this|that|some|two|three|both)$", re.I)
_INTRODUCED = re.compile(
    r"\b(?i:my name(?: is|['’]s)|i am|i['’]m|it['’]s|this is)\s+(?P<a>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)(?!['’]s)|"
    r"\b(?i:my name)(?: is|['’]s)\s+(?P<b>[\w'’-]+(?:\s+[\w'’-]+)?)",
)
_STOP = re.compile(r"[,.;:!?]")


def introduced(text: str) -> str:
    """The name that a speaker gives for himself in `text`, "" where none does."""
    match = _INTRODUCED.search(text)
    return (match["a"] or match["b"] or "").strip() if match else ""


def names(text: str) -> list[list[Token]]:
    """Runs of words that look like names: capitals that no sentence asks for, or words that no dictionary has."""
    words = tokens(text)
    cased = sum(token.text[:1].isupper() for token in words) > (words[0].text[:1].isupper() if words else 0)
    runs: list[list[Token]] = []
    for at, token in enumerate(words):
        if not (_named(text, token, cased) or _titled(text, words, at)):
            continue
        joined = runs and words[at - 1] is runs[-1][-1] and not _STOP.search(text[runs[-1][-1].end : token.start])
        if joined:
            runs[-1].append(token)
        else:
            runs.append([words[at - 1], token] if at and _opens(text, words[at - 1], token) else [token])
    return runs


def _opens(text: str, before: Token, token: Token) -> bool:
    """Whether `before` belongs to the name that `token` begins: a title, or a first name that is a word too."""
    plain = before.text.casefold()
    if _STOP.search(text[before.end : token.start].lstrip(".")):
        return False
    first = before.text[:1].isupper() and token.text[:1].isupper() and before.is_content and plain not in _NO_NAME
    return plain in TITLES or first


def _titled(text: str, words: Sequence[Token], at: int) -> bool:
    """Whether a title such as "mister" stands right before."""
    title = words[at - 1] if at else None
    return (
        title is not None
        and title.text.casefold() in TITLES - {"father", "captain", "coach", "general", "president"}
        and words[at].is_content
        and not words[at].is_number
        and not _STOP.search(text[title.end : words[at].start].lstrip("."))
    )


def _named(text: str, token: Token, cased: bool) -> bool:
    plain = token.text.casefold()
    if token.is_number or not token.is_content or plain in _NO_NAME or len(plain) < 2 or plain in TITLES:
        return False
    begins = not text[: token.start].strip() or text[: token.start].rstrip()[-1:] in ".!?"
    if token.text[:1].isupper() and (not begins or not is_word(plain)):
        return True
    return not cased and not token.text[:1].isupper() and len(plain) >= 4 and not is_word(plain) and plain.isalpha()


def doers(
    text: str, matched: Callable[[Token], bool], verb: Callable[[Token], bool], passive: bool = True
) -> list[str]:
    """Who does or is what `verb` finds in `text`; `matched` words are the question's own and no answer.

    Without `passive` what something is done to ("a bag was found") is nobody who does it. The agent of "by", the name beside a role, the words before the verb; [] where none of them is there.
    """
    words = tokens(text)
    for at, token in enumerate(words):
        if not verb(token):
            continue
        after = words[at + 1 : at + 6]
        by = next((n for n, one in enumerate(after[:3]) if one.text.casefold() == "by"), None)
        if by is not None:
            return _phrase(text, after[by + 1 :], matched)
        if found := beside(text, words, at, matched):
            return found
        suffers = at and words[at - 1].text.casefold() in _SUFFERING and not token.text.endswith("ing")
        if (passive or not suffers) and (found := _before(text, words, at, matched)):
            return found
    return []


def _phrase(text: str, words: Sequence[Token], matched: Callable[[Token], bool]) -> list[str]:
    """The noun phrase that begins with `words`."""
    taken: list[Token] = []
    for token in words[:4]:
        if taken and _STOP.search(text[taken[-1].end : token.start]):
            break
        plain = token.text.casefold()
        if not token.is_content and not (not taken and _DETERMINER.match(plain)):
            break
        taken.append(token)
        if plain not in TITLES and len(taken) > 1 and not token.text[:1].isupper() and not _DETERMINER.match(
            taken[-2].text) and plain not in TITLES and is_word(plain):  # fmt: skip
            taken.pop() if taken[-2].text.casefold() not in TITLES and not _DETERMINER.match(taken[0].text) else None
            break
    taken = [token for token in taken if not matched(token)]
    fresh = [token for token in taken if not _DETERMINER.match(token.text)]
    return [text[taken[0].start : taken[-1].end]] if fresh else []


def beside(text: str, words: Sequence[Token], at: int, matched: Callable[[Token], bool]) -> list[str]:
    """The name next to the role at `at`: "captain Danny Okafor", "Ellen Brandt, Rovers coach", "Keeper: Maria Lind"."""
    for run in names(text):
        fresh = [token for token in run if not matched(token)]
        if not fresh or (fresh[0].text.casefold() in TITLES and len(fresh) == 1):
            continue
        first, last = words.index(fresh[0]), words.index(fresh[-1])
        between = words[at + 1 : first] if first > at else words[last + 1 : at]
        gap = text[words[at].end : run[0].start] if first > at else text[run[-1].end : words[at].start]
        if first > at and len(between) <= 1 and "." not in gap:
            if not between or between[0].text.casefold() in ("is", "was", "named", "called", *TITLES):
                return [text[fresh[0].start : fresh[-1].end]]
        if last < at and gap.count(",") == 1 and len(between) <= 2 and all(
            one.text.casefold() not in _AUXILIARY for one in between):  # fmt: skip
            return [text[fresh[0].start : fresh[-1].end]]
        if (
            last < at
            and first == 0
            and any(one.text.casefold() in ("is", "was") for one in between)
            and len(between) < 9
        ):
            return [text[fresh[0].start : fresh[-1].end]]
        if last < at and between and all(one.text.casefold() in ("is", "was", "the", "our", "a", "s", "as", "of")
                                         or matched(one) for one in between):  # fmt: skip
            return [text[fresh[0].start : fresh[-1].end]]
    return []


def _before(text: str, words: Sequence[Token], at: int, matched: Callable[[Token], bool]) -> list[str]:
    """The subject right before the verb at `at`; of "he came and saw" the one that came."""
    if at and words[at - 1].text.casefold() == "and" and _DETERMINER.match(words[0].text):
        return _phrase(text, words, matched)
    end = at
    while end and (words[end - 1].text.casefold() in _AUXILIARY or words[end - 1].text.endswith("ly")):
        end -= 1
    if end == 0 or _STOP.search(text[words[end - 1].end : words[at].start]):
        return []
    start = end
    while start and end - start < 4:
        token = words[start - 1]
        plain = token.text.casefold()
        if start < end and _STOP.search(text[token.end : words[start].start]):
            break
        if _DETERMINER.match(plain):
            start -= 1
            break
        if not token.is_content or plain in _NO_NAME or token.is_number:
            break
        start -= 1
    taken = words[start:end]
    fresh = [token for token in taken if token.is_content and not matched(token)]
    if not fresh:
        return []
    named = [token for run in names(text) for token in run if token in taken and not matched(token)]
    if not named and not (_DETERMINER.match(taken[0].text) or (len(taken) == 1 and taken[0].text.endswith("s"))):
        return []
    return [text[named[0].start : named[-1].end]] if named and not _DETERMINER.match(taken[0].text) else [
        text[taken[0].start : taken[-1].end]]  # fmt: skip


def written_so(heard: str, shown: Sequence[str]) -> str:
    """The name on the screen that `heard` is as a recogniser wrote it ("Murielin": "Maria Lind"); "" for none."""
    plain = re.sub(r"[^a-z]", "", heard.casefold())
    for text in shown:
        for run in names(text):
            name = text[run[0].start : run[-1].end]
            letters = re.sub(r"[^a-z]", "", name.casefold())
            if letters and plain[:1] == letters[:1] and letters != plain and min(len(plain), len(letters)) >= 5:
                if distance(plain, letters) <= 0.4 * max(len(plain), len(letters)):
                    return name
    return ""
