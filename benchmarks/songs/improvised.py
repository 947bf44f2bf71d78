"""Styles made up from a seed: a feel's rules fix where the drums and chords lean, chance decides everything else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.songs.score import Part, Style


@dataclass(frozen=True)
class Feel:
    """`kick` and `snare` are the beats (of a bar) they are sure to mark; `hats` its gaps, in beats."""

    tempo: tuple[float, float]
    kick: tuple[float, ...]
    snare: tuple[float, ...]
    hats: tuple[float, ...]
    metre: int = 4
    drums: bool = True
    chords: str = "any"


FEELS = {
    "improvised_backbeat": Feel((72, 172), (0,), (1, 3), (0.5, 0.5, 0.25)),
    "improvised_half_time": Feel((126, 164), (0,), (2,), (0.5, 0.5, 0.25)),
    "improvised_four_floor": Feel((108, 146), (0, 1, 2, 3), (1, 3), (0.5, 0.25)),
    "improvised_triple": Feel((84, 190), (0,), (1, 2), (0.5, 1.0), metre=3),
    "improvised_no_drums": Feel((58, 126), (), (), (), drums=False),
    "improvised_offbeat": Feel((100, 165), (0, 2), (1, 3), (0.5,), chords="off"),
    "improvised_broken": Feel((160, 180), (0,), (1, 3), (0.5, 0.25)),
    "improvised_slow": Feel((54, 84), (0,), (1, 3), (0.5, 0.25, 0.25)),
    "improvised_compound": Feel((44, 76), (0,), (1,), (1 / 3,), metre=2),
    "improvised_five": Feel((90, 190), (0, 3), (2, 4), (0.5, 1.0), metre=5),
    "improvised_seven": Feel((100, 210), (0, 4), (2, 6), (0.5, 1.0), metre=7),
    "metronome": Feel((60, 200), (), (), (), drums=False, chords="click"),
    "metronome_in_three": Feel((80, 200), (), (), (), metre=3, drums=False, chords="click"),
    "improvised_triple_no_drums": Feel((84, 170), (), (), (), metre=3, drums=False),
}


def _signs(rng: np.random.Generator, length: int, sure: list[int], chance: dict[int, float]) -> str:
    """A bar with accents where `sure`, hits by `chance` at other steps."""
    out = []
    for i in range(length):
        out.append("X" if i in sure else "x" if rng.random() < chance.get(i, 0.0) else ".")
    return "".join(out)


def _grid(length: int, steps: int, on: float, half: float, between: float) -> dict[int, float]:
    def share(i: int) -> float:
        if i % steps == 0:
            return on
        return half if steps % 2 == 0 and i % steps == steps // 2 else between

    return {i: share(i) for i in range(length)}


def _drums(rng: np.random.Generator, feel: Feel, steps: int, tempo: float) -> dict[str, Part]:
    length = feel.metre * steps
    busy = 0.25 if tempo < 130 else 0.1
    kicks = [
        _signs(rng, length, [int(b * steps) for b in feel.kick], _grid(length, steps, 0.12, busy, busy / 2))
        for _ in "ab"
    ]
    if feel.tempo[0] >= 160:
        kicks = [_signs(rng, length, [0, int(2.5 * steps)], _grid(length, steps, 0.0, 0.1, 0.02)) for _ in "ab"]
    snare_voice = str(rng.choice(["S", "S", "C", "R"]))
    snares = _signs(rng, length, [int(b * steps) for b in feel.snare], {})
    if feel.metre == 3:
        snares = snares.replace("X", str(rng.choice(["x", "o", "X"])))
    every = float(rng.choice(feel.hats)) if tempo < 140 else max(feel.hats)
    stride = max(1, round(every * steps)) if steps == 4 else (3 if tempo > 150 else 1)
    hats = "".join("X" if i % steps == 0 else "x" if i % stride == 0 else "." for i in range(length))
    if steps == 3:
        hats = str(rng.choice(["Xxx", "xxx", "X.x"]) if feel.metre == 2 else "X.x") * feel.metre
    return {
        "kick": Part("K", tuple(kicks), rng.uniform(0.6, 1.1)),
        "snare": Part(snare_voice, (snares,), rng.uniform(0.5, 1.0)),
        "hat": Part(str(rng.choice(["H", "H", "A", "O", "D"])), (hats,), rng.uniform(0.15, 0.45)),
    }


def _pitched(rng: np.random.Generator, feel: Feel, steps: int) -> dict[str, Part]:
    length = feel.metre * steps
    roots = [_signs(rng, length, [0], _grid(length, steps, 0.55, 0.3, 0.08)) for _ in "ab"]
    first = [] if feel.chords == "off" else [0]
    if feel.chords == "off":
        rhythm = "".join("X" if i % steps == steps // 2 else "." for i in range(length))
    elif rng.random() < 0.4:
        rhythm = _signs(rng, length, first, _grid(length, steps, 0.9, 0.05, 0.0))
    else:
        rhythm = _signs(rng, length, first if rng.random() < 0.8 else [], _grid(length, steps, 0.4, 0.35, 0.12))
    if feel.metre == 3 and rng.random() < 0.5:
        rhythm = "".join("x" if i in (steps, 2 * steps) else "." for i in range(length))
    half = _grid(length, steps, 0.95, 0.9 if rng.random() < 0.6 else 0.3, 0.9 if rng.random() < 0.2 else 0.05)
    arpeggio = _signs(rng, length, [0], half)
    melody = _signs(rng, length, [], _grid(length, steps, 0.8, 0.6, 0.15))
    low = (
        str(rng.choice(["bass", "sub", "synth", "pluck", "growl"]))
        if feel.drums
        else str(rng.choice(["piano", "pluck", "organ"]))
    )
    choose = ["piano", "organ", "pluck", "strings", "synth", "power", "strum"]
    chord = str(rng.choice(choose[:5] if not feel.drums else choose))
    return {
        "bass": Part(
            low, tuple(roots), rng.uniform(0.5, 0.9), "bass", octave=0 if feel.drums else 1, hold=rng.uniform(0.4, 0.95)
        ),
        "chords": Part(chord, (rhythm,), rng.uniform(0.35, 0.6), "chord", hold=rng.uniform(0.3, 0.9)),
        "pad": Part(
            str(rng.choice(["pad", "strings"])), ("X" + "." * (length - 1),), rng.uniform(0.2, 0.5), "chord", hold=1.0
        ),
        "arp": Part(
            str(rng.choice(["piano", "pluck", "synth"])),
            (arpeggio,),
            rng.uniform(0.3, 0.6),
            "arp",
            octave=int(rng.integers(0, 2)),
        ),
        "lead": Part(
            str(rng.choice(["voice", "voice", "strings", "synth", "organ"])), (melody,), rng.uniform(0.5, 0.8), "lead"
        ),
    }


def _metronome(name: str, feel: Feel, rng: np.random.Generator, tempo: float) -> Style:
    """Nothing but a struck beat, the first of a bar louder or of another sound."""
    first, rest = (str(v) for v in rng.choice(list("RGTCK"), 2))
    rest = first if rng.random() < 0.5 else rest
    weak = float(rng.uniform(0.3, 0.7) if rest == first else rng.uniform(0.5, 1.0))
    accent = "X..." + "." * (4 * feel.metre - 4)
    others = "." * 4 + "X..." * (feel.metre - 1)
    parts = {"accent": Part(first, (accent,)), "beat": Part(rest, (others,), weak)}
    if rng.random() < 0.5:
        tone = str(rng.choice(["organ", "pluck", "synth", "sub"]))
        high, low = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        hold = float(rng.uniform(0.05, 0.4))
        weak = weak if high == low else float(rng.uniform(0.5, 1.0))
        parts = {
            "accent": Part(tone, (accent,), 1.0, "bass", hold, high),
            "beat": Part(tone, (others,), weak, "bass", hold, low),
        }
    return Style(
        name, (tempo, tempo), parts, (("clicks", 12, "accent beat"),), feel.metre, human=0.0, chord_bars=99, fills=False
    )


def improvise(name: str, seed: int) -> Style:
    feel = FEELS[name]
    rng = np.random.default_rng([seed, 77, *map(ord, name)])
    tempo = float(np.exp(rng.uniform(*np.log(feel.tempo))))
    if feel.chords == "click":
        return _metronome(name, feel, rng, tempo)
    straight = feel.metre in (3, 5, 7) or not feel.drums or tempo > 150 or feel.chords == "off" or rng.random() < 0.8
    steps = 4 if straight and feel.metre != 2 else 3
    drums = _drums(rng, feel, steps, tempo) if feel.drums else {}
    parts = {**drums, **_pitched(rng, feel, steps)}
    beat = " ".join(drums)
    extra = str(rng.choice(["chords", "arp", "chords arp", "chords pad"]))
    bars = (
        [int(b) for b in rng.choice([2, 4, 4, 8], 5)]
        if tempo < 90
        else [int(b) for b in rng.choice([4, 4, 8, 8, 12], 5)]
    )
    bars = [2 * b for b in bars] if feel.metre == 2 else bars
    intro = str(
        rng.choice(
            ["chords", "arp", "arp pad", "bass chords", "hat bass" if feel.drums else "chords bass", beat or "arp bass"]
        )
    )
    calm = str(rng.choice(["pad arp", "chords pad", "pad lead", "arp bass"]))
    arrangement = (
        ("intro", bars[0], intro), ("verse", bars[1], f"{beat} bass {extra}"), ("breakdown", bars[2], calm),
        ("chorus", bars[3], f"{beat} bass chords pad lead {extra}"), ("verse", bars[4], f"{beat} bass {extra} lead"),
    )  # fmt: skip
    kit = {
        "K": str(rng.choice(["acoustic", "house", "808", "soft", "tight"])),
        "S": str(rng.choice(["acoustic", "tight", "fat", "brush", "gated"])),
    }
    human = float(rng.choice([0.0, 0.003, 0.008]))
    rubato = 0.0 if feel.drums else float(rng.choice([0.0, 0.01, 0.03]))
    drift = (0.85, 1.18) if rng.random() < 0.12 else (1.0, 1.0)
    late = (3.0, 12.0) if rng.random() < 0.15 else (0.0, 1.0)
    swing = (0.0, 0.15) if steps == 4 else (0.0, 0.0)
    chord_bars = int(rng.choice([1, 1, 1, 2]))
    return Style(
        name,
        (tempo, tempo),
        parts,
        arrangement,
        feel.metre,
        steps,
        kit,
        swing,
        human,
        rubato,
        drift,
        late,
        (0.02, 0.35),
        chord_bars,
        fills=bool(rng.random() < 0.5),
    )
