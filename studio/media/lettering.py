"""Words as pictures: shaped, broken into lines and drawn by Skia's paragraph module, right-to-left scripts included.

The studio carries its own faces, so that a film looks the same on a machine without fonts. What they lack (Japanese,
Arabic, emoji, ...) is drawn with the system's fonts; what nothing can draw is left out and told by `missing`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import skia

Rgba = tuple[int, int, int, int]
"""Red, green, blue, straight alpha, each 0..255."""

FACES = {
    "sans": "Manrope-SemiBold.ttf",
    "serif": "EBGaramond-SemiBold.ttf",
    "poster": "Oswald-Medium.ttf",
}
"""Every face covers Latin with its accents, Vietnamese and Cyrillic; sans and serif Greek too."""

_SEMI_BOLD = 600
_ENDLESS = 1e6
_UNSEEN: Rgba = (0, 0, 0, 0)
_SPACED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH")
_FACE_SCALE = {"sans": 1.0, "serif": 1.16, "poster": 1.08}  # evens out how large the three look at one size


@dataclass(frozen=True)
class TypeStyle:
    """`face` one of FACES; `pixels` the em's height; `tracking` space between letters in ems; `leading` from one
    baseline to the next in ems."""

    face: str
    pixels: float
    tracking: float = 0.0
    leading: float = 1.28


@dataclass(frozen=True)
class Run:
    """A stretch of a text in one colour; None: it takes its place but is not seen."""

    text: str
    colour: Rgba | None


@dataclass(frozen=True)
class Extent:
    """Pixels of a text set within some width: of its longest line, of all lines together, and how many there are."""

    width: float
    height: float
    lines: int


class Lettering:
    """Sets text in the faces found in the folder `fonts`. One a thread; Skia's caches in it are not shared."""

    def __init__(self, fonts: Path) -> None:
        import skia

        self._skia: Any = skia
        self._text: Any = skia.textlayout
        self._provider = self._text.TypefaceFontProvider()
        self._faces: dict[str, skia.Typeface] = {}
        files = skia.FontMgr.New_Custom_Empty()  # the system's manager would read its configuration for nothing
        for name, file in FACES.items():
            typeface = files.makeFromFile(str(fonts / file))
            if typeface is None:
                raise FileNotFoundError(f"the face {fonts / file} is missing or damaged")
            self._register(name, typeface)
        self._collection = self._text.FontCollection()
        self._collection.setDefaultFontManager(self._provider)
        self._unicode = skia.Unicodes.ICU.Make()
        self._system: skia.FontMgr | None = None
        self._drawable: dict[str, bool] = {}

    def missing(self, text: str) -> str:
        """The characters of `text` that no face here can draw, each once, in their order. They are left out."""
        return "".join(dict.fromkeys(c for c in text if not self._can_draw(c, text)))

    def clean(self, text: str) -> str:
        """`text` composed (NFC), without what nothing can draw; so the pieces of a text may be cleaned one by one."""
        text = unicodedata.normalize("NFC", text)
        return "".join(c for c in text if self._can_draw(c, text))

    def measure(self, text: str, style: TypeStyle, width: float) -> Extent:
        """How much room cleaned `text` takes when its lines may be `width` pixels long."""
        return _extent(self._paragraph((Run(text, None),), style), style, width)

    def balanced(self, text: str, style: TypeStyle, width: float) -> float:
        """The least width at which `text` has as few lines as at `width`: its lines then are of nearly one length."""
        paragraph = self._paragraph((Run(text, None),), style)
        full = _extent(paragraph, style, width)
        if full.lines == 1:
            return math.ceil(full.width) + 1
        words = (_extent(self._paragraph((Run(word, None),), style), style, _ENDLESS).width for word in text.split())
        longest = max(words, default=0.0)  # narrower, and the paragraph would break inside a word
        low, high = longest if longest < width else width / full.lines / 2, width
        while high - low > 1:
            middle = (low + high) / 2
            fits = _extent(paragraph, style, middle)
            narrow = fits.lines == full.lines and fits.width <= middle
            low, high = (low, middle) if narrow else (middle, high)
        return math.ceil(high) + 1

    def picture(self, runs: Sequence[Run], style: TypeStyle, width: float, padding: int) -> np.ndarray:
        """Premultiplied RGBA, uint8 (h, w, 4): the lines, centred in `width`, with `padding` pixels on every side."""
        paragraph = self._paragraph(runs, style)
        extent = _extent(paragraph, style, width)
        shape = (math.ceil(extent.height) + 2 * padding, math.ceil(width) + 2 * padding, 4)
        pixels = np.zeros(shape, np.uint8)
        skia = self._skia
        surface = skia.Surface.MakeRasterDirect(
            skia.ImageInfo.Make(shape[1], shape[0], skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType), pixels
        )
        # tracking is laid behind the last letter too; half of it back keeps the line in the middle
        offset = (
            style.tracking * _scaled(style) / 2 if style.tracking and can_track("".join(r.text for r in runs)) else 0
        )
        paragraph.paint(surface.getCanvas(), padding + offset, padding)
        surface.flushAndSubmit()
        return pixels

    def _register(self, name: str, typeface: skia.Typeface) -> None:
        self._provider.registerTypeface(typeface, name)
        self._faces[name] = typeface

    def _can_draw(self, character: str, text: str) -> bool:
        if unicodedata.category(character) in ("Zs", "Cf", "Cc") or "\ufe00" <= character <= "\ufe0f":
            return True
        if character not in self._drawable:
            code = ord(character)
            held = any(face.unicharToGlyph(code) for face in self._faces.values())
            self._drawable[character] = held or self._find(code, text)
        return self._drawable[character]

    def _find(self, code: int, text: str) -> bool:
        """Adds the system's face for a character that no face so far has; False where the system has none either."""
        skia = self._skia
        system = self._system = self._system or skia.FontMgr.RefDefault()
        style = skia.FontStyle(_SEMI_BOLD, skia.FontStyle.kNormal_Width, skia.FontStyle.kUpright_Slant)
        typeface = system.matchFamilyStyleCharacter("", style, [_language(text)], code)
        if typeface is None or not typeface.unicharToGlyph(code):
            return False
        self._register(f"system {len(self._faces)}", typeface)
        return True

    def _paragraph(self, runs: Sequence[Run], style: TypeStyle) -> Any:
        skia, text = self._skia, self._text
        whole = "".join(run.text for run in runs)
        families = [style.face, *(name for name in self._faces if name != style.face)]
        tracking = style.tracking * _scaled(style) if can_track(whole) else 0.0
        builder = text.ParagraphBuilder.make(self._paragraph_style(style, families), self._collection, self._unicode)
        # Skia's binding has no base direction: an isolate around the whole text gives it
        opening, closing = ("\u2067", "\u2069") if _is_right_to_left(whole) else ("", "")
        for number, run in enumerate(runs):
            look = text.TextStyle()
            look.setFontFamilies(families)
            look.setFontSize(_scaled(style))
            look.setLetterSpacing(tracking)
            look.setLocale(_language(whole))
            red, green, blue, alpha = run.colour or _UNSEEN
            look.setForegroundPaint(skia.Paint(Color=skia.Color(red, green, blue, alpha), AntiAlias=True))
            builder.pushStyle(look)
            builder.addText((opening if number == 0 else "") + run.text + (closing if number == len(runs) - 1 else ""))
            builder.pop()
        return builder.Build()

    def _paragraph_style(self, style: TypeStyle, families: list[str]) -> Any:
        """Lines of one height whatever faces are in them, so that the height tells how many there are."""
        strut = self._text.StrutStyle()
        strut.setStrutEnabled(True)
        strut.setForceStrutHeight(True)
        strut.setFontFamilies(families)
        strut.setFontSize(_scaled(style))
        strut.setHeight(style.leading)
        strut.setHeightOverride(True)
        whole = self._text.ParagraphStyle()
        whole.setStrutStyle(strut)
        whole.setTextAlign(self._text.TextAlign.kCenter)
        return whole


def can_track(text: str) -> bool:
    """Whether letters may be set apart: in Arabic or Devanagari, say, that would tear joined letters apart."""
    return all(not c.isalpha() or _script(c) in _SPACED_SCRIPTS for c in text)


def _scaled(style: TypeStyle) -> float:
    return style.pixels * _FACE_SCALE[style.face]


def _extent(paragraph: Any, style: TypeStyle, width: float) -> Extent:
    paragraph.layout(width)
    lines = max(1, round(paragraph.Height / (_scaled(style) * style.leading)))
    return Extent(paragraph.LongestLine, paragraph.Height, lines)


def _is_right_to_left(text: str) -> bool:
    """By the first strong character, as UAX 9 (rules P2 and P3) has it."""
    strong = (unicodedata.bidirectional(c) for c in text)
    return next((kind != "L" for kind in strong if kind in ("L", "R", "AL")), False)


@lru_cache(4096)
def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ", 1)[0]


def _language(text: Iterable[str]) -> str:
    """Han characters are drawn differently by language; kana and hangul tell which one is meant."""
    scripts = {_script(c) for c in text}
    if scripts & {"HIRAGANA", "KATAKANA"}:
        return "ja"
    if "HANGUL" in scripts:
        return "ko"
    return "zh-Hans" if "CJK" in scripts else "en"
