"""What is written in figures and signs, written out in words, as a person would read it aloud."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from studio.speech import numbers
from studio.speech.names import with_names_read
from studio.speech.text import ASIAN, cleaned

_URL = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"]+[\w/]|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|de|fr|es|it|ru|jp|cn|kr|br|edu|gov)\b(?:/[\w/.-]*\w)?"
)
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_ISO_DATE = re.compile(r"(?<![\d-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_DATE = re.compile(r"(?<![\d.,/-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-])")
_TIME = re.compile(
    r"(?<![\d:.,])([01]?\d|2[0-4])(?::|(?<=\d)h(?=\d))([0-5]\d)(?::([0-5]\d))?(?![\d:])(?:\s*([ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\b(1[0-2]|[1-9])\s*([ap])\.?m\b\.?", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.,+-])(?:\+\d{1,3}[\s.-]?)?(?:\(\d{1,5}\)[\s.-]?)?\d{2,4}(?:[\s.-]\d{2,4}){1,5}(?![\w,.-]?\d)"
)
_RANGE = re.compile(r"(?<![\w.,-])(\d{1,4})\s?[–-]\s?(\d{1,4})(?![\w-]|[.,]\d)")
_NEGATIVE = re.compile(r"(?<![\w.)])[-−](?=\d)")
_YEAR = re.compile(r"(?<![\w.,$€£¥#+-])(1[1-9]\d\d|20\d\d)(?![\w%°]|[.,]\d|\s?[€$£¥])")
_EN_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_DE_ORDINAL = re.compile(r"\b([Aa]m|[Vv]om|[Zz]um|[Dd]em|[Dd]en|[Ii]m|[Dd]es)?(\s?)\b(\d{1,2})\.\s(?=[A-ZÄÖÜ])")
_ROMANCE_ORDINAL = re.compile(r"\b(\d+)(?:[ºª°](?!C)|er\b|re\b|e\b|ème\b)")
_DECADE = re.compile(r"\b(1[1-9]|20)(\d)0s\b")
_FRACTION = re.compile(r"(?<![\w/.,])([1-9])/([2-9]|10)(?![\w/])")
_LEFT_OVER = re.compile(r"\d+(?:[.,]\d+)?")
_NUMBER = r"(?:\d{1,3}(?:[.,\u0020\u00a0\u202f']\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
_TITLES = ("Mr", "Mrs", "Ms", "Dr", "Prof", "Mme", "Mlle", "MM", "Sr", "Sra", "Srta", "Dra", "Sig", "Hr", "Fr")
_MARKUP = re.compile(r"[*_`^|\\{}\[\]~]+")
_SPACES = re.compile(r"\s+")
_BEFORE_STOP = re.compile(r"(?: +|\.)([,.;:!?…])")


def spoken(text: str, language: str) -> str:
    """`text`, one sentence in `language`, in words alone: numbers, dates, times, money, measures, telephone numbers,
    addresses, abbreviations and signs read out. Chinese, Japanese and Korean numbers stay figures, which their voices
    read with the right counters."""
    text = _SPACES.sub(" ", cleaned(text))
    return _SPACES.sub(" ", _BEFORE_STOP.sub(r"\1", _reader(language).read(text))).strip()


@functools.cache
def _reader(language: str) -> _Reader:
    return _AsianReader(language) if language in ASIAN else _Reader(language)


class _Reader:
    """European languages. The order matters: what is longer and more certain is read first."""

    def __init__(self, language: str) -> None:
        self.language, self.words = language, numbers.readings(language)
        words = self.words
        money, units, scales = (_any_of(words.get(key, {})) for key in ("currencies", "units", "scales"))
        scaled = rf"(?:\s?(?P<scale>{scales})\b\.?)?" if scales else ""
        self._before = re.compile(rf"(?P<sign>{money})\s?(?P<number>{_NUMBER}){scaled}")
        self._after = re.compile(rf"(?P<number>{_NUMBER}){scaled}\s?(?P<sign>{money})")
        self._percent = re.compile(rf"({_NUMBER})\s?%")
        self._unit = re.compile(rf"({_NUMBER})\s?({units})(?![\w²³/])")
        self._number = re.compile(rf"(?<![\w]){_NUMBER}")
        short = sorted(words["abbreviations"], key=len, reverse=True)
        titles = "|".join(each for each in short if each in _TITLES)
        stopped = "|".join(re.escape(each) for each in short)
        self._short = re.compile(rf"(?<![\w.])(?:({titles or '$^'})\.?(?=\s[A-ZÀ-Þ])|({stopped or '$^'})\.(?!\w))")

    def read(self, text: str) -> str:
        text = _MAIL.sub(lambda m: self.address(m.group()), text)
        text = _URL.sub(lambda m: self.address(re.sub(r"^(?:https?://)?(?:www\.)?", "", m.group())), text)
        text = self.read_times(text)
        text = self._before.sub(self.money, text)
        text = self._after.sub(self.money, text)
        text = _NEGATIVE.sub(f"{self.words['minus']} ", text)
        text = self._percent.sub(self.percent, text)
        text = _DECADE.sub(self.decade, text) if self._en else text
        text = self._unit.sub(self.unit, text)
        text = _PHONE.sub(self.phone, text)
        text = with_names_read(self._shortened(text), self.language)
        text = self.read_numbers(text)
        return self.read_signs(text)

    def read_times(self, text: str) -> str:
        text = _ISO_DATE.sub(lambda m: self.date(m.group(3), m.group(2), m.group(1)) or m.group(), text)
        text = _DATE.sub(self.written_date, text)
        text = _TIME.sub(self.time, text)
        return _HOUR.sub(lambda m: f"{self.cardinal(m.group(1))} {m.group(2).upper()} M", text) if self._en else text

    def read_numbers(self, text: str) -> str:
        if self._en:
            text = _EN_ORDINAL.sub(lambda m: numbers.ordinal(m.group(1), "en"), text)
        elif self.language == "de":
            text = _DE_ORDINAL.sub(self.german_ordinal, text)
        elif self.language != "ru":
            text = _ROMANCE_ORDINAL.sub(lambda m: numbers.ordinal(m.group(1), self.language), text)
        text = _RANGE.sub(rf"\1 {self.words['to']} \2", text)
        if self._en:
            text = _FRACTION.sub(_fraction, text)
        if self._en or self.language == "de":
            text = _YEAR.sub(lambda m: numbers.year(m.group(), self.language), text)
        text = self._number.sub(lambda m: self.number(m.group()), text)
        return _LEFT_OVER.sub(lambda m: f" {self.number(m.group())} ", text)

    def read_signs(self, text: str) -> str:
        for sign, word in self.words["symbols"].items():
            text = text.replace(sign, f" {word} " if word else " ")
        text = re.sub(r"(?<=\w)/(?=\w)", " ", text)
        return _MARKUP.sub(" ", text).replace("/", " ")

    @property
    def _en(self) -> bool:
        return self.language == "en"

    def cardinal(self, digits: str) -> str:
        return numbers.cardinal(digits, self.language)

    def number(self, text: str) -> str:
        whole, fraction = self.parts(text)
        return numbers.decimal(whole, fraction, self.language) if fraction else self.cardinal(whole)

    def parts(self, text: str) -> tuple[str, str]:
        """The digits before and after the decimal sign: in English a point, else a comma; the other one and spaces
        part thousands. A lone sign before anything but three digits is a decimal one."""
        bare = re.sub(r"[\s']", "", text)
        point, group = (".", ",") if self._en else (",", ".")
        if group in bare and not re.fullmatch(rf"\d{{1,3}}(?:\{group}\d{{3}})+(?:\{point}\d+)?", bare):
            point, group = group, point
        whole, _, fraction = bare.replace(group, "").partition(point)
        return whole, fraction

    def address(self, text: str) -> str:
        names = {".": "dot", "@": "at", "/": "slash", "-": "dash"}
        read = re.sub(r"[.@/-]", lambda m: f" {self.words.get(names[m.group()], '-')} ", text.partition("?")[0])
        return re.sub(r"[_+=&%#]", " ", read)

    def date(self, day: str, month: str, year: str) -> str:
        """ "" for a date there is none of."""
        if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
            return ""
        number = str(int(day))
        plain = self.words["first"] if number == "1" and "first" in self.words else None
        read = self.words["date"].format(
            month=self.words["months"][int(month) - 1],
            day=plain or self.cardinal(number),
            ordinal=numbers.ordinal(number, self.language),
        )
        return " ".join(filter(None, (read, self.words.get("before_year", ""), numbers.year(year, self.language))))

    def written_date(self, match: re.Match[str]) -> str:
        first, _, second, year = match.groups()
        day, month = (second, first) if self._en and int(first) <= 12 else (first, second)
        if len(year) == 2:
            year = ("19" if int(year) > 40 else "20") + year
        return self.date(day, month, year) or match.group()

    def time(self, match: re.Match[str]) -> str:
        hour, minute, second, half = match.groups()
        if self._en:
            return _english_time(int(hour), int(minute), half, second)
        forms = self.words.get("hours", ["", ""])
        after = "" if minute == "00" else f"{self.words.get('minutes', '')} {self.cardinal(str(int(minute)))}"
        named = numbers.counted(str(int(hour)), forms) if self.language in ("de", "fr", "ru") or not after else ""
        return f"{self.cardinal(str(int(hour)))} {named} {after}".strip()

    def money(self, match: re.Match[str]) -> str:
        whole, fraction = self.parts(match["number"])
        forms = self.words["currencies"][match["sign"]]
        scale = self.words["scales"].get(match["scale"] or "", "")
        if scale:
            return f"{self.number(match['number'])} {scale} {forms[-1] if len(forms) == 3 else forms[1]}"
        if len(fraction) != 2:
            amount = whole if not fraction else f"{whole}.{fraction}"
            return f"{self.number(match['number'])} {numbers.counted(amount, forms[:2] if len(forms) == 4 else forms)}"
        read = f"{self.cardinal(whole)} {numbers.counted(whole, forms[:2] if len(forms) == 4 else forms)}"
        if fraction == "00":
            return read
        small = numbers.counted(str(int(fraction)), forms[2:]) if len(forms) == 4 else ""
        return f"{read} {self.words['cents']} {self.cardinal(str(int(fraction)))} {small}".strip()

    def percent(self, match: re.Match[str]) -> str:
        return f"{self.number(match.group(1))} {numbers.counted(match.group(1), self.words['percent'])}"

    def unit(self, match: re.Match[str]) -> str:
        return f"{self.number(match.group(1))} {numbers.counted(match.group(1), self.words['units'][match.group(2)])}"

    def phone(self, match: re.Match[str]) -> str:
        """Digit by digit with a breath between the groups; not what may be a number with spaced thousands."""
        text = match.group()
        groups = re.findall(r"\d+", text)
        thousands = re.fullmatch(r"\d{1,3}(?:[\s.]\d{3})+", text) is not None and len(groups) < 4
        if len("".join(groups)) < 7 or (thousands and not self._en):
            return text
        plus = f"{self.words['plus']} " if text.startswith("+") else ""
        return plus + ", ".join(numbers.digit_by_digit(group, self.language) for group in groups)

    def decade(self, match: re.Match[str]) -> str:
        words = numbers.year(match.group(1) + match.group(2) + "0", "en")
        return words[:-1] + "ies" if words.endswith("y") else words + "s"

    def german_ordinal(self, match: re.Match[str]) -> str:
        before, space, digits = match.groups()
        ending = "n" if before else ""
        return f"{before or ''}{space}{numbers.ordinal(digits, 'de', ending)} "

    def _shortened(self, text: str) -> str:
        def read(match: re.Match[str]) -> str:
            word = str(self.words["abbreviations"][match.group(1) or match.group(2)])
            return word + ("." if match.end() == len(text) else "")

        return self._short.sub(read, text)


class _AsianReader(_Reader):
    """Figures stay; what stands around them is put where it is said."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self._grouped = re.compile(r"(?<=\d),(?=\d{3})")

    def read(self, text: str) -> str:
        text = _MAIL.sub(lambda m: self.address(m.group()), text)
        text = _URL.sub(lambda m: self.address(re.sub(r"^(?:https?://)?(?:www\.)?", "", m.group())), text)
        text = self._grouped.sub("", text)
        text = _ISO_DATE.sub(lambda m: self.date(m.group(3), m.group(2), m.group(1)) or m.group(), text)
        text = _TIME.sub(self.time, text)
        text = self._percent.sub(lambda m: self.words["percent"][0].format(m.group(1)), text)
        for pattern in (self._before, self._after):
            text = pattern.sub(lambda m: f"{m['number']}{self.words['currencies'][m['sign']]}", text)
        text = self._unit.sub(lambda m: f"{m.group(1)}{self.words['units'][m.group(2)]}", text)
        text = _PHONE.sub(self.phone, text)
        if self.language == "zh":
            text = re.sub(r"(\d{4})(?=年)", lambda m: "".join("零一二三四五六七八九"[int(d)] for d in m.group()), text)
        text = re.sub(r"(?<=\d)\s?[-–~〜～]\s?(?=\d)", self.words["to"], text)
        return self.read_signs(text)

    def date(self, day: str, month: str, year: str) -> str:
        if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
            return ""
        return self.words["date"].format(year=year, month=int(month), day=int(day))

    def time(self, match: re.Match[str]) -> str:
        return self.words["time"].format(hour=int(match.group(1)), minute=int(match.group(2)))


def _any_of(words: Mapping[str, Any]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _english_time(hour: int, minute: int, half: str | None, second: str | None) -> str:
    read = numbers.cardinal(str(hour), "en")
    if minute:
        read += (" oh " if minute < 10 else " ") + numbers.cardinal(str(minute), "en")
    elif not half and not second:
        read += " o'clock" if hour <= 12 else " hundred"
    if second:
        read += f" and {numbers.cardinal(str(int(second)), 'en')} seconds"
    return f"{read} {half.upper()} M" if half else read


def _fraction(match: re.Match[str]) -> str:
    above, below = match.groups()
    name = {"2": "half", "4": "quarter"}.get(below) or numbers.ordinal(below, "en")
    plural = "halves" if name == "half" else f"{name}s"
    return f"{numbers.cardinal(above, 'en')} {name if above == '1' else plural}"
