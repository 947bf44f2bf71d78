"""How English words are said, in the phones of CMU's dictionary (ARPABET), and those phones in IPA."""

from __future__ import annotations

IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð",
    "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k",
    "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ", "SIL": "",
}  # fmt: skip
"""ARPABET to IPA, without stress."""

# the longest spelling that fits is read first
_SPELLINGS = {
    "tion": "SH AH N", "sion": "ZH AH N", "ough": "AO", "augh": "AO", "eigh": "EY", "igh": "AY", "tch": "CH",
    "dge": "JH", "sch": "SH", "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W", "ck": "K", "ng": "NG",
    "qu": "K W", "gh": "G", "kn": "N", "wr": "R", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW",
    "oa": "OW", "oi": "OY", "oy": "OY", "ai": "EY", "ay": "EY", "au": "AO", "aw": "AO", "ei": "EY", "ey": "IY",
    "ie": "IY", "ue": "UW", "ew": "UW", "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R", "or": "AO R",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH",
    "k": "K", "l": "L", "m": "M", "n": "N", "o": "OW", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T",
    "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
_SOFT = {"c": "S", "g": "JH"}
_LONGEST_SPELLING = max(map(len, _SPELLINGS))


def phones_of(word: str) -> list[str]:
    """A plausible pronunciation of a word in Latin letters that no dictionary has; [] where nothing can be read.

    Rough by intent: it is to find where in a sound a name is, not to say it.
    """
    letters = "".join(letter for letter in _plain(word) if "a" <= letter <= "z")
    phones: list[str] = []
    place = 0
    while place < len(letters):
        spelling = next(
            letters[place : place + size]
            for size in range(_LONGEST_SPELLING, 0, -1)
            if letters[place : place + size] in _SPELLINGS and place + size <= len(letters)
        )
        following = letters[place + len(spelling) : place + len(spelling) + 1]
        silent = spelling == "e" and place == len(letters) - 1 and len(phones) > 1
        soft = _SOFT.get(spelling) if following and following in "eiy" else None
        read = [] if silent else (soft or _SPELLINGS[spelling]).split()
        phones += [phone for index, phone in enumerate(read) if index or not phones or phone != phones[-1]]
        place += len(spelling)
    return phones


def _plain(word: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKD", word.casefold())
