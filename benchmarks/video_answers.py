"""How well questions about a video are answered from its index, and how well those it can't know are refused.

    python benchmarks/video_answers.py [--videos 16] [--seed 1] [--failures]

Each generated video is an index made of random names, figures, days and places, so that nothing can be tuned to it:
slides with narration, a counter, a ticker, music and silence, colours, faces; a third of them as a recogniser without
capitals and full stops would write them. Unanswerable questions are near misses: the right subject with a fact it
lacks, or the right fact of a subject that isn't there.

The natural videos are written by hand (benchmarks/films/natural.py): the tuned ones were before the eyes of whoever
shaped the answering, the held out ones were written when it stood, the unseen one after them, the later ones when the
rules had been changed once more, and the fresh ones by somebody who hadn't seen the answering.

right       answers that say what they must          refused   unanswerable questions that were refused
shown       right, or refused beside a passage that says what the answer must
cited       citations of right answers that lie inside the right time
invented    answers with a quotation, a name or a figure that neither the video nor the question has
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.films import Case, films  # noqa: E402
from benchmarks.films.natural import FRESH, HELD_OUT, LATER, TUNED, UNSEEN, natural_films  # noqa: E402
from studio.index.answering import answer  # noqa: E402
from studio.index.answers import Answer, Citation, Turn  # noqa: E402
from studio.index.facts import VideoIndex  # noqa: E402
from studio.index.grounding import numbers  # noqa: E402


def right(case: Case, given: Answer) -> bool:
    return case.must is not None and re.search(case.must, given.answer, re.I) is not None


def invented(case: Case, given: Answer, index: VideoIndex) -> bool:
    """Whether `given` quotes what isn't there, or brings a figure of its own that isn't measured."""
    words = " ".join([*(one.text for one in index.texts), *(t for one in index.texts for _, t in one.readings),
                      *(one.text for one in index.speech)])  # fmt: skip
    quotes = re.findall(r"“([^”]*)”", given.answer)
    if any(quote not in words and quote.casefold() not in case.question.casefold() for quote in quotes):
        return True
    outside = re.sub(r"“[^”]*”|\[?\d+:\d\d\]?", " ", given.answer)
    measured = bool(re.search(r"\bscene|seconds|minute|face|time|counter|dBFS|pixels|Read so far", outside, re.I))
    return not measured and bool(numbers(outside) - numbers(words + " " + case.question))


def inside(case: Case, given: Answer) -> list[bool]:
    return [in_time(case, one) for one in given.citations]


def in_time(case: Case, one: Citation) -> bool:
    return any(one.start < end + 1 and one.end > start - 1 for start, end in case.times)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--videos", type=int, default=16)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--failures", action="store_true", help="print what went wrong")
    chosen = options.parse_args()
    generated = [(film.index(), film.cases) for film in films(chosen.videos, chosen.seed)]
    natural = {"tuned": TUNED, "held out": HELD_OUT, "unseen": UNSEEN, "later": LATER, "fresh": FRESH}
    written = {
        f"natural, {name}": [(film.index, film.cases) for film in natural_films(names)]
        for name, names in natural.items()
    }
    for name, asked in {"generated": generated, **written}.items():
        score: Counter[str] = Counter()
        took: list[float] = []
        for index, cases in asked:
            ask(index, cases, (score, took), chosen.failures)
        told(name, len(asked), score, took)


def ask(index: VideoIndex, cases: Sequence[Case], counted: tuple[Counter[str], list[float]], failures: bool) -> None:
    """Asks `index` all of `cases` and counts the verdicts and the seconds."""
    score, took = counted
    for case in cases:
        history = [Turn(case.before, answer(index, case.before))] if case.before else []
        begun = time.perf_counter()
        given = answer(index, case.question, history)
        took.append(time.perf_counter() - begun)
        for verdict in judged(case, given, index):
            score[verdict] += 1
            if failures and verdict in ("wrong", "told", "outside", "made up"):
                print(f"{verdict:8} {case.question}\n         {given.answer}  [{case.must}]")


def judged(case: Case, given: Answer, index: VideoIndex) -> Iterator[str]:
    if case.must is None:
        yield "refused" if given.abstained else "told"
    else:
        good = right(case, given) and (not given.abstained or bool(re.search(case.must, "not in this video")))
        yield "right" if good else "wrong"
        if good or any(re.search(case.must, one.quote, re.I) and in_time(case, one) for one in given.near):
            yield "shown"
        if good and not given.abstained:
            yield from ("inside" if each else "outside" for each in inside(case, given))
    if not given.abstained and invented(case, given, index):
        yield "made up"


def told(name: str, videos: int, score: Counter[str], took: list[float]) -> None:
    answerable, unanswerable = score["right"] + score["wrong"], score["refused"] + score["told"]
    cited = score["inside"] + score["outside"]
    print(f"{name}: {videos} videos, {answerable} answerable and {unanswerable} unanswerable questions")
    print(f"right    {score['right'] / max(answerable, 1):6.1%}   aim 85 %")
    print(f"shown    {score['shown'] / max(answerable, 1):6.1%}   right, or in a passage offered beside a refusal")
    print(f"cited    {score['inside'] / max(cited, 1):6.1%}   aim 95 %, {cited} citations")
    print(f"refused  {score['refused'] / max(unanswerable, 1):6.1%}   aim 95 %")
    print(f"invented {score['made up']:5}    aim 0")
    print(f"a question takes {1000 * statistics.median(took):.1f} ms (median), {1000 * max(took):.0f} ms at most\n")


if __name__ == "__main__":
    main()
