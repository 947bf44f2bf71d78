from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from studio.errors import BadInput
from studio.music.edit import EditPlan, frame_at, plan_edit, pulses, view_counts
from studio.music.shots import Shot
from studio.music.song import KeyMoment, Section, SongAnalysis

FPS = Fraction(24)


def song(
    duration: float, bpm: float = 120.0, *, metre: int = 4, first: float = 0.13, level: float | None = None
) -> SongAnalysis:
    """A steady song; its loudness rises from quiet to loud unless `level` holds it."""
    step = 60 / bpm if bpm else math.inf
    beats = (
        tuple(first + n * step for n in range(int((duration - first) / step) + 1)) if bpm and duration > first else ()
    )
    curve = tuple((float(n), level if level is not None else n / duration) for n in range(math.ceil(duration)))
    moments = tuple(KeyMoment(duration * n / 6.4, "a moment", 0.5) for n in range(7))
    sections = (Section(0, duration / 2, "verse"), Section(duration / 2, duration, "chorus"))
    return SongAnalysis(
        duration, 44100, bpm, 0.9 if bpm else 0.0, (), metre, beats, beats[::metre], curve, moments, sections, ()
    )


def storyboard(analysis: SongAnalysis, times: list[float] | None = None) -> list[Shot]:
    palette = ("#101018", "#303050", "#705080", "#d08060", "#ffe0b0")
    return [
        Shot(n, t, "", "", (), ("sea",), "day", "clear", "calm", palette, "wide", "push_in", 0.5, n)
        for n, t in enumerate(times or [m.timestamp for m in analysis.key_moments])
    ]


def plan(analysis: SongAnalysis, fps: Fraction = FPS, times: list[float] | None = None) -> EditPlan:
    return plan_edit(analysis, storyboard(analysis, times), fps)


def check_tiles(edit: EditPlan) -> None:
    at = 0
    for segment in edit.segments:
        assert segment.first_frame == at
        assert segment.frame_count >= 1
        assert list(segment.cuts) == sorted(set(segment.cuts))
        assert all(0 < cut < segment.frame_count - 1 for cut in segment.cuts)
        at += segment.frame_count
    assert at == edit.frame_count


def shot_lengths(edit: EditPlan) -> list[int]:
    return [b - a for a, b in itertools.pairwise([0, *(c.frame for c in edit.cuts), edit.frame_count])]


@pytest.mark.parametrize("duration", [0.01, 0.13, 0.25, 1.0, 1.7, 3.0, 8.0, 30.0, 61.37, 1800.0])
@pytest.mark.parametrize("bpm", [0.0, 61.0, 120.0, 174.0])
def test_segments_tile_every_song(duration: float, bpm: float) -> None:
    edit = plan(song(duration, bpm))
    check_tiles(edit)
    assert edit.frame_count == max(1, round(duration * 24))
    assert [s.index for s in edit.segments] == sorted({s.index for s in edit.segments})
    assert len(edit.segments) == min(6, edit.frame_count)


@pytest.mark.parametrize("fps", [Fraction(1), Fraction(12), Fraction(24000, 1001), Fraction(30), Fraction(60)])
@pytest.mark.parametrize("bpm", [72.0, 98.6, 128.0, 174.0])
def test_every_cut_is_within_half_a_frame_of_a_beat(fps: Fraction, bpm: float) -> None:
    analysis = song(200.0, bpm)
    edit = plan(analysis, fps)
    assert len(edit.cuts) > 20
    for cut in edit.cuts:
        true = min(abs(b - float(cut.frame / fps)) for b in analysis.beat_times)
        assert true <= 0.5 / float(fps) + 1e-9
        assert cut.nearest_beat is not None
        assert cut.error_ms == pytest.approx((cut.time - cut.nearest_beat) * 1000, abs=1e-3)
        assert cut.frame == frame_at(cut.nearest_beat, fps)


def test_frames_do_not_drift_in_a_long_song() -> None:
    edit = plan(song(1800.0, 127.3), Fraction(24000, 1001))
    assert max(abs(cut.error_ms or 0) for cut in edit.cuts if cut.time > 1700) <= 21


def test_landings_prefer_the_downbeat_near_the_moment() -> None:
    analysis = song(64.0, 120.0, first=0.0)
    times = [0.0, 10.4, 20.1, 29.6, 41.9, 52.05, 60.0]
    edit = plan(analysis, times=times)
    landings = [(s.first_frame + s.frame_count - 1) / 24 for s in edit.segments[:5]]
    assert landings == [10.0, 20.0, 30.0, 42.0, 52.0]


def test_a_moment_on_a_beat_far_from_a_downbeat_keeps_its_beat() -> None:
    edit = plan(song(64.0, 120.0, first=0.0), times=[0.0, 11.02, 20.0, 30.0, 42.0, 52.0, 60.0])
    assert edit.segments[0].frame_count - 1 == 11 * 24


def test_loud_songs_cut_faster_and_no_shot_is_too_short_or_too_long() -> None:
    lengths = {level: shot_lengths(plan(song(120.0, 124.0, level=level))) for level in (0.1, 0.35, 0.6, 0.8, 1.0)}
    means = [np.mean(v) for v in lengths.values()]
    assert means == sorted(means, reverse=True)
    assert means[0] > 3 * means[-1]
    for counts in lengths.values():
        assert min(counts) >= 11
        assert max(counts) <= 8.6 * 24


def test_calm_cuts_fall_on_downbeats_and_waltzes_on_theirs() -> None:
    for metre in (3, 4):
        analysis = song(120.0, 132.0, metre=metre, level=0.5)
        edit = plan(analysis)
        downs = {frame_at(t, FPS) for t in analysis.downbeat_times}
        inside = [s.first_frame + c for s in edit.segments for c in s.cuts]
        assert np.mean([frame in downs for frame in inside]) >= 0.9


def test_the_last_picture_is_seen_well_before_the_end() -> None:
    analysis = song(90.0, 120.0)
    last = plan(analysis).segments[5]
    moment = frame_at(analysis.key_moments[6].timestamp, FPS)
    assert min(abs(last.first_frame + c - moment) for c in last.cuts) <= 24


def test_without_beats_cuts_fall_on_sections_and_accents_and_name_no_beat() -> None:
    accents = (7.31, 15.02, 22.4, 33.3, 41.7, 55.5)
    analysis = replace(song(60.0, 0.0, level=0.5), accents=accents, beat_times=(), downbeat_times=())
    edit = plan(analysis, times=[0.0, 7.5, 15.0, 30.2, 41.5, 55.0, 58.0])
    assert all(cut.nearest_beat is None and cut.error_ms is None for cut in edit.cuts)
    landings = [s.first_frame + s.frame_count - 1 for s in edit.segments[:5]]
    assert landings == [frame_at(t, FPS) for t in (7.31, 15.02, 30.0, 41.7, 55.5)]
    assert max(shot_lengths(edit)) <= 8 * 24


def test_a_drumless_stretch_is_cut_on_beats_counted_through_it() -> None:
    full = song(100.0, 120.0, first=0.0, level=0.6)
    gap = [t for t in full.beat_times if not 30 < t < 60]
    edit = plan(replace(full, beat_times=tuple(gap), downbeat_times=tuple(t for t in gap if t % 2 == 0)))
    inside = [c for c in edit.cuts if 31 < c.time < 59]
    assert len(inside) >= 5
    assert all(c.nearest_beat is None for c in inside)
    assert all(abs(c.time / 0.5 - round(c.time / 0.5)) < 0.05 for c in inside)


def test_moments_crowded_together_still_make_six_segments_on_beats() -> None:
    analysis = song(60.0, 120.0)
    edit = plan(analysis, times=[0.0, 30.0, 30.0, 30.1, 30.2, 30.2, 30.3])
    check_tiles(edit)
    assert len(edit.segments) == 6
    assert all(abs(cut.error_ms or 99) <= 21 for cut in edit.cuts)


def test_pulses_follow_the_music() -> None:
    analysis = replace(song(20.0, 120.0, first=0.5), accents=(4.0, 12.25))
    edit = plan(analysis)
    tracks = pulses(analysis, edit)
    assert [len(t.beat) for t in tracks] == [s.frame_count for s in edit.segments]
    beat, accent, loud = (np.concatenate([getattr(t, n) for t in tracks]) for n in ("beat", "accent", "intensity"))
    for track in (beat, accent, loud):
        assert track.dtype == np.float32
        assert 0 <= track.min() <= track.max() <= 1
    assert beat[: frame_at(0.5, FPS)].max() == 0
    frames = [frame_at(t, FPS) for t in analysis.beat_times if t < 19]
    assert np.allclose(beat[frames], 1.0)
    assert all(beat[f + 5] < 0.4 and beat[f + 3] < beat[f + 1] < 1 for f in frames)
    assert accent[frame_at(12.25, FPS)] == 1
    assert accent[frame_at(12.2, FPS) - 1] < 0.01
    assert loud[0] < 0.2
    assert loud[-1] > 0.9
    assert np.abs(np.diff(loud)).max() < 0.01


@pytest.mark.parametrize(
    ("change", "fps", "parameter"),
    [({"duration": 0.0}, 24, "duration"), ({"duration": math.nan}, 24, "duration"), ({}, 0, "fps"), ({}, 1000, "fps")],
)
def test_absurd_values_are_named(change: dict[str, float], fps: int, parameter: str) -> None:
    analysis = song(10.0)
    with pytest.raises(BadInput) as refused:
        plan_edit(replace(analysis, **change), storyboard(analysis), Fraction(fps))
    assert refused.value.parameter == parameter


def test_a_storyboard_of_six_is_refused() -> None:
    analysis = song(10.0)
    with pytest.raises(BadInput, match="7 shots"):
        plan_edit(analysis, storyboard(analysis)[:6], FPS)


def test_short_segments_want_no_views_and_long_ones_one_for_every_seven_to_ten_seconds() -> None:
    assert view_counts(plan(song(54.0))) == (0,) * 6
    for level in (0.3, 0.6, 0.9):
        edit = plan(song(192.0, level=level))
        for segment, views in zip(edit.segments, view_counts(edit), strict=True):
            more = segment.frame_count / 24 - 10
            assert math.floor(more / 10 - 0.5) <= views <= math.ceil(more / 7 + 0.5)


def test_more_views_where_the_song_is_intense_and_never_more_than_the_shots_can_show() -> None:
    calm, intense = (view_counts(plan(song(180.0, level=level))) for level in (0.1, 0.9))
    assert sum(calm) < sum(intense)
    for duration in (0.1, 5.0, 100.0, 400.0, 1800.0):
        for analysis in (song(duration), song(duration, 0.0), song(duration, level=0.0)):
            edit = plan(analysis)
            counts = view_counts(edit)
            assert len(counts) == len(edit.segments)
            for segment, views in zip(edit.segments, counts, strict=True):
                assert 0 <= views <= min(4, len(segment.cuts))
