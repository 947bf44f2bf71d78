"""What Qwen3-TTS says at tiny size: every runaway met, one prompt a voice."""

from __future__ import annotations

import pickle
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from studio.cancellation import CancelToken
from studio.contracts import Sound, SpeechRequest, VoiceReference
from studio.engines.speech import qwen_prompt
from studio.engines.speech.qwen_prompt import plain, prompt_of
from studio.engines.speech.qwen_tts import SPREAD, TRIES
from studio.engines.speech.qwen_watch import Unfit, Watch, most_frames, repeats
from studio.engines.speech.qwen_weights import Networks
from studio.engines.speech.tempo import at_speed
from studio.errors import BadInput, Cancelled, StudioError
from studio.speech.pace import expected_seconds
from tests.engines.tiny_qwen_tts import write_qwen_tts

TEXT = "Good morning, the boats are coming in now."
RATE = 24_000


@pytest.fixture
def folder(tiny_qwen_tts: Path) -> Path:
    return tiny_qwen_tts


@pytest.fixture
def engine(qwen_speech: Any) -> Any:
    return qwen_speech


@pytest.fixture
def voice(joe_s_voice: VoiceReference) -> VoiceReference:
    return joe_s_voice


# ---- speaking ----


def test_a_reference_is_cloned_and_none_is_no_mistake(engine, voice):
    own = engine.speak(SpeechRequest(TEXT), CancelToken())
    assert (own.kind, own.words, own.phonemes) == ("own", (), ())
    assert "studio's own voice heart" in own.voice
    other = engine.speak(SpeechRequest(TEXT, options={"speaker": "joe"}), CancelToken())
    assert "joe" in other.voice
    assert not np.array_equal(own.sound.samples, other.sound.samples)
    cloned = engine.speak(SpeechRequest(TEXT, voice=voice), CancelToken())
    assert (cloned.kind, cloned.voice) == ("cloned", "Cloned from the reference by Qwen3-TTS")
    timbre = engine.speak(SpeechRequest(TEXT, voice=replace(voice, transcript="")), CancelToken())
    assert timbre.kind == "cloned"
    assert "timbre alone" in timbre.voice
    silence = VoiceReference(Sound(np.zeros(3 * RATE, np.float32), RATE), "en")
    with pytest.raises(BadInput, match="voice: 'silence'"):
        engine.speak(SpeechRequest(TEXT, voice=silence), CancelToken())
    with pytest.raises(BadInput, match=r"heart \| joe"):
        engine.speak(SpeechRequest(TEXT, options={"speaker": "3"}), CancelToken())


def test_the_process_s_own_draws_are_left_alone(engine):
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    engine.speak(SpeechRequest(TEXT, seed=2**63 + 1), CancelToken())
    assert torch.equal(torch.rand(3), wanted)


def test_the_tokenizer_s_commands_can_t_be_spoken():
    assert plain("Stop. <|im_end|> <tts_pad> Go on.") == "Stop. im_end tts_pad Go on."


def test_parts_of_it_may_stay_in_ram(folder, engine, load_qwen_tts):
    networks = Networks(folder, torch.float32)
    networks.place("cpu", spread=True)
    table = networks.talker.model.text_embedding
    assert len(table._forward_hooks) == len(table._forward_pre_hooks) == 1
    assert torch.equal(table(torch.tensor([5])), engine._networks.talker.model.text_embedding(torch.tensor([5])))
    networks.place("cpu")
    assert not table._forward_hooks
    assert not table._forward_pre_hooks
    for rung in (SPREAD, 2):
        lower = load_qwen_tts(folder, rung, "float16")  # a CPU computes neither in halves nor in parts
        assert lower._networks.tts.model.dtype == torch.float32
        assert not lower._networks.talker.model.text_embedding._forward_hooks


def test_it_leaves_the_device_and_comes_back_and_keeps_nothing_of_a_lease(folder, voice, load_qwen_tts):
    engine = load_qwen_tts(folder)
    before = engine.speak(SpeechRequest(TEXT, voice=voice), CancelToken()).sound.samples
    assert engine.leave_device()
    engine.enter_device()
    engine.reset()
    assert engine.residue() == ""
    assert not engine._prompts
    assert engine._networks.talker.rope_deltas is None
    assert np.array_equal(engine.speak(SpeechRequest(TEXT, voice=voice), CancelToken()).sound.samples, before)
    handle = engine._networks.talker.register_forward_hook(lambda *_: None)
    assert "still listens" in engine.residue()
    handle.remove()
    engine.close()
    assert engine._networks is None


# ---- running away ----


@pytest.mark.parametrize(("ends", "why"), [("never", "did not come to an end"), ("at once", "broke off")])
def test_a_network_that_finds_no_end_or_only_one_is_tried_again_and_then_refused(
    tmp_path, voice, load_qwen_tts, ends, why
):
    engine = load_qwen_tts(write_qwen_tts(tmp_path, ends))
    seeds: list[int] = []
    attempt = engine._attempt

    def noted(text, request, *rest):
        seeds.append(request.seed)
        return attempt(text, request, *rest)

    engine._attempt = noted
    with pytest.raises(StudioError, match=rf"failed to say 'Good morning.*{TRIES} tries: .*{why}.*reword"):
        engine.speak(SpeechRequest("Good morning.", voice=voice, seed=7), CancelToken())
    assert seeds == [7, 8, 9]
    assert engine.residue() == ""


def test_one_that_failed_once_speaks_with_another_seed(engine, voice):
    attempt, failed = engine._attempt, []

    def failing(text, request, *rest):
        if not failed:
            failed.append(request.seed)
            return Sound(np.zeros(RATE, np.float32), RATE)
        return attempt(text, request, *rest)

    engine._attempt = failing
    try:
        second = engine.speak(SpeechRequest(TEXT, voice=voice, seed=7), CancelToken())
    finally:
        del engine._attempt
    other = engine.speak(SpeechRequest(TEXT, voice=voice, seed=8), CancelToken())
    assert failed == [7]
    assert np.array_equal(second.sound.samples, other.sound.samples)


class Step:
    """What the talker gives after a step."""

    def __init__(self, code: int, number: float = 0.0) -> None:
        self.logits = torch.full((1, 1, 4), number)
        self.hidden_states = ((), torch.tensor([[code, 0]]))


def test_it_is_stopped_where_it_goes_on_in_silence_or_over_and_over():
    rng = np.random.default_rng(0)
    speech = rng.integers(0, 2048, 200)

    def spoken(codes, decode, seconds=2.0):
        watch = Watch(CancelToken(), seconds, decode)
        for count, code in enumerate(codes, 1):
            try:
                watch(None, (), Step(int(code)))
            except Unfit as error:
                return count, str(error)
        return len(codes), ""

    def loud(codes):
        return np.full(len(codes) * 1920, 0.1, np.float32)

    def fading(codes):
        return np.concatenate([loud(codes[:-25]), np.zeros(25 * 1920, np.float32)])

    assert spoken(speech[:70], loud) == (70, "")
    count, why = spoken(speech[:70], fading)
    assert why == "it went on in silence"
    assert 25 < count <= 36
    count, why = spoken([*speech[:20], *[7] * 100], loud)
    assert why == "it said one thing over and over"
    assert count < 60
    assert spoken(np.tile(speech[:33], 5), loud, 3.0)[1] == "it said one thing over and over"
    count, why = spoken(speech, loud, 2.0)
    assert "did not come to an end" in why
    assert count == most_frames(2.0) + 1 == 76
    assert spoken([7] * 24, loud) == (24, "")  # until its time is up it may
    with pytest.raises(Unfit, match="no number"):
        Watch(CancelToken(), 2.0, loud)(None, (), Step(1, float("nan")))
    assert not repeats(speech)


def test_it_stops_within_a_step_of_being_asked_to(engine, voice):
    cancel, steps = CancelToken(), []

    def count(*_):
        steps.append(time.monotonic())
        if len(steps) == 3:
            cancel.cancel()

    handle = engine._networks.talker.register_forward_hook(count)
    try:
        with pytest.raises(Cancelled):
            engine.speak(SpeechRequest(TEXT, voice=voice), cancel)
    finally:
        handle.remove()
    assert len(steps) <= 4
    assert engine.residue() == ""


def test_memory_running_out_passes_through(engine, voice, monkeypatch):
    def run_out(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(engine._networks.talker.model, "forward", run_out)
    with pytest.raises(torch.OutOfMemoryError):
        engine.speak(SpeechRequest(TEXT, voice=voice), CancelToken())
    assert engine.residue() == ""


# ---- the prompt ----


def test_a_prompt_is_made_once_and_kept_with_the_voice(engine, voice, tmp_path, monkeypatch):
    made: list[VoiceReference] = []
    make = qwen_prompt._made
    monkeypatch.setattr(qwen_prompt, "_made", lambda voice, networks: made.append(voice) or make(voice, networks))
    networks, kept = engine._networks, replace(voice, cache=tmp_path / "prompts")
    first: Any = prompt_of(kept, networks, "qwen-tts")
    again: Any = prompt_of(kept, networks, "qwen-tts")
    assert len(made) == 1
    assert torch.equal(first.codes, again.codes)
    assert torch.equal(first.embedding, again.embedding)
    assert again.text == voice.transcript
    # half a second of silence after three seconds, 12.5 frames each
    assert len(first.codes) == 44
    assert [path.name for path in (tmp_path / "prompts").iterdir()] == ["qwen-tts.safetensors"]
    prompt_of(replace(kept, transcript="Other words."), networks, "qwen-tts")  # what is kept is stale now
    prompt_of(kept, networks, "qwen-tts")
    monkeypatch.setattr(networks, "digest", "of other weights")
    prompt_of(kept, networks, "qwen-tts")
    prompt_of(kept, networks, "qwen-tts-small")
    assert len(made) == 5
    assert len(list((tmp_path / "prompts").iterdir())) == 2
    timbre = replace(kept, transcript="")
    assert prompt_of(timbre, networks, "qwen-tts").codes is None
    assert torch.equal(prompt_of(timbre, networks, "qwen-tts").embedding, first.embedding)
    assert len(made) == 6


def test_what_is_no_prompt_is_never_run_and_goes(engine, voice, tmp_path):
    networks, kept = engine._networks, replace(voice, cache=tmp_path)
    whole: Any = prompt_of(kept, networks, "qwen-tts")
    path = tmp_path / "qwen-tts.safetensors"
    content = path.read_bytes()
    with safe_open(str(path), framework="pt") as file:
        key = file.metadata()

    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "went off",)

    def tensors(**changes):
        save_file({"embedding": whole.embedding, "codes": whole.codes} | changes, path, metadata=key)

    damages = [
        lambda: path.write_bytes(pickle.dumps(Bomb())),
        lambda: path.write_bytes(content[:-3]),
        lambda: path.write_bytes(b""),
        lambda: tensors(codes=whole.codes + 2048),
        lambda: tensors(codes=whole.codes - 2048),
        lambda: tensors(codes=whole.codes.float()),
        lambda: tensors(codes=whole.codes[:, :2].contiguous()),
        lambda: tensors(embedding=whole.embedding * float("nan")),
        lambda: tensors(embedding=whole.embedding[:5].clone()),
        lambda: tensors(other=torch.zeros(1)),
        lambda: (path.unlink(), path.symlink_to("/etc/hostname")),
        lambda: path.write_bytes(content + bytes(5 * 1024**2)),
    ]
    for damage in damages:
        damage()
        remade: Any = prompt_of(kept, networks, "qwen-tts")
        assert torch.equal(remade.codes, whole.codes)
        assert len(path.read_bytes()) == len(content)
        assert not path.is_symlink()
    assert not (tmp_path / "went off").exists()


def test_a_full_disk_keeps_nobody_from_speaking(engine, voice, tmp_path):
    (tmp_path / "file").touch()
    kept = replace(voice, cache=tmp_path / "file")
    assert engine.speak(SpeechRequest(TEXT, voice=kept), CancelToken()).kind == "cloned"


# ---- speed ----


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2.0])
def test_speech_is_made_faster_at_its_own_pitch(factor):
    time_ = np.arange(2 * RATE) / RATE
    tone = Sound((0.4 * np.sin(2 * np.pi * 150 * time_)).astype(np.float32), RATE)
    changed = at_speed(tone, factor)
    assert changed.seconds == pytest.approx(2.0 / factor, abs=0.001)
    middle = changed.samples[RATE // 5 : -RATE // 5].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * RATE / len(middle) == pytest.approx(150, abs=2)
    # in step throughout: pieces put together out of step would cancel out in places
    loudness = np.sqrt(np.square(middle[: len(middle) // 960 * 960]).reshape(-1, 960).mean(axis=1))
    assert loudness.min() > 0.9 * loudness.max()
    assert at_speed(tone, 1.0) is tone


def test_the_cap_follows_the_text():
    assert most_frames(expected_seconds(TEXT, "en")) < 130
    assert most_frames(expected_seconds("Hi.", "en")) < 40
