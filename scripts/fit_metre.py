"""Train the model of studio/music/metre.py on songs with known truth: `python -m scripts.fit_metre [seeds]`.

Each song gives one example: all its readings, of which those that agree with the truth are right. The loss is the
cross entropy between the model's softmax over the readings and the right ones. Seeds from 100 on are never trained on.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.songs import STYLES, make_song
from benchmarks.songs.score import Truth
from benchmarks.songs.scoring import f_measure
from studio.cancellation import CancelToken
from studio.music import metre
from studio.music.levels import Candidate, candidates, channels
from studio.music.onsets import Onsets, onsets
from studio.music.spectrum import spectra
from studio.music.tempo import find_pulse

HIDDEN, MEMBERS, EPOCHS, BATCH, DECAY, RATE = 16, 4, 60, 32, 2e-2, 3e-3
# A bare metronome is so unlike all else that it takes more of it to be learnt.
MORE = {"metronome": 3, "metronome_in_three": 3}
Example = tuple[np.ndarray, np.ndarray]


def right_readings(candidate: Candidate, truth: Truth) -> list[bool]:
    """Which of the candidate's readings agree with the truth; a bar of two beats may be heard as half a bar of four."""
    beats, downbeats = np.array(truth.beats), np.array(truth.downbeats)

    def within(times: np.ndarray) -> np.ndarray:
        return times[(times > beats[0] - 0.1) & (times < beats[-1] + 0.1)]

    if f_measure(within(candidate.beats), beats) < 0.85:
        return [False] * metre.ROWS
    out = []
    for bar in metre.METRES:
        for first in range(bar):
            starts = within(candidate.beats[first::bar])
            wanted = [downbeats[::2], downbeats[1::2]] if truth.metre == 2 and bar == 4 else [downbeats]
            agrees = bar == truth.metre or (truth.metre == 2 and bar == 4)
            out.append(agrees and max(f_measure(starts, w) for w in wanted) > 0.8)
    return out


def example_from(rises: Onsets, truth: Truth) -> Example:
    """((readings, WIDTH) evidence, (readings,) right) of one song."""
    rows = channels(rises)
    found = candidates(rises, find_pulse(rises, None))
    evidence = np.concatenate([metre.readings(c, rows, rises.rate) for c in found]).astype(np.float32)
    return evidence, np.concatenate([right_readings(c, truth) for c in found])


def example(job: tuple[str, int]) -> Example:
    song = make_song(*job)
    return example_from(onsets(spectra(song.samples, song.sample_rate, CancelToken())), song.truth)


def _gradient(params: list[np.ndarray], x: np.ndarray, mask: np.ndarray, right: np.ndarray) -> list[np.ndarray]:
    hidden, bias, out, direct = params
    h = np.tanh(x @ hidden + bias)
    z = np.where(mask, h @ out + x @ direct, -1e9)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    wanted = e * right
    dz = (e / e.sum(1, keepdims=True) - wanted / (wanted.sum(1, keepdims=True) + 1e-20)) / len(x)
    dh = dz[..., None] * out * (1 - h * h)
    flat, flat_dh = x.reshape(-1, x.shape[-1]), dh.reshape(-1, dh.shape[-1])
    return [flat.T @ flat_dh, flat_dh.sum(0), h.reshape(-1, h.shape[-1]).T @ dz.ravel(), flat.T @ dz.ravel()]


def train(x: np.ndarray, mask: np.ndarray, right: np.ndarray, seed: int) -> list[np.ndarray]:
    """Adam with decoupled decay, dropout of evidence and a little noise, on (songs, readings, WIDTH)."""
    rng, width = np.random.default_rng(seed), x.shape[-1]
    params = [
        rng.normal(0, width**-0.5, (width, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, 0.25, HIDDEN),
        np.zeros(width),
    ]
    params = [p.astype(np.float32) for p in params]
    first, second, step = [np.zeros_like(p) for p in params], [np.zeros_like(p) for p in params], 0
    for epoch in range(EPOCHS):
        order, speed = rng.permutation(len(x)), RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS)) + 1e-5
        for batch in np.array_split(order, max(1, len(x) // BATCH)):
            kept = (rng.random((len(batch), 1, width)) > 0.1).astype(np.float32) / 0.9
            noisy = x[batch] * kept + rng.standard_normal(x[batch].shape, np.float32) * 0.1
            step += 1
            for i, g in enumerate(_gradient(params, noisy, mask[batch], right[batch])):
                first[i] = 0.9 * first[i] + 0.1 * g
                second[i] = 0.999 * second[i] + 0.001 * g * g
                move = first[i] / (1 - 0.9**step) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)
                params[i] = (params[i] - speed * (move + (DECAY if i != 1 else 0) * params[i])).astype(np.float32)
    return params


def fit(examples: list[Example]) -> dict[str, np.ndarray]:
    """The members' average as one wider network."""
    usable = [(e, r) for e, r in examples if r.any()]
    everything = np.concatenate([e for e, _ in usable])
    mean, scale = everything.mean(0), everything.std(0) + 1e-3
    longest = max(len(e) for e, _ in usable)
    x = np.zeros((len(usable), longest, metre.WIDTH), np.float32)
    mask, right = np.zeros(x.shape[:2], bool), np.zeros(x.shape[:2], bool)
    for i, (evidence, truth) in enumerate(usable):
        n = len(evidence)
        x[i, :n], mask[i, :n], right[i, :n] = np.clip((evidence - mean) / scale, -4, 4), True, truth
    members = [train(x, mask, right, seed) for seed in range(MEMBERS)]
    hidden, bias, out, direct = zip(*members, strict=True)
    return {
        "mean": mean, "scale": scale, "hidden": np.concatenate(hidden, axis=1), "bias": np.concatenate(bias),
        "out": np.concatenate(out) / MEMBERS, "direct": np.mean(direct, axis=0),
    }  # fmt: skip


def accuracy(examples: list[Example], weights: dict[str, np.ndarray]) -> float:
    return float(np.mean([r[int(metre.weigh(e, weights).argmax())] for e, r in examples]))


def main(seeds: int) -> None:
    with ProcessPoolExecutor(2) as pool:
        jobs = [(s, n) for s in STYLES for n in range(1, MORE.get(s, 1) * seeds + 1)]
        known = list(pool.map(example, jobs))
        unseen = list(pool.map(example, [(s, n) for n in (100, 101) for s in STYLES]))
    weights = fit(known)
    scores = accuracy(known, weights), accuracy(unseen, weights)
    print("right reading: {:.3f} of the songs trained on, {:.3f} of others".format(*scores))
    target = Path(metre.__file__).with_name("metre.npz")
    numbers: dict[str, Any] = {name: np.asarray(value, np.float32) for name, value in weights.items()}
    np.savez_compressed(target, **numbers)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24)
