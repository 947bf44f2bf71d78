"""How fast and how well the embedded speech engine speaks, and how far matching brings it to a reference.

    python benchmarks/speech.py [--reference voice.wav ...]

Each language says one sentence; espeak-ng alone, asked for the same sentence in the same run, is the alternative.

x real time   seconds to make it by the seconds it lasts; ratio, against espeak-ng alone
likeness      cosine of speaker embeddings of the reference and of a sentence that was not used to match it, before and
              after; references are the engine's other voices, and the given files
quality       DNSMOS (overall, 1..5) before and after, where the package speechmos is installed
"""

from __future__ import annotations

import argparse
import sys
import time
import wave
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from studio.cancellation import CancelToken  # noqa: E402
from studio.contracts import Sound, SpeechRequest, VoiceReference  # noqa: E402
from studio.engines.hearing.resampling import at_rate  # noqa: E402
from studio.engines.hearing.similarity import SpeakerEncoder  # noqa: E402
from studio.engines.speech.cast import SAMPLE_TEXTS  # noqa: E402
from studio.engines.speech.embedded import EmbeddedSpeech  # noqa: E402
from studio.engines.speech.espeak import Espeak, Manner  # noqa: E402
from studio.engines.speech.espeak_voice import VOICES  # noqa: E402

SAID = "I walked down to the harbour this morning and watched the boats come in for an hour."
SAID_JA = "今朝、港まで歩いて行って、一時間ほど船が入ってくるのを見ていました。"
HELD_OUT = "Thank you for calling me back so soon. I would like to hear what you think about the new plan."


def seconds(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def read_wav(path: Path) -> Sound:
    with wave.open(str(path)) as reader:
        frames = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
        mono = frames.reshape(-1, reader.getnchannels()).mean(axis=1) / 32768.0
        return Sound(mono.astype(np.float32), reader.getframerate())


def quality(sound: Sound) -> str:
    if find_spec("speechmos") is None:
        return "-"
    from speechmos import dnsmos

    return f"{dnsmos.run(np.clip(at_rate(sound, 16_000), -1, 1), 16_000)['ovrl_mos']:.2f}"


def speeds(engine: EmbeddedSpeech, reference: VoiceReference) -> None:
    espeak = Espeak()
    for language, text in SAMPLE_TEXTS.items():
        request = SpeechRequest(text, language)
        engine.speak(request, CancelToken())
        own, own_time = seconds(lambda r=request: engine.speak(r, CancelToken()))
        matched = SpeechRequest(text, language, voice=reference)
        _, first = seconds(lambda r=matched: engine.speak(r, CancelToken()))
        other, next_time = seconds(lambda r=matched: engine.speak(r, CancelToken()))
        manner = Manner(VOICES[language])
        plain, plain_time = seconds(lambda t=text, m=manner: espeak.say(t, m, CancelToken()))
        pace, matched_pace = own_time / own.sound.seconds, next_time / other.sound.seconds
        ratio = pace / (plain_time / plain.sound.seconds)
        print(
            f"{language}: {pace:.3f}x real time (espeak-ng alone is {ratio:.0f} times as fast), matched "
            f"{matched_pace:.3f}x after {first:.1f} s for a new reference; {own.voice}"
        )


def likeness(engine: EmbeddedSpeech, references: dict[str, Sound]) -> None:
    encoder = SpeakerEncoder()
    print(f"{'base':<8}{'reference':<14}{'likeness':>18}{'quality':>16}")
    for base in ("heart", "joe", "espeak-man"):
        request = SpeechRequest(HELD_OUT, options={"speaker": base}, seed=3)
        own = engine.speak(request, CancelToken()).sound
        for name, sound in references.items():
            if name == base:
                continue
            voice = VoiceReference(sound, "en")
            matched = engine.speak(
                SpeechRequest(HELD_OUT, voice=voice, options={"speaker": base}, seed=3), CancelToken()
            ).sound
            target = encoder.embed(sound)
            before, after = (float(encoder.embed(each) @ target) for each in (own, matched))
            print(f"{base:<8} {name:<14}{before:>8.2f} -> {after:.2f}{quality(own):>10} -> {quality(matched)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, action="append", default=[], help="a WAV file (16 bits) of a voice")
    options = parser.parse_args()
    engine = EmbeddedSpeech()
    espeak = Espeak()
    references = {
        "heart": engine.speak(SpeechRequest(SAID, seed=9), CancelToken()).sound,
        "joe": engine.speak(SpeechRequest(SAID, options={"speaker": "joe"}, seed=9), CancelToken()).sound,
        "mei": engine.speak(SpeechRequest(SAID_JA, "ja"), CancelToken()).sound,
        "espeak f3": espeak.say(SAID, Manner("en-us+f3"), CancelToken()).sound,
        "espeak m7": espeak.say(SAID, Manner("en-us+m7"), CancelToken()).sound,
    } | {path.stem[:13]: read_wav(path) for path in options.reference}
    speeds(engine, VoiceReference(references["espeak f3"], "en"))
    likeness(engine, references)


if __name__ == "__main__":
    main()
