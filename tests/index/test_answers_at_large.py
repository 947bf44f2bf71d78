"""Videos of random content, as the benchmark makes them: right answers, and refusals where there is none."""

from __future__ import annotations

from collections import Counter

from benchmarks.films import films
from benchmarks.video_answers import judged
from studio.index.answering import answer
from studio.index.answers import Turn


def test_unseen_videos_are_answered_and_near_misses_refused() -> None:
    score: Counter[str] = Counter()
    for film in films(6, seed=20_26):
        index = film.index()
        for case in film.cases:
            history = [Turn(case.before, answer(index, case.before))] if case.before else []
            score.update(judged(case, answer(index, case.question, history), index))
    assert score["right"] >= 0.95 * (score["right"] + score["wrong"])
    assert score["inside"] >= 0.97 * (score["inside"] + score["outside"])
    assert score["refused"] >= 0.97 * (score["refused"] + score["told"])
    assert score["made up"] == 0
    assert score["right"] > 100
    assert score["refused"] > 60
