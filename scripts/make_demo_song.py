"""Compose and render the demo song: `python scripts/make_demo_song.py [OUT.mp3]` (default assets/demo/song.mp3).

An original piece of half a minute: a plucked intro, a build, a drop, a breakdown, a climax and a last chord, in A
minor at 124 beats a minute. Every sample is computed here, so the same command gives the same sound.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.songs.drums import DRUMS

RATE, BPM, BARS, TAIL = 44100, 124.0, 14, 2.4
BEAT = 60 / BPM
CHORDS = ((57, 60, 64), (53, 57, 60), (48, 55, 64), (55, 59, 62))  # Am F C G
PROGRESSION = (0, 1, 2, 3, 0, 1, 2, 3, 1, 3, 0, 1, 2, 3)
# (beat of the bar, semitones above the key's A): an answer every second bar
CALL = ((0.0, 76), (0.75, 74), (1.5, 72), (2.0, 74), (3.0, 69))
ANSWER = ((0.0, 72), (0.75, 74), (1.5, 76), (2.5, 79), (3.25, 76))
INTRO, BUILD, DROP, BREAKDOWN, CLIMAX = range(0, 2), range(2, 4), range(4, 8), range(8, 10), range(10, 14)
Array = np.ndarray


def hertz(midi: float) -> float:
    return 440.0 * 2 ** ((midi - 69) / 12)


def times(seconds: float) -> Array:
    return np.arange(int(seconds * RATE)) / RATE


def gate(t: Array, seconds: float, attack: float, release: float) -> Array:
    return np.minimum(1, t / attack) * np.clip((seconds + release - t) / release, 0, 1) ** 1.5


def saw(t: Array, pitch: float, cutoff: Array | float, phase: float = 0.0) -> Array:
    """A band-limited saw through a gentle low pass: harmonics fall off above `cutoff` Hz, which may move in time."""
    out = np.zeros_like(t)
    for k in range(1, int(min(9000, 14 * np.max(cutoff)) / pitch) + 1):
        out += np.sin(2 * np.pi * pitch * k * t + phase * k) / k / np.sqrt(1 + (pitch * k / cutoff) ** 4)
    return out * 0.6


class Mix:
    """A stereo buffer with a send to the hall; `duck` is lowered under every kick."""

    def __init__(self) -> None:
        n = int((BARS * 4 * BEAT + TAIL) * RATE)
        self.dry, self.duck, self.hall = (np.zeros((n, 2)) for _ in range(3))
        self.pump = np.ones(n)

    def add(self, sound: Array, at: float, pan: float = 0.5, send: float = 0.15, ducked: bool = False) -> None:
        start = round(at * RATE)
        sound = sound[: len(self.dry) - start]
        stereo = sound[:, None] * np.sqrt([1 - pan, pan]) * 1.414
        (self.duck if ducked else self.dry)[start : start + len(sound)] += stereo
        self.hall[start : start + len(sound)] += send * stereo

    def kick_at(self, at: float) -> None:
        t = times(0.3)
        start = round(at * RATE)
        curve = (1 - 0.75 * np.exp(-t / 0.09))[: len(self.pump) - start]
        self.pump[start : start + len(curve)] = np.minimum(self.pump[start : start + len(curve)], curve)

    def master(self, rng: np.random.Generator) -> Array:
        n = int(2.2 * RATE)
        tail = rng.standard_normal((n, 2)) * np.exp(-np.arange(n) / RATE / 0.45)[:, None]
        size = 1 << (len(self.dry) + n).bit_length()
        damped = np.fft.rfft(tail, size, axis=0) / (1 + (np.fft.rfftfreq(size, 1 / RATE) / 3500) ** 2)[:, None]
        wet = np.fft.irfft(np.fft.rfft(self.hall, size, axis=0) * damped, size, axis=0)[: len(self.dry)]
        song = self.dry + self.duck * self.pump[:, None] + 0.9 * wet * (0.5 + 0.5 * self.pump[:, None]) / np.sqrt(n / 8)
        song = np.tanh(1.5 * song / np.percentile(np.abs(song), 99.8))
        fade = np.clip((len(song) - np.arange(len(song))) / (0.8 * RATE), 0, 1)
        return 0.89 * song / np.abs(song).max() * fade[:, None]


def bar_time(bar: int, beat: float = 0.0) -> float:
    return (4 * bar + beat) * BEAT


def drums(mix: Mix, rng: np.random.Generator) -> None:
    hit = {name: DRUMS[name](rng, RATE, "house" if name == "K" else "tight") for name in "KCHOAXT"}
    for bar in (*DROP, *CLIMAX):
        for beat in range(4):
            mix.add(1.0 * hit["K"], bar_time(bar, beat), send=0.0)
            mix.kick_at(bar_time(bar, beat))
            mix.add(0.28 * hit["O"], bar_time(bar, beat + 0.5), 0.6)
        for beat in (1, 3):
            mix.add(0.62 * hit["C"], bar_time(bar, beat), send=0.3)
        for step in range(16):
            mix.add((0.16 if step % 2 else 0.1) * hit["A"], bar_time(bar, step / 4), 0.35)
    for bar in (DROP[0], CLIMAX[0], BREAKDOWN[0], CLIMAX[2]):
        mix.add(0.4 * hit["X"], bar_time(bar), send=0.4)
    for bar in BUILD:
        for step in range(8):
            mix.add(0.13 * hit["H"], bar_time(bar, step / 2), 0.6)
    for bar, density in ((BUILD[0], 1), (BUILD[1], 2), (BREAKDOWN[1], 2)):
        for step in range(4 * density):
            if bar == BREAKDOWN[1] and step < 4:
                continue
            swell = (bar - BUILD[0] + step / (4 * density)) / 2 if bar in BUILD else step / 8
            mix.add((0.15 + 0.4 * swell) * hit["C"], bar_time(bar, step / density), send=0.25)
    for i, beat in enumerate((2.0, 2.5, 3.0, 3.25, 3.5)):
        mix.add((0.4 + 0.06 * i) * hit["T"], bar_time(DROP[-1], beat), 0.3 + 0.1 * i, 0.3)


def pads(mix: Mix, rng: np.random.Generator) -> None:
    length = 4 * BEAT
    for bar in range(BARS):
        loud = 0.1 if bar in INTRO or bar in BREAKDOWN else 0.17 if bar in BUILD else 0.15
        t = times(length + 0.5)
        bright = 500 + 350 * (bar in BUILD) + 1100 * (bar in DROP) + 1500 * (bar in CLIMAX)
        cutoff = bright * (
            1 + (1.8 * t / length if bar in (BUILD[1], BREAKDOWN[1]) else 0.15 * np.sin(2 * np.pi * t / length))
        )
        for note in CHORDS[PROGRESSION[bar]]:
            for side, cents in ((0.1, -7), (0.5, 0), (0.9, 7)):
                tone = saw(t, hertz(note + cents / 100), cutoff, rng.uniform(0, 6)) * gate(t, length, 0.12, 0.5)
                mix.add(loud * tone, bar_time(bar), side, 0.25, ducked=True)


def plucks(mix: Mix) -> None:
    """The thread of the song: a rising broken chord in sixteenths with an echo from side to side."""
    order = (0, 1, 2, 3, 2, 1, 4, 2)
    for bar in range(BARS):
        a, b, c = CHORDS[PROGRESSION[bar]]
        notes = (a + 12, b + 12, c + 12, a + 24, b + 24)
        for step in range(16):
            if (bar in INTRO or bar in BREAKDOWN) and step % 2:
                continue
            t = times(0.5)
            note = hertz(notes[order[(step // (2 if bar in INTRO or bar in BREAKDOWN else 1)) % 8]])
            tone = saw(t, note, 600 + 3200 * np.exp(-t / 0.06)) * np.exp(-t / 0.16) * np.minimum(1, t / 0.002)
            loud = (0.34 if step % 4 == 0 else 0.24) * (1.25 if bar in INTRO else 0.95 if bar in BREAKDOWN else 0.8)
            mix.add(loud * tone, bar_time(bar, step / 4), 0.5, 0.3)
            for echo, side in ((1, 0.15), (2, 0.85)):
                at = bar_time(bar, step / 4) + 0.75 * BEAT * echo
                if at < bar_time(BARS):
                    mix.add(loud * 0.35**echo * tone, at, side, 0.3)


def low_end(mix: Mix) -> None:
    for bar in range(BARS):
        root = CHORDS[PROGRESSION[bar]][0]
        pitch = hertz(root - 24 if root - 24 >= 31 else root - 12)
        if bar in DROP or bar in CLIMAX:
            for step in range(8):
                t = times(0.45 * BEAT + 0.05)
                tone = (np.sin(2 * np.pi * pitch * t) + 0.4 * saw(t, 2 * pitch, 420)) * gate(
                    t, 0.42 * BEAT, 0.005, 0.05
                )
                mix.add((0.5 if step % 2 else 0.38) * tone, bar_time(bar, step / 2), send=0.0, ducked=True)
        elif bar in BUILD:
            t = times(4 * BEAT + 0.1)
            mix.add(0.3 * np.sin(2 * np.pi * pitch * t) * gate(t, 4 * BEAT, 0.05, 0.1), bar_time(bar), send=0.0)


def lead(mix: Mix) -> None:
    for bar in (*DROP, *BREAKDOWN, *CLIMAX):
        line = CALL if bar % 2 == 0 else ANSWER
        for i, (beat, note) in enumerate(line):
            until = line[i + 1][0] if i + 1 < len(line) else 4.0
            seconds = 0.92 * (until - beat) * BEAT
            t = times(seconds + 0.15)
            vibrato = t + 0.0007 * np.sin(2 * np.pi * 5.2 * t) * np.minimum(1, t / 0.3)
            tone = saw(vibrato, hertz(note), 2200) + 0.5 * np.sin(2 * np.pi * hertz(note) * vibrato)
            soft = 0.11 if bar in BREAKDOWN else 0.27
            mix.add(soft * tone * gate(t, seconds, 0.012, 0.15), bar_time(bar, beat), 0.5, 0.4)
            if bar in CLIMAX:
                mix.add(
                    0.12 * saw(t, hertz(note + 12), 3000) * gate(t, seconds, 0.012, 0.15),
                    bar_time(bar, beat),
                    0.65,
                    0.4,
                )


def effects(mix: Mix, rng: np.random.Generator) -> None:
    for end in (DROP[0], CLIMAX[0]):
        t = times(3 * BEAT)
        rise = t / t[-1]
        noise = np.diff(np.cumsum(rng.standard_normal(len(t) + 1)) * 0.5)
        mix.add(
            0.32 * noise * rise**2.2 * (0.6 + 0.4 * np.sin(2 * np.pi * (2 + 10 * rise) * t)),
            bar_time(end, -3),
            0.5,
            0.4,
        )
    t = times(2.3)
    for note in (45, 57, 64, 69, 72, 76):
        mix.add(
            0.2 * saw(t, hertz(note), 300 + 1500 * np.exp(-t / 0.7)) * gate(t, 0.6, 0.004, 1.7),
            bar_time(BARS),
            0.5,
            0.5,
        )
    mix.add(0.8 * DRUMS["K"](rng, RATE, "house"), bar_time(BARS), send=0.3)
    mix.add(0.4 * DRUMS["X"](rng, RATE, ""), bar_time(BARS), send=0.5)


def compose() -> Array:
    """(n, 2) samples in -1..1 at RATE."""
    rng, mix = np.random.default_rng(124), Mix()
    drums(mix, rng)
    pads(mix, rng)
    plucks(mix)
    low_end(mix)
    lead(mix)
    effects(mix, rng)
    return mix.master(rng)


def encode(samples: Array, out: Path) -> None:
    import imageio_ffmpeg

    pcm = (samples * 32767).round().astype("<i2").tobytes()
    part = out.with_name(f".{out.name}.part")
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "2", "-i", "-",
        "-c:a", "libmp3lame", "-b:a", "160k", "-bitexact", "-map_metadata", "-1", "-f", "mp3", str(part),
    ]  # fmt: skip
    subprocess.run(command, input=pcm, check=True)
    part.replace(out)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "assets/demo/song.mp3"
    encode(compose(), target)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")
