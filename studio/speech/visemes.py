"""Phonemes to mouth shapes: what the lips, the jaw and the tongue do for each, and how neighbours run into each other.

Shapes follow the viseme classes of MPEG-4 (ISO/IEC 14496-2, table C.1). Neighbours blend by dominance functions:
Cohen and Massaro, "Modeling coarticulation in synthetic visual speech", 1993.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

from studio.speech.timing import TimedPhoneme

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class MouthShape:
    """A mouth's pose, all 0 for lips resting together.

    aperture  how far the lips part, 0..1;  jaw  how far it drops, 0..1;  wide  -1 narrow .. 1 spread corners;
    rounded  0..1 lips pushed forward;  bite  0..1 lower lip under the upper teeth;  pressed  0..1 lips closed tight;
    tongue  0..1 its tip raised to the teeth
    """

    aperture: float = 0.0
    jaw: float = 0.0
    wide: float = 0.0
    rounded: float = 0.0
    bite: float = 0.0
    pressed: float = 0.0
    tongue: float = 0.0


PARAMETERS = tuple(field.name for field in fields(MouthShape))
REST = MouthShape()
_UNKNOWN = MouthShape(aperture=0.25, jaw=0.2)

_GROUPS: tuple[tuple[str, MouthShape], ...] = (
    ("p b m ɓ ʙ", MouthShape(pressed=1.0, jaw=0.08)),
    ("f v ʋ ⱱ ɱ", MouthShape(aperture=0.16, jaw=0.08, bite=1.0)),
    ("ɸ β", MouthShape(aperture=0.1, jaw=0.08, rounded=0.25)),
    ("θ ð", MouthShape(aperture=0.24, jaw=0.14, wide=0.1, tongue=1.0)),
    ("t d n ɗ ɾ", MouthShape(aperture=0.24, jaw=0.15, wide=0.1, tongue=0.6)),
    ("l ɫ ɭ ʎ ɬ ɮ ɺ", MouthShape(aperture=0.34, jaw=0.24, tongue=0.9)),
    ("s z ʦ ʣ", MouthShape(aperture=0.2, jaw=0.07, wide=0.35)),
    ("ʃ ʒ ʧ ʤ ʂ ʐ ꭧ", MouthShape(aperture=0.26, jaw=0.1, wide=-0.25, rounded=0.55)),
    ("ɕ ʑ ʨ ʥ ç ʝ", MouthShape(aperture=0.22, jaw=0.1, wide=0.3)),
    ("k g ɡ ŋ x ɣ ɠ ɴ N q ɢ χ ʁ ʀ ħ ʕ ɰ", MouthShape(aperture=0.3, jaw=0.24)),
    ("h ɦ ʔ", MouthShape(aperture=0.34, jaw=0.28)),
    ("ɲ c ɟ j", MouthShape(aperture=0.24, jaw=0.14, wide=0.4)),
    ("r ʈ ɖ ɳ ɽ", MouthShape(aperture=0.3, jaw=0.2, tongue=0.5)),
    ("ɹ ɻ ɚ ɝ", MouthShape(aperture=0.28, jaw=0.18, wide=-0.2, rounded=0.4)),
    ("w ʍ ɥ", MouthShape(aperture=0.14, jaw=0.12, wide=-0.6, rounded=1.0)),
    ("i ɨ ᵻ", MouthShape(aperture=0.32, jaw=0.14, wide=0.8)),
    ("ɪ", MouthShape(aperture=0.36, jaw=0.22, wide=0.45)),
    ("e", MouthShape(aperture=0.46, jaw=0.34, wide=0.55)),
    ("ɛ", MouthShape(aperture=0.58, jaw=0.48, wide=0.4)),
    ("æ", MouthShape(aperture=0.72, jaw=0.64, wide=0.4)),
    ("a ɐ", MouthShape(aperture=0.86, jaw=0.82, wide=0.12)),
    ("ɑ", MouthShape(aperture=0.9, jaw=0.9)),
    ("ʌ ɜ ɘ", MouthShape(aperture=0.54, jaw=0.46)),
    ("ə ᵊ ɞ", MouthShape(aperture=0.38, jaw=0.3)),
    ("ɒ", MouthShape(aperture=0.76, jaw=0.78, wide=-0.15, rounded=0.3)),
    ("ɔ", MouthShape(aperture=0.64, jaw=0.62, wide=-0.3, rounded=0.6)),
    ("o ɤ", MouthShape(aperture=0.48, jaw=0.44, wide=-0.45, rounded=0.8)),
    ("ø œ ɶ ɵ", MouthShape(aperture=0.42, jaw=0.34, wide=-0.4, rounded=0.8)),
    ("u ʉ", MouthShape(aperture=0.2, jaw=0.16, wide=-0.65, rounded=1.0)),
    ("ʊ", MouthShape(aperture=0.28, jaw=0.24, wide=-0.4, rounded=0.7)),
    ("ɯ", MouthShape(aperture=0.26, jaw=0.18, wide=-0.1, rounded=0.2)),
    ("y ʏ", MouthShape(aperture=0.2, jaw=0.14, wide=-0.55, rounded=0.95)),
)
_SHAPES = {letter: shape for letters, shape in _GROUPS for letter in letters.split()}
_SPELT = {"A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "T": "ɾ"}
"""Single letters that misaki's English phoneme set writes for diphthongs and the flapped t."""

_VOWELS = frozenset("aeiouyɑɐæʌɜɘəᵊɞɒɔɤøœɶɵʉʊɯʏɨᵻɪɛɚɝ")
_STOPPED = {"tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ", "tɕ": "ʨ", "dʑ": "ʥ", "tʂ": "ʂ", "dʐ": "ʐ", "pf": "pf"}

ANTICIPATION, CARRY_OVER = 0.075, 0.060
"""Seconds over which a shape's pull fades before and after its phoneme: lips move 60 to 100 ms ahead of the sound."""

ROUNDING_ANTICIPATION = 0.150
CLOSING = 0.040
"""Seconds in which lips close for a bilabial, and open after it (Löfqvist and Gracco, 1997: 40 to 80 ms)."""

_PULL = MouthShape(aperture=1.0, jaw=0.8, wide=1.0, rounded=1.0, bite=1.0, pressed=1.0, tongue=1.0)
_CONSONANT_PULL = MouthShape(aperture=0.75, jaw=0.55, wide=0.3, rounded=0.4, bite=1.6, pressed=1.0, tongue=1.2)


def mouth_shapes_of(symbol: str) -> tuple[MouthShape, ...]:
    """What the mouth does in turn for one phoneme `symbol` in IPA; a diphthong has two shapes. Stress, length, tone
    and other marks are ignored; REST for silence, a slightly open mouth for what is not known."""
    bare = _bare(symbol)
    if not bare:
        return (REST,)
    return tuple(_SHAPES.get(letter, _UNKNOWN) for letter in bare)


def blend(phonemes: Sequence[TimedPhoneme], times: np.ndarray) -> np.ndarray:
    """Mouth shapes (n, len(PARAMETERS)) float32 at `times` (n,) in seconds, neighbours blended, bilabials closed.

    Each frame is taken to last until the next: a closure within it is not missed.
    """
    import numpy as np

    segments = list(_segments(phonemes))
    if not segments:
        return np.zeros((len(times), len(PARAMETERS)), np.float32)
    targets = np.array([astuple(shape) for shape, _, _ in segments])
    pulls = np.array([astuple(_pull(shape)) for shape, _, _ in segments])
    starts, ends = np.array([s for _, s, _ in segments]), np.array([e for _, _, e in segments])
    weights = np.zeros((len(times), len(PARAMETERS)))
    sums = np.zeros_like(weights)
    anticipation = np.where(np.array(PARAMETERS) == "rounded", ROUNDING_ANTICIPATION, ANTICIPATION)
    for target, pull, start, end in zip(targets, pulls, starts, ends, strict=True):
        half = (end - start) / 2
        away = times - (start + end) / 2
        early, late = np.maximum(0, -away - half * 0.6), np.maximum(0, away - half * 0.6)
        fade = early[:, None] / anticipation[None] + (late / CARRY_OVER)[:, None]
        pulled = pull[None] * np.exp(-2.6 * fade) + 1e-9
        weights += pulled
        sums += pulled * target[None]
    shapes = sums / weights
    pressed = _closures(segments, times)
    column = PARAMETERS.index("pressed")
    shapes[:, column] = pressed
    # lips that touch are no opening, whatever the vowels on either side ask for
    shapes[:, PARAMETERS.index("aperture")] *= 1 - pressed
    shapes[:, PARAMETERS.index("bite")] *= 1 - pressed
    return shapes.astype(np.float32)


def _closures(segments: list[tuple[MouthShape, float, float]], times: np.ndarray) -> np.ndarray:
    """0..1 (n,): how far the lips are closed for a bilabial at each frame."""
    import numpy as np

    half_frame = float(np.median(np.diff(times))) / 2 if len(times) > 1 else 0.02
    closed = np.zeros(len(times))
    for shape, start, end in segments:
        if shape.pressed <= 0:
            continue
        # the lips part shortly before the release is heard
        inner = min(0.3 * (end - start), 0.03)
        held = end - start - 2 * inner
        outside = np.maximum(start + inner - times, times - (end - inner)) - max(0.0, half_frame - held / 2)
        closed = np.maximum(closed, 1 - _smooth(np.clip(outside / CLOSING, 0, 1)))
    return closed


def _smooth(x: np.ndarray) -> np.ndarray:
    return x * x * (3 - 2 * x)


def _pull(shape: MouthShape) -> MouthShape:
    if shape == REST:
        return MouthShape(*([0.6] * len(PARAMETERS)))
    vowel = shape.aperture >= 0.36 or (shape.bite == 0 and shape.tongue == 0 and abs(shape.wide) >= 0.55)
    return _PULL if vowel else _CONSONANT_PULL


def _segments(phonemes: Sequence[TimedPhoneme]) -> Iterator[tuple[MouthShape, float, float]]:
    """(shape, start, end), a diphthong's shapes sharing its time; silences longer than a breath are rests."""
    for phoneme in phonemes:
        if phoneme.end <= phoneme.start:
            continue
        shapes = mouth_shapes_of(phoneme.symbol)
        length = (phoneme.end - phoneme.start) / len(shapes)
        for index, shape in enumerate(shapes):
            yield shape, phoneme.start + index * length, phoneme.start + (index + 1) * length


def _bare(symbol: str) -> str:
    """The letters that shape the mouth: marks, stress, length, tones and ties gone, affricates as one letter, spelt-out
    diphthongs, doubled vowels once."""
    text = "".join(_SPELT.get(letter, letter) for letter in symbol)
    plain = unicodedata.normalize("NFD", text.replace("ç", "\0"))
    kept = "".join("ç" if c == "\0" else c for c in plain if c == "\0" or unicodedata.category(c) in ("Ll", "Lo", "Lu"))
    for pair, letter in _STOPPED.items():
        kept = kept.replace(pair, letter)
    letters: list[str] = []
    for letter in kept:
        if not letters or letters[-1] != letter:
            letters.append(letter)
    # of a consonant written with a glide or an off-sound, the first letter is what is seen
    if len(letters) > 1 and not any(letter in _VOWELS for letter in letters):
        letters = letters[:2]
    return "".join(letters)
