"""From a style and a seed to sound: timeline, players, mix. The truth is read off the same timeline the players use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.songs.drums import DRUMS
from benchmarks.songs.notes import VOICES

Array = np.ndarray
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 0, 4), (0, 2, 3, 4), (5, 3, 0, 4)),
    "minor": ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 6), (0, 5, 3, 4), (0, 2, 5, 4)),
}


@dataclass(frozen=True)
class Truth:
    """Times in seconds. `tempo` is the median tempo in beats per minute; `steady` false where it moves by over 4 %."""

    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    tempo: float
    metre: int
    borders: tuple[float, ...]
    labels: tuple[str, ...]
    steady: bool


@dataclass(frozen=True)
class Song:
    name: str
    seed: int
    samples: Array  # (n, 2) float32
    sample_rate: int
    truth: Truth


@dataclass(frozen=True)
class Part:
    """One player. `patterns` take a bar each, in turn: X accent, x hit, o ghost, . rest; one sign a step."""

    voice: str
    patterns: tuple[str, ...]
    gain: float = 1.0
    role: str = "drum"  # drum, bass, chord, arp or lead
    hold: float = 0.9  # note length, in gaps to the next hit
    octave: int = 0


@dataclass(frozen=True)
class Style:
    name: str
    tempo: tuple[float, float]
    parts: Mapping[str, Part]
    arrangement: tuple[tuple[str, int, str], ...]  # label, bars, names of the parts that play
    metre: int = 4
    steps: int = 4  # a beat
    kit: Mapping[str, str] = field(default_factory=dict)
    swing: tuple[float, float] = (0.0, 0.0)  # delay of odd steps, in steps
    human: float = 0.003  # seconds, one standard deviation of timing
    rubato: float = 0.0  # share by which beats stretch and shrink
    drift: tuple[float, float] = (1.0, 1.0)  # last tempo over first
    lead_in: tuple[float, float] = (0.0, 0.6)  # seconds before the first beat
    room: tuple[float, float] = (0.02, 0.2)
    chord_bars: int = 1
    fills: bool = True
    opening: tuple[str, ...] = ()  # what may sound in the lead-in: pad, noise or voices
    after: tuple[float, float] = (3.0, 3.0)  # seconds after the last beat


def _timeline(style: Style, rng: np.random.Generator, beats: int) -> Array:
    """Seconds of beats 0..beats (inclusive of the end), before swing."""
    tempo = rng.uniform(*style.tempo)
    ramp = np.linspace(0, 1, beats)
    bpm = tempo * rng.uniform(*style.drift) ** ramp
    if style.rubato:
        phrase = np.sin(2 * np.pi * np.arange(beats) / (4 * style.metre) + rng.uniform(0, 6))
        wander = np.convolve(rng.standard_normal(beats + 4), np.ones(5) / 5, "valid")
        bpm = bpm * (1 + style.rubato * (0.6 * phrase + 0.7 * wander))
    return np.concatenate([[0.0], np.cumsum(60 / bpm)]) + rng.uniform(*style.lead_in)


def _varied(style: Style, rng: np.random.Generator) -> dict[str, Part]:
    """The style's parts with some weaker hits left out, ghost notes added, and now and then a part missing."""
    parts = {}
    for name, part in style.parts.items():
        patterns = part.patterns
        if rng.random() < 0.35:
            chances = {"x": 0.75, "o": 0.7, "X": 1.0}
            kept = ["".join(c if rng.random() < chances.get(c, 1.0) else "." for c in bar) for bar in patterns]
            patterns = tuple("".join("o" if c == "." and rng.random() < 0.03 else c for c in bar) for bar in kept)
        alone = any(name in names.split() and len(names.split()) < 3 for _, _, names in style.arrangement)
        absent = rng.random() < 0.12 and not alone and part.voice not in "KSC"
        empty = tuple("." * len(bar) for bar in patterns)
        parts[name] = replace(part, patterns=empty if absent else patterns)
    return parts


class Player:
    """Plays one style with one seed into a stereo buffer."""

    def __init__(self, style: Style, seed: int) -> None:
        self.style, self.rng = style, np.random.default_rng([seed, sum(map(ord, style.name))])
        self.rate = int(self.rng.choice([44100, 44100, 48000, 32000, 22050]))
        self.bars = sum(bars for _, bars, _ in style.arrangement)
        self.grid = _timeline(style, self.rng, self.bars * style.metre)
        self.swing = self.rng.uniform(*style.swing)
        after = style.after[0] if style.after[0] == style.after[1] else self.rng.uniform(*style.after)
        n = int((self.grid[-1] + after) * self.rate)
        self.dry, self.wet = np.zeros((n, 2), np.float32), np.zeros((n, 2), np.float32)
        self.mode = str(self.rng.choice(list(SCALES)))
        self.key = int(self.rng.integers(0, 12))
        pool = PROGRESSIONS[self.mode]
        self.progressions = [pool[i] for i in self.rng.permutation(len(pool))[:2]]
        self.sounds: dict[tuple[str, float, float], Array] = {}
        style = self.style = replace(style, parts=_varied(style, self.rng))
        if style.chord_bars == 1 and self.rng.random() < 0.25:
            style = self.style = replace(style, chord_bars=2)
        self.levels = {name: 10 ** (self.rng.normal(0, 2.0) / 20) for name in style.parts}
        self.pans = {name: self.rng.uniform(0.25, 0.75) for name in style.parts}
        self.hits = {v: DRUMS[v](self.rng, self.rate, style.kit.get(v, "acoustic")) for v in DRUMS}

    def seconds(self, step: float) -> float:
        """Time of a step counted from the first bar, swing included."""
        if step % 2 == 1:
            step += self.swing
        return float(np.interp(step / self.style.steps, np.arange(len(self.grid)), self.grid))

    def place(self, sound: Array, at: float, gain: float, pan: float) -> None:
        start = max(0, round((at + self.rng.normal(0, self.style.human)) * self.rate))
        stop = min(len(self.dry), start + len(sound))
        if stop > start:
            stereo = sound[: stop - start, None] * np.array([np.cos(pan * np.pi / 2), np.sin(pan * np.pi / 2)]) * gain
            self.dry[start:stop] += stereo

    def note(self, voice: str, midi: float, seconds: float) -> Array:
        key = (voice, midi, round(seconds, 2))
        if key not in self.sounds:
            hertz = 440 * 2 ** ((midi - 69) / 12)
            self.sounds[key] = VOICES[voice](hertz, seconds, self.rate, self.rng).astype(np.float32)
        return self.sounds[key]

    def pitch(self, degree: int, octave: int) -> int:
        scale = SCALES[self.mode]
        return 60 + self.key % 12 - 6 + 12 * (octave + degree // 7) + scale[degree % 7]

    def root(self, bar: int, section: int) -> int:
        progression = self.progressions[section % len(self.progressions)]
        return progression[(bar // self.style.chord_bars) % len(progression)]

    def play_bar(self, bar: int, section: int, names: list[str]) -> None:
        for name in names:
            part = self.style.parts[name]
            pattern = part.patterns[bar % len(part.patterns)]
            hits = [i for i, sign in enumerate(pattern) if sign != "."]
            if part.role == "lead":
                hits = [i for i in hits if self.rng.random() < 0.45]
            first = bar * self.style.metre * self.style.steps
            for j, i in enumerate(hits):
                following = hits[j + 1] if j + 1 < len(hits) else len(pattern)
                loud = {"X": 1.0, "x": 0.7, "o": 0.3}[pattern[i]] * part.gain * self.levels[name]
                loud *= self.rng.uniform(0.88, 1.0)
                self.strike(part, first + i, following - i, loud, (section, self.pans[name], j))

    def strike(self, part: Part, step: float, gap: float, loud: float, where: tuple[int, float, int]) -> None:
        section, pan, index = where
        at = self.seconds(step)
        if part.role == "drum":
            self.place(self.hits[part.voice], at, loud, pan)
            return
        length = (self.seconds(step + gap) - at) * part.hold
        bar = int(step // (self.style.metre * self.style.steps))
        root = self.root(bar, section)
        if part.role == "bass":
            degree = root if index % 4 != 3 or self.rng.random() < 0.5 else root + int(self.rng.choice([4, 2]))
            self.place(self.note(part.voice, self.pitch(degree, part.octave - 2), length), at, loud, 0.5)
        elif part.role == "chord":
            for d in (0, 2, 4):
                self.place(self.note(part.voice, self.pitch(root + d, part.octave), length), at, loud * 0.5, pan)
        elif part.role == "arp":
            degree = root + (0, 2, 4, 7, 4, 2)[index % 6]
            self.place(self.note(part.voice, self.pitch(degree, part.octave), length), at, loud * 0.6, pan)
        else:
            degree = root + int(self.rng.choice([0, 2, 4, 1, 5]))
            self.place(self.note(part.voice, self.pitch(degree, part.octave + 1), length), at, loud * 0.6, pan)

    def open(self) -> None:
        """What sounds before the first beat; a style without an opening has silence there."""
        seconds = float(self.grid[0])
        if not self.style.opening:
            return
        kind = str(self.rng.choice(self.style.opening))
        gain = float(self.rng.uniform(0.1, 0.5))
        if kind == "noise":
            n = round(seconds * self.rate)
            hiss = np.cumsum(self.rng.standard_normal(n)) * 0.01
            hiss -= np.convolve(hiss, np.ones(2001) / 2001, "same")
            swell = np.interp(np.arange(n), np.linspace(0, n, 8), self.rng.uniform(0.2, 1.0, 8))
            self.dry[:n] += (gain * hiss * swell / max(float(np.abs(hiss).max()), 1e-9))[:, None]
        elif kind == "pad":
            for at in np.arange(0, seconds - 2, 4.0):
                for degree in (0, 2, 4):
                    note = self.note("pad", self.pitch(degree + int(at) % 3, 0), min(4.0, seconds - at - 0.8))
                    self.place(note, float(at), gain, 0.5)
        else:
            at = 0.5
            while at < seconds - 1.5:
                length = float(self.rng.uniform(0.1, 0.4))
                self.place(self.note("voice", 45 + int(self.rng.integers(0, 6)), length), at, gain, 0.5)
                at += length + float(self.rng.choice([0.03, 0.08, 0.4])) * float(self.rng.uniform(0.6, 1.5))

    def fill(self, bar: int) -> None:
        """A snare and tom fill over the last beat of `bar`."""
        steps = self.style.metre * self.style.steps
        for i in range(self.style.steps):
            at = self.seconds(bar * steps + steps - self.style.steps + i)
            self.place(self.hits["S" if i % 2 == 0 else "T"], at, 0.4 + 0.1 * i, 0.5)

    def perform(self) -> tuple[list[float], list[str]]:
        bar, borders, labels = 0, [], []
        self.open()
        for section, (label, bars, wanted) in enumerate(self.style.arrangement):
            names = wanted.split()
            borders.append(float(self.grid[bar * self.style.metre]))
            labels.append(label)
            drums = any(self.style.parts[n].voice in "KSC" for n in names)
            if drums and self.style.fills and self.rng.random() < 0.7:
                self.place(self.hits["X"], self.seconds(bar * self.style.metre * self.style.steps), 0.5, 0.5)
            for i in range(bars):
                self.play_bar(bar + i, section, names)
            bar += bars
            if drums and self.style.fills and self.rng.random() < 0.6:
                self.fill(bar - 1)
        return borders, labels

    def mix(self) -> Array:
        room = self.rng.uniform(*self.style.room)
        n = int(self.rate * self.rng.uniform(0.4, 1.4))
        tail = self.rng.standard_normal((n, 2)) * np.exp(-np.arange(n) / (n / 5))[:, None]
        tail[: int(0.012 * self.rate)] = 0
        size = 1 << (len(self.dry) + n).bit_length()
        wet = np.fft.irfft(np.fft.rfft(self.dry, size, axis=0) * np.fft.rfft(tail, size, axis=0), size, axis=0)
        wet = wet[: len(self.dry)]
        song = self.dry + wet * (room * self.dry.std() / max(wet.std(), 1e-9))
        song = np.tanh(song * self.rng.uniform(0.5, 2.0) / (np.abs(song).max() / 2))
        song += self.rng.standard_normal(song.shape) * 10 ** (self.rng.uniform(-80, -52) / 20)
        song *= 10 ** (self.rng.uniform(-14, -0.5) / 20) / np.abs(song).max()
        return song.astype(np.float32)


def play(style: Style, seed: int) -> Song:
    player = Player(style, seed)
    borders, labels = player.perform()
    beats = player.grid[:-1]
    bpm = 60 / np.diff(player.grid)
    truth = Truth(
        tuple(map(float, beats)),
        tuple(map(float, beats[:: style.metre])),
        float(np.median(bpm)),
        style.metre,
        tuple(borders),
        tuple(labels),
        bool(np.ptp(bpm) / np.median(bpm) < 0.04),
    )
    return Song(style.name, seed, player.mix(), player.rate, truth)
