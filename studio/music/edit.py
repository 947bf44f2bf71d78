"""Where the film is cut: six segments between seven keyframes, and the camera cuts inside them, all on beats.

A keyframe stands on the frame of its beat: segment k is the frames after keyframe k up to and with keyframe k + 1,
whose picture is the segment's last frame. So a hard landing is seen exactly on the beat. Frame numbers are
round(t * fps) of absolute times, never sums of lengths, so that nothing drifts in a long song.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput
from studio.frames import frame_at

if TYPE_CHECKING:
    import numpy as np

    from studio.music.shots import Shot
    from studio.music.song import SongAnalysis

KEYFRAMES = 7
SHORTEST_SHOT = 0.48
"""Seconds: a picture seen for less can't be read. Just under half a second, so that a beat at 120 BPM may hold one."""

OFF_DOWNBEAT = 0.75
"""What a border pays, in beats of distance, for standing on a beat that is no downbeat."""

COUNTED_BEAT, LANDMARK, OFF_BEAT = 2.0, 3.0, 4.0
"""The same for a beat that is only counted through a pause, for a section or an accent off the beat, for neither."""

PATTERNS = (
    (0.85, (2, 2, 2, 1, 1)),
    (0.70, (4, 2, 2)),
    (0.45, (4, 4, 8)),
    (0.25, (8,)),
    (0.00, (16,)),
)
"""From this intensity on, the shots' lengths in turn, in quarters of a bar."""


FIRST_HOLD = 10.0
"""Seconds for which a segment's own picture and the arrival of the next are enough to look at."""

HOLD_CALM, HOLD_INTENSE = 10.0, 7.0
"""Seconds for which each further picture holds the eye, in long shots and in short ones."""

MOST_VIEWS = 4


@dataclass(frozen=True)
class Cut:
    """A cut or landing as it is shown: `time` = frame / fps seconds. The last two are None where the music has no beat
    within a beat's length."""

    time: float
    frame: int
    nearest_beat: float | None
    error_ms: float | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Segment:
    """Frames `first_frame` .. `first_frame + frame_count - 1`, from keyframe `index` to keyframe `index + 1`.

    `cuts` are counted from the segment's first frame, ascending, 0 and the last frame not included.
    """

    index: int
    first_frame: int
    frame_count: int
    cuts: tuple[int, ...]


@dataclass(frozen=True)
class EditPlan:
    """Segments tile 0 .. frame_count. A film of fewer than six frames has fewer segments, spread over the six."""

    fps: Fraction
    frame_count: int
    segments: tuple[Segment, ...]
    cuts: tuple[Cut, ...]


@dataclass(frozen=True)
class SegmentPulse:
    """What the music does in each frame of a segment: arrays (frame_count,), float32, 0..1 (`contracts.Pulse`)."""

    intensity: np.ndarray
    beat: np.ndarray
    accent: np.ndarray


def plan_edit(analysis: SongAnalysis, shots: Sequence[Shot], fps: Fraction) -> EditPlan:
    """Where each segment lands and cuts. `shots` are the storyboard's seven, whose times say where keyframes stand.

    Raises BadInput for another number of shots, an fps outside 1..120, or a song without length.
    """
    if len(shots) != KEYFRAMES:
        raise BadInput("shots", len(shots), f"a storyboard of {KEYFRAMES} shots")
    if not 1 <= fps <= 120:
        raise BadInput("fps", fps, "1 to 120 frames a second")
    if not (math.isfinite(analysis.duration) and analysis.duration > 0):
        raise BadInput("duration", analysis.duration, "a song of more than 0 seconds")
    score = _Score(analysis, fps)
    last = score.frame_count - 1
    if score.frame_count < KEYFRAMES - 1:
        segments = tuple(Segment(6 * n // (last + 1), n, 1, ()) for n in range(last + 1))
        return EditPlan(fps, last + 1, segments, tuple(score.cut(n) for n in range(last)))
    moments = sorted(shot.time for shot in shots)
    landings = (-1, *_borders(score, moments[1:6]), last)
    segments = []
    for index in range(KEYFRAMES - 1):
        first, landing = landings[index] + 1, landings[index + 1]
        # the film's last picture must be seen before its last frame
        arrival = moments[6] if index == KEYFRAMES - 2 else None
        cuts = _camera_cuts(score, landings[index], landing, arrival)
        segments.append(Segment(index, first, landing - first + 1, tuple(f - first for f in cuts)))
    shown = {s.first_frame + c for s in segments for c in s.cuts} | set(landings[1:6])
    return EditPlan(fps, score.frame_count, tuple(segments), tuple(score.cut(f) for f in sorted(shown)))


def view_counts(plan: EditPlan) -> tuple[int, ...]:
    """How many pictures each segment wants between its two keyframes, 0 .. MOST_VIEWS, one number a segment.

    A segment of up to 10 s lives on its own picture in several framings; after that a new one every 10 s in a calm
    stretch and every 7 s in an intense one, which shows in its shots: some 4 s and more against 1.5 s and less. No more
    than leaves each picture about one and a half shots, so that most are seen in two framings or more.
    """
    return tuple(_view_count(segment, plan.fps) for segment in plan.segments)


def _view_count(segment: Segment, fps: Fraction) -> int:
    seconds, shots = float(segment.frame_count / fps), len(segment.cuts) + 1
    calm = min(max((seconds / shots - 1.5) / 2.5, 0.0), 1.0)
    hold = HOLD_INTENSE + (HOLD_CALM - HOLD_INTENSE) * calm
    wanted = math.floor((seconds - FIRST_HOLD) / hold + 0.5)
    return max(0, min(wanted, MOST_VIEWS, math.ceil(shots / 1.5) - 1))


def pulses(analysis: SongAnalysis, plan: EditPlan) -> tuple[SegmentPulse, ...]:
    """The music's pulse in every frame, one object a segment. A beat's frame has `beat` 1, then it falls to e^-1 in
    0.3 beats; accents fall in 0.22 s; loudness is the curve's, taken at the middle of its seconds and smoothed."""
    import numpy as np

    fps = float(plan.fps)
    frames = np.arange(plan.frame_count)
    curve = analysis.intensity_curve or ((0.0, 0.0),)
    at, values = [t + 0.5 for t, _ in curve], [v for _, v in curve]
    span = np.linspace(-0.4, 0.4, 5)
    intensity = np.mean([np.interp(frames / fps + s, at, values) for s in span], axis=0)
    period = _period(analysis)
    beat = _decay(frames, [frame_at(t, plan.fps) for t in analysis.beat_times], 0.3 * period * fps)
    accent = _decay(frames, [frame_at(t, plan.fps) for t in analysis.accents], 0.22 * fps)
    film = [np.clip(track, 0.0, 1.0).astype(np.float32) for track in (intensity, beat, accent)]
    parts = [slice(s.first_frame, s.first_frame + s.frame_count) for s in plan.segments]
    return tuple(SegmentPulse(*(track[part] for track in film)) for part in parts)


def _decay(frames: np.ndarray, onsets: Sequence[int], time_constant: float) -> np.ndarray:
    import numpy as np

    if not onsets:
        return np.zeros(len(frames))
    starts = np.asarray(sorted(onsets))
    before = np.searchsorted(starts, frames, side="right") - 1
    age = frames - starts[np.maximum(before, 0)]
    return np.where(before >= 0, np.exp(-age / max(time_constant, 1e-6)), 0.0)


def _period(analysis: SongAnalysis) -> float:
    """Seconds a beat, typical of the song."""
    gaps = sorted(b - a for a, b in itertools.pairwise(analysis.beat_times) if b > a)
    if gaps:
        return gaps[len(gaps) // 2]
    return 60.0 / analysis.tempo if analysis.tempo > 0 else 0.5


class _Score:
    """The song as the editor reads it, in frames.

    beats      heard beats
    grid       where a shot may be cut: beats, and the beats that a pause leaves out, counted on through it; in a song
               without beats its sections and accents, and equal parts of what lies empty between them
    downbeats  the grid's bar lines
    """

    def __init__(self, analysis: SongAnalysis, fps: Fraction) -> None:
        self.fps = fps
        self.frame_count = max(1, frame_at(analysis.duration, fps))
        self.period = _period(analysis)
        self.bar = max(1, analysis.metre) * self.period
        self._times = sorted(t for t in analysis.beat_times if 0 <= t <= analysis.duration)
        self.beats = {frame_at(t, fps) for t in self._times}
        landmarks = sorted({*(s.start for s in analysis.sections[1:]), *analysis.accents})
        self.landmarks = sorted({frame_at(t, fps) for t in landmarks if 0 < t < analysis.duration})
        if self._times:
            grid = _counted_on(self._times, self.period, analysis.duration)
            bars = _counted_on(sorted(analysis.downbeat_times), self.bar, analysis.duration)
        else:
            grid, bars = _parted([0.0, *landmarks, analysis.duration], 4.0), []
        self.grid = sorted({frame_at(t, fps) for t in grid})
        self.downbeats = {frame_at(t, fps) for t in bars} or set(self.grid)
        self._curve = [v for _, v in analysis.intensity_curve] or [0.5]

    def frames(self, seconds: float) -> float:
        return seconds * float(self.fps)

    def intensity(self, first: int, last: int) -> float:
        """Mean intensity over frames first .. last."""
        lo, hi = (min(int(f / self.fps), len(self._curve) - 1) for f in (first, last))
        return sum(self._curve[lo : hi + 1]) / (hi + 1 - lo)

    def cut(self, frame: int) -> Cut:
        time = float(frame / self.fps)
        at = bisect_left(self._times, time)
        beat = min(self._times[max(at - 1, 0) : at + 1], key=lambda b: abs(b - time), default=None)
        if beat is None or abs(beat - time) > self.period:
            return Cut(time, frame, None, None)
        return Cut(time, frame, beat, round((time - beat) * 1000, 3))


def _counted_on(times: Sequence[float], period: float, duration: float) -> list[float]:
    """`times` with the ones that a pause leaves out, at even steps near `period`, and on to both ends of the song."""
    if not times:
        return []
    filled = [times[0]]
    for time in times[1:]:
        steps = max(1, round((time - filled[-1]) / period))
        filled += [filled[-1] + (time - filled[-1]) * n / steps for n in range(1, steps)] + [time]
    before = [filled[0] - period * n for n in range(1, int(filled[0] / period) + 1)]
    after = [filled[-1] + period * n for n in range(1, int((duration - filled[-1]) / period) + 1)]
    return [*reversed(before), *filled, *after]


def _parted(times: Sequence[float], longest: float) -> list[float]:
    parts: list[float] = []
    for a, b in itertools.pairwise(times):
        count = max(1, math.ceil((b - a) / longest))
        parts += [a + (b - a) * n / count for n in range(count)]
    return parts


def _near(frames: Sequence[int], frame: int, count: int) -> Sequence[int]:
    at = bisect_left(frames, frame)
    return frames[max(at - count, 0) : at + count]


def _borders(score: _Score, moments: Sequence[float]) -> list[int]:
    """Frames of the inner keyframes, ascending, at least a gap apart: the cheapest of all ways to stand on beats."""
    rows = [_choices(score, t) for t in moments]
    for gap in (max(1, min(frame_at(0.75, score.fps), score.frame_count // 12)), 1):
        found = _cheapest(rows, gap, score.frame_count - 1)
        if found:
            return found
    return [round((score.frame_count - 1) * k / 6) for k in range(1, 6)]


def _choices(score: _Score, moment: float) -> dict[int, float]:
    """Frame -> cost of a border there, costs counted in beats of distance from the moment."""
    beat = score.frames(score.period)
    home = min(max(frame_at(moment, score.fps), 0), score.frame_count - 1)
    choices: dict[int, float] = {}
    for frame in _near(score.grid, home, 12):
        # a moment put a hair beside its beat is that beat's: distance below a tenth of a beat is free
        away = max(0.0, abs(frame - home) / beat - 0.1)
        unheard = 0.0 if frame in score.beats else COUNTED_BEAT
        choices[frame] = away + unheard + (0.0 if frame in score.downbeats else OFF_DOWNBEAT)
    for frame in _near(score.landmarks, home, 6):
        choices.setdefault(frame, LANDMARK + abs(frame - home) / beat)
    step = max(1, score.frame_count // 100)
    for frame in range(home - 8 * step, home + 8 * step + 1, step):
        choices.setdefault(frame, OFF_BEAT + abs(frame - home) / beat)
    return choices


def _cheapest(rows: Sequence[dict[int, float]], gap: int, last: int) -> list[int] | None:
    """One frame a row, each at least `gap` after the one before, least total cost; None if there is no such way."""
    ways: dict[int, tuple[float, list[int]]] = {-1: (0.0, [])}
    for number, row in enumerate(rows):
        room = last - gap * (len(rows) - number)
        step: dict[int, tuple[float, list[int]]] = {}
        for frame, cost in row.items():
            before = [way for end, way in ways.items() if end + gap <= frame]
            if before and frame <= room:
                best = min(before)
                step[frame] = (best[0] + cost, [*best[1], frame])
        ways = step
    return min(ways.values())[1] if ways else None


def _camera_cuts(score: _Score, before: int, landing: int, moment: float | None) -> list[int]:
    """Frames between two landings on which a new camera shot begins; `moment`: when one must, if that can be."""
    shortest = max(1, math.ceil(score.frames(SHORTEST_SHOT) - 0.5))
    start = max(before, 0)
    grid = score.grid
    spots = grid[bisect_left(grid, start + shortest) : bisect_right(grid, landing - shortest)]
    fixed = _arrival(score, spots, moment) if moment is not None and spots else None
    cuts: list[int] = []
    since = start
    for frame, following in itertools.pairwise([*spots, landing]):
        before_fixed = fixed is not None and frame < fixed
        end = fixed if before_fixed and fixed is not None else landing
        if frame != fixed and (frame - since < shortest or end - frame < shortest):
            continue
        if frame == fixed or _due(score, (since, frame, following, end), len(cuts)):
            cuts.append(frame)
            since = frame
    return cuts


def _arrival(score: _Score, spots: Sequence[int], moment: float) -> int:
    """The spot, on a bar line rather, on which the film's last picture arrives: at its moment, 1 s before the end."""
    home = min(frame_at(moment, score.fps), score.frame_count - 1 - frame_at(1.0, score.fps))
    beat = score.frames(score.period)
    cost = {f: abs(f - home) / beat + (0.0 if f in score.downbeats else OFF_DOWNBEAT) for f in _near(spots, home, 6)}
    return min(cost, key=lambda f: (cost[f], f))


def _due(score: _Score, frames: tuple[int, int, int, int], turn: int) -> bool:
    """Whether the shot since `since` ends on this `frame`, given the grid's `following` one and the stretch's `end`."""
    since, frame, following, end = frames
    level = score.intensity(since, frame)
    pattern = next(lengths for floor, lengths in PATTERNS if level >= floor)
    bar, longest = score.frames(score.bar), score.frames(8.0 - 4.0 * level)
    wanted = pattern[turn % len(pattern)] / 4 * bar
    if wanted > longest:
        wanted = max(1, longest // bar) * bar
    on_bar = frame in score.downbeats or wanted < 0.9 * bar
    ripe = frame - since >= wanted - 0.3 * score.frames(score.period) and end - frame >= min(wanted, longest) / 2
    return (ripe and on_bar) or following - since > longest
