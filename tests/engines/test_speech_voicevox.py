"""The VOICEVOX engine against a small server that speaks VOICEVOX's API and answers with real sound."""

from __future__ import annotations

import io
import json
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import SpeechRequest
from studio.engines.speech import service
from studio.engines.speech.pitch import pitch_of
from studio.engines.speech.voicevox import Voicevox
from studio.errors import BadInput, EngineUnavailable, StudioError
from studio.settings import read_settings

SPEAKERS = [
    {
        "name": "四国めたん",
        "styles": [{"name": "ノーマル", "id": 2, "type": "talk"}, {"name": "歌", "id": 9, "type": "sing"}],
    },
    {"name": "ずんだもん", "styles": [{"name": "ノーマル", "id": 3}, {"name": "あまあま", "id": 1}]},
]
MORAS = [
    {"text": "コ", "consonant": "k", "consonant_length": 0.06, "vowel": "o", "vowel_length": 0.15, "pitch": 5.5},
    {"text": "シャ", "consonant": "sh", "consonant_length": 0.1, "vowel": "a", "vowel_length": 0.2, "pitch": 5.5},
]
PAUSE = {"text": "、", "consonant": None, "consonant_length": None, "vowel": "pau", "vowel_length": 0.3, "pitch": 0.0}
RATE = 24_000


def sung(query: dict[str, Any]) -> bytes:
    """A WAV of a buzz at 220 Hz where the query has sounds, silent where it has pauses."""
    edge = np.zeros(round(0.1 / query["speedScale"] * RATE))
    parts = [edge]
    for phrase in query["accent_phrases"]:
        for mora in [*phrase["moras"], *([phrase["pause_mora"]] if phrase["pause_mora"] else [])]:
            seconds = (mora["consonant_length"] or 0.0) + mora["vowel_length"]
            times = np.arange(round(seconds / query["speedScale"] * RATE)) / RATE
            hertz = 220 * 2 ** query["pitchScale"]
            buzz = sum(np.sin(2 * np.pi * hertz * k * times) / k for k in range(1, 9))
            parts.append(0.0 * times if mora["vowel"] == "pau" else 0.2 * buzz)
    parts.append(edge)
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes((np.concatenate(parts) * 32767).astype("<i2").tobytes())
    return out.getvalue()


class Handler(BaseHTTPRequestHandler):
    broken: ClassVar[dict[str, tuple[int, bytes]]] = {}
    asked: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def do_GET(self) -> None:
        self.answer(json.dumps(SPEAKERS).encode())

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        parameters = {key: values[0] for key, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((parts.path, parameters))
        if parts.path == "/audio_query":
            count = max(1, len(parameters["text"]) // 4)
            phrases = [{"moras": MORAS, "accent": 1, "pause_mora": PAUSE}] * count
            scales = {"speedScale": 1.0, "pitchScale": 0.0, "prePhonemeLength": 0.1, "postPhonemeLength": 0.1}
            self.answer(json.dumps({"accent_phrases": phrases, **scales}).encode())
        else:
            self.answer(sung(json.loads(body)), "audio/wav")

    def answer(self, body: bytes, kind: str = "application/json") -> None:
        status, replaced = self.broken.get(urlsplit(self.path).path, (200, b""))
        body = replaced if urlsplit(self.path).path in self.broken else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Handler]]:
    class Fresh(Handler):
        broken: ClassVar[dict[str, tuple[int, bytes]]] = {}
        asked: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    running = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("VOICEVOX_URL", f"http://127.0.0.1:{running.server_port}/")
    yield Fresh
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def engine(server: type[Handler]) -> Iterator[Voicevox]:
    engine = Voicevox()
    yield engine
    engine.close()


def request(text: str = "こしゃこしゃこしゃ。", **changes) -> SpeechRequest:
    return SpeechRequest(text, "ja", **changes)


def test_speakers_and_their_styles_are_listed(engine: Voicevox) -> None:
    assert engine.speakers() == (
        ("2", "四国めたん · ノーマル"),
        ("3", "ずんだもん · ノーマル"),
        ("1", "ずんだもん · あまあま"),
    )


def test_a_sentence_is_spoken_by_the_chosen_style(engine: Voicevox, server: type[Handler]) -> None:
    speech = engine.speak(request(options={"speaker": 1}), CancelToken())
    assert [parameters["speaker"] for _, parameters in server.asked] == ["1", "1"]
    assert speech.sound.sample_rate == RATE
    assert float(np.abs(speech.sound.samples).max()) > 0.15
    assert speech.voice == "VOICEVOX:ずんだもん · あまあま"
    assert speech.kind == "own"


def test_figures_are_sent_as_they_are_read(engine: Voicevox, server: type[Handler]) -> None:
    engine.speak(request("14:30に50%です。"), CancelToken())
    assert server.asked[0][1]["text"] == "14時30分に50パーセントです。"


@pytest.mark.parametrize("speed", [1.0, 1.6])
def test_phoneme_times_fit_the_sound(engine: Voicevox, speed: float) -> None:
    speech = engine.speak(request(speed=speed), CancelToken())
    assert [p.symbol for p in speech.phonemes if p.symbol][:4] == ["k", "o", "ɕ", "a"]
    rate = speech.sound.sample_rate
    for phoneme in speech.phonemes:
        middle = speech.sound.samples[round(phoneme.start * rate) + 200 : round(phoneme.end * rate) - 200]
        assert (float(np.abs(middle).max()) > 0.05) == bool(phoneme.symbol)
    assert speech.phonemes[-1].end == pytest.approx(speech.sound.seconds, abs=0.02)


def test_speed_and_pitch_reach_the_sound(engine: Voicevox) -> None:
    plain, fast, high = (
        engine.speak(request(**changes), CancelToken()).sound for changes in ({}, {"speed": 2.0}, {"pitch": 6.0})
    )
    assert plain.seconds / fast.seconds == pytest.approx(2.0, rel=0.15)
    pitch = pitch_of(high)[0]
    assert float(np.median(pitch[pitch > 0])) == pytest.approx(220 * 2**0.5, rel=0.02)


def test_an_unknown_style_and_another_language_are_refused(engine: Voicevox) -> None:
    with pytest.raises(BadInput) as refusal:
        engine.speak(request(options={"speaker": "77"}), CancelToken())
    assert "ずんだもん" in str(refusal.value)
    with pytest.raises(BadInput):
        engine.speak(SpeechRequest("Hello", "en"), CancelToken())


@pytest.mark.parametrize("path", ["/speakers", "/audio_query", "/synthesis"])
@pytest.mark.parametrize(
    "answer", [(500, b"oops"), (200, b"<html>"), (200, b"{}"), (200, b"[1]"), (422, b"{}"), (200, b"")]
)
def test_a_bad_answer_says_so(engine: Voicevox, server: type[Handler], path: str, answer: tuple[int, bytes]) -> None:
    server.broken[path] = answer
    with pytest.raises(EngineUnavailable, match="VOICEVOX"):
        engine.speak(request(), CancelToken())


def test_silence_is_not_handed_on(engine: Voicevox, server: type[Handler]) -> None:
    phrases = [{"moras": [], "pause_mora": PAUSE}]
    server.broken["/synthesis"] = (200, sung({"accent_phrases": phrases, "speedScale": 1.0, "pitchScale": 0.0}))
    with pytest.raises(StudioError, match="silent"):
        engine.speak(request(), CancelToken())


def test_nobody_there_and_nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEVOX_URL", "http://127.0.0.1:9")
    assert service.unavailable() == ""
    with pytest.raises(EngineUnavailable, match="nothing answers"):
        Voicevox().speakers()
    monkeypatch.delenv("VOICEVOX_URL")
    assert "VOICEVOX_URL" in service.unavailable()
    with pytest.raises(EngineUnavailable):
        Voicevox()


@pytest.mark.parametrize("url", ["ftp://host", "127.0.0.1:50021", "http://", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="VOICEVOX_URL"):
        read_settings(environment={"VOICEVOX_URL": url})
