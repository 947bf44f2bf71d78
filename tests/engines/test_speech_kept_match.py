"""A voice that was matched once is matched: the second engine speaks the same at once, a damaged note is found anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import SpeechRequest, VoiceReference
from studio.engines.speech import embedded
from studio.engines.speech.embedded import EmbeddedSpeech
from studio.errors import StudioError

QUIET = CancelToken()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    said = EmbeddedSpeech().speak(
        SpeechRequest("A quiet morning by the river, before anybody was awake.", options={"speaker": "joe"}), QUIET
    )
    return VoiceReference(said.sound, "en", cache=tmp_path_factory.mktemp("profile") / "prompts")


def test_what_was_found_once_is_kept_and_used(reference, monkeypatch):
    EmbeddedSpeech().prepare(reference, "en", QUIET)
    (kept,) = reference.cache.iterdir()
    request = SpeechRequest("Hello there.", voice=reference)
    found = EmbeddedSpeech().speak(replace(request, voice=replace(reference, cache=None)), QUIET)

    def refuse(*_):
        raise StudioError("matched again")

    monkeypatch.setattr(embedded, "matched_to", refuse)
    again = EmbeddedSpeech().speak(request, QUIET)
    assert again.kind == "matched"
    np.testing.assert_allclose(again.sound.samples, found.sound.samples, atol=1e-6)
    kept.write_text('{"voice": "Nobody"}')
    with pytest.raises(StudioError, match="matched again"):
        EmbeddedSpeech().speak(request, QUIET)
