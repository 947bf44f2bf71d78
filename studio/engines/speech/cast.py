"""Who speaks which language, and a sample of each voice to find the nearest by."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from studio.cancellation import CancelToken
from studio.engines.hearing.similarity import SpeakerEncoder
from studio.engines.speech.espeak import Espeak
from studio.engines.speech.espeak_voice import VARIANTS, EspeakVoice
from studio.engines.speech.heart import Heart
from studio.engines.speech.joe import Joe
from studio.engines.speech.open_jtalk import Mei
from studio.engines.speech.voice import Voice
from studio.engines.speech.world import Anatomy, analysed
from studio.errors import BadInput

SAMPLE_TEXTS = {
    "zh": "清晨的河边很安静，没有人想到天气会变得这么快，可是孩子们还是很高兴。",
    "en": "A quiet morning by the river. Nobody had expected the weather to change so soon, yet the boys were happy.",
    "ja": "静かな朝の川辺で、天気がこんなに早く変わるとは誰も思わなかったけれど、子供たちは楽しそうだった。",
    "ko": "강가의 조용한 아침, 날씨가 이렇게 빨리 바뀔 줄은 아무도 몰랐지만 아이들은 즐거웠습니다.",
    "de": "Ein stiller Morgen am Fluss. Niemand hatte gedacht, dass das Wetter so schnell umschlägt.",
    "fr": "Un matin tranquille au bord de la rivière. Personne ne pensait que le temps changerait si vite.",
    "ru": "Тихое утро у реки. Никто не думал, что погода так быстро переменится, но все были довольны.",
    "pt": "Uma manhã calma junto ao rio. Ninguém esperava que o tempo mudasse tão depressa, mas todos estavam felizes.",
    "es": "Una mañana tranquila junto al río. Nadie esperaba que el tiempo cambiara tan pronto.",
    "it": "Una mattina tranquilla in riva al fiume. Nessuno pensava che il tempo cambiasse così presto.",
}
"""Five or six seconds with most of each language's vowels."""


@dataclass(frozen=True)
class Sample:
    """A voice at rest: its anatomy, mean log pitch (of Hz) and speaker embedding (256,)."""

    anatomy: Anatomy
    pitch_mean: float
    embedding: np.ndarray


class Cast:
    """The voices, made at once and loaded when they first speak."""

    def __init__(self, encoder: SpeakerEncoder) -> None:
        self._encoder = encoder
        self._espeak = Espeak()
        self._trained: dict[str, tuple[Voice, ...]] = {"en": (Heart(), Joe(self._espeak)), "ja": (Mei(),)}
        self._samples: dict[str, Sample] = {}
        self._lock = threading.Lock()

    def speakers(self) -> tuple[tuple[str, str], ...]:
        named = [(voice.name, voice.title) for voices in self._trained.values() for voice in voices]
        return (*named, *((f"espeak-{character}", f"espeak-ng, {character}") for character in VARIANTS))

    def voices(self, language: str, speaker: object = None) -> tuple[Voice, ...]:
        """Those that speak `language`, the best first; or `speaker` alone. Raises BadInput where it doesn't."""
        formant = {f"espeak-{character}": EspeakVoice(self._espeak, language, character) for character in VARIANTS}
        trained = self._trained.get(language, ())
        if speaker is None:
            return trained or tuple(formant.values())
        known = {voice.name: voice for voice in trained} | formant
        if str(speaker) not in known:
            raise BadInput("speaker", speaker, f"for {language}: {' | '.join(known)}")
        return (known[str(speaker)],)

    def sample(self, voice: Voice, language: str, cancel: CancelToken) -> Sample:
        """Made once a voice and language."""
        key = f"{language} {voice.title}"
        with self._lock:
            if key not in self._samples:
                sound = voice.say(SAMPLE_TEXTS[language], 1.0, 0, cancel).sound
                anatomy = analysed(sound)
                mean = float(np.log(anatomy.pitch[anatomy.voiced]).mean()) if anatomy.voiced.any() else np.log(150.0)
                self._samples[key] = Sample(anatomy, mean, self._encoder.embed(sound))
            return self._samples[key]
