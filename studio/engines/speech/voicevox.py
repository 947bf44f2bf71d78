"""Japanese from a VOICEVOX engine over its HTTP API, at the address that VOICEVOX_URL gives.

POST /audio_query makes a query of a text, which is edited and sent to POST /synthesis for a WAV. What the query's
fields do to the sound is taken from voicevox_engine's tts_pipeline/tts_engine.py: pitchScale is in octaves
(`mora.pitch *= 2 ** query.pitchScale`), speedScale divides all lengths, the silence before and after included.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound, Speech, SpeechEngine, SpeechRequest
from studio.engines.speech.loudness import levelled, trimmed, unfit
from studio.engines.speech.requests import checked
from studio.engines.speech.service import REMEDY, address
from studio.engines.speech.voice import Said, tidy
from studio.errors import BadInput, EngineUnavailable, StudioError
from studio.speech.ipa import from_japanese
from studio.speech.normalise import spoken
from studio.speech.pace import expected_seconds
from studio.speech.timing import TimedPhoneme

CONNECT_SECONDS, ANSWER_SECONDS, SYNTHESIS_SECONDS = 3.0, 15.0, 120.0


class Voicevox(SpeechEngine):
    """Fixed voices: a reference changes nothing, and what comes says whose voice it is."""

    languages = ("ja",)

    def __init__(self, name: str = "voicevox", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)
        url = address()
        if not url:
            raise EngineUnavailable(name, "VOICEVOX_URL is not set", REMEDY)
        self._client = httpx.Client(
            base_url=url, timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS), trust_env=False
        )

    def close(self) -> None:
        self._client.close()

    def speakers(self) -> tuple[tuple[str, str], ...]:
        """(style id, "name · style"). Raises EngineUnavailable."""
        answer = self._json("GET", "/speakers", {})
        try:
            return tuple(
                (str(int(style["id"])), f"{speaker['name']} · {style['name']}")
                for speaker in answer
                for style in speaker["styles"]
                if style.get("type", "talk") == "talk"
            )
        except (TypeError, KeyError, ValueError) as error:
            raise self._strange("/speakers") from error

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Speech:
        text = spoken(checked(request, self.languages), "ja")
        cancel.check()
        style, title = self._style(request)
        query = self._json("POST", "/audio_query", {"text": text, "speaker": style})
        if not isinstance(query, dict) or "accent_phrases" not in query:
            raise self._strange("/audio_query")
        query |= {"speedScale": request.speed, "pitchScale": request.pitch / 12.0, "outputStereo": False}
        cancel.check()
        answer = self._answer("POST", "/synthesis", {"speaker": style}, query)
        cancel.check()
        sound = self._sound(answer.content)
        if why := unfit(sound, expected_seconds(text, "ja") / request.speed):
            raise StudioError(f"VOICEVOX failed to say {text[:60]!r}: {why}; reword the sentence")
        said = trimmed(Said(levelled(sound), (), self._phonemes(query, sound.seconds)))
        return Speech(said.sound, (), said.phonemes, f"VOICEVOX:{title}")

    def _style(self, request: SpeechRequest) -> tuple[str, str]:
        """The wanted style, or the first. Raises BadInput for one there is none of."""

        known = dict(self.speakers())
        if not known:
            raise EngineUnavailable(self.name, "VOICEVOX has no voice", "install one in VOICEVOX")
        wanted = request.options.get("speaker")
        if wanted is None:
            return next(iter(known.items()))
        if str(wanted) not in known:
            some = " | ".join(f"{style} ({title})" for style, title in list(known.items())[:12])
            raise BadInput("speaker", wanted, some)
        return str(wanted), known[str(wanted)]

    def _phonemes(self, query: Mapping[str, Any], seconds: float) -> tuple[TimedPhoneme, ...]:
        try:
            lengths = list(_lengths(query))
        except (TypeError, KeyError, ValueError) as error:
            raise self._strange("/audio_query") from error
        total = sum(length for _, length in lengths)
        # the engine rounds each length to its frames; the sound's own length settles the difference
        factor = seconds / total if total > 0 else 0.0
        ends = np.cumsum([length for _, length in lengths]) * factor
        starts = [0.0, *ends[:-1].tolist()]
        return tidy(
            [
                TimedPhoneme(symbol, start, float(end))
                for (symbol, _), start, end in zip(lengths, starts, ends, strict=True)
            ]
        )

    def _sound(self, data: bytes) -> Sound:
        try:
            with wave.open(io.BytesIO(data)) as reader:
                if reader.getsampwidth() != 2:
                    raise self._strange("/synthesis")
                frames = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
                mono = frames.reshape(-1, reader.getnchannels()).mean(axis=1) / 32768.0
                return Sound(mono.astype(np.float32), reader.getframerate())
        except (wave.Error, EOFError, ValueError) as error:
            raise self._strange("/synthesis") from error

    def _json(self, method: str, path: str, parameters: Mapping[str, str]) -> Any:
        try:
            return self._answer(method, path, parameters).json()
        except ValueError as error:
            raise self._strange(path) from error

    def _answer(
        self, method: str, path: str, parameters: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        slow = httpx.Timeout(SYNTHESIS_SECONDS, connect=CONNECT_SECONDS)
        try:
            answer = self._client.request(
                method,
                path,
                params=parameters,
                json=body,
                timeout=slow if body is not None else httpx.USE_CLIENT_DEFAULT,
            )
        except httpx.TimeoutException as error:
            raise EngineUnavailable(self.name, f"VOICEVOX at {self._client.base_url} did not answer in time") from error
        except httpx.HTTPError as error:
            why = f"nothing answers at {self._client.base_url} ({error})"
            raise EngineUnavailable(self.name, why, REMEDY) from error
        if answer.status_code != 200:
            raise EngineUnavailable(self.name, f"VOICEVOX answered {path} with status {answer.status_code}")
        return answer

    def _strange(self, path: str) -> EngineUnavailable:
        return EngineUnavailable(
            self.name, f"what answers {path} at {self._client.base_url} is not VOICEVOX's API", REMEDY
        )


def _lengths(query: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """(IPA symbol, seconds before speedScale) from the query's moras."""
    yield "", float(query.get("prePhonemeLength", 0.1))
    for phrase in query["accent_phrases"]:
        pause = phrase.get("pause_mora")
        for mora in [*phrase["moras"], *([pause] if pause else [])]:
            if mora.get("consonant"):
                yield from_japanese(mora["consonant"]), float(mora["consonant_length"])
            scale = float(query.get("pauseLengthScale", 1.0)) if mora["vowel"] == "pau" else 1.0
            yield from_japanese(mora["vowel"]), float(mora["vowel_length"]) * scale
    yield "", float(query.get("postPhonemeLength", 0.1))
