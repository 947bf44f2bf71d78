"""Whisper of the real classes at tiny size: what goes in, what is made of what comes out, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import WhisperFeatureExtractor
from transformers.models.whisper.tokenization_whisper import LANGUAGES

from studio.cancellation import CancelToken
from studio.contracts import Sound, Transcript, Weights
from studio.engines.transcript.whisper_alignment import token_times, warped, word_groups
from studio.engines.transcript.whisper_decoding import DOUBT, Draft, Heard, HeardWord, WhisperNetwork
from studio.engines.transcript.whisper_transformers import WhisperTransformers, stitched
from studio.errors import BadInput, Cancelled, LoadFailed
from tests.engines.tiny_whisper import write_whisper
from tests.speech_samples import joe, joined, silence


@pytest.fixture(scope="module")
def folder(tiny_whisper: Path) -> Path:
    return tiny_whisper


def loaded(folder: Path, rung: int = 0, precision: str = "float32") -> WhisperTransformers:
    weights = Weights({"whisper-small": folder}, folder.parent, precision)
    return WhisperTransformers("whisper-small", "cpu", rung, weights)


@pytest.fixture(scope="module")
def engine(folder: Path) -> WhisperTransformers:
    return loaded(folder)


def heard(engine: WhisperTransformers, sound: Sound, language: str = "en") -> Transcript:
    return engine.transcribe(sound, language, CancelToken())


def rewritten(folder: Path, target: Path, name: str, change) -> Path:
    for path in folder.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    change(target / name)
    return target


# ---- a whole sound ----


def test_what_is_written_comes_with_its_times_and_its_language(engine):
    found = heard(engine, joe(), "")
    assert (found.text, found.language) == ("Guten Morgen, die Boote kommen jetzt.", "de")
    assert [word.text for word in found.words] == ["Guten", "Morgen", "die", "Boote", "kommen", "jetzt"]
    assert all(word.start < word.end <= joe().seconds for word in found.words)
    assert 0.9 < found.confidence <= 1
    assert heard(engine, joe(), "en").language == "en"


def test_the_languages_are_whisper_s_own(engine):
    assert set(engine.languages) == {code for code in LANGUAGES if len(code) == 2} - {"jw"}
    for language in ("xx", "fr", "EN"):  # French is one of Whisper's, but not of this tiny one's
        with pytest.raises(BadInput, match="language"):
            heard(engine, joe(), language)


def test_features_are_transformers_own(engine, folder):
    samples = np.random.default_rng(0).normal(0, 0.1, 16_000 * 7).astype(np.float32)
    extractor = WhisperFeatureExtractor.from_pretrained(folder)
    wanted = extractor(samples, sampling_rate=16_000, return_tensors="np")["input_features"]
    found = engine._network.features(samples)
    assert found.shape == (1, 80, 3000)
    assert np.array_equal(found.numpy(), wanted)
    assert engine._network.features(np.tile(samples, 5)).shape == (1, 80, 3000)


def test_what_is_drawn_is_what_transformers_draws(folder):
    network = WhisperNetwork(folder, torch.float32)
    draws = torch.Generator().manual_seed(3)
    for parameter in network.model.parameters():
        parameter.data.normal_(0, 0.25, generator=draws)
    samples = np.random.default_rng(0).normal(0, 0.1, 16_000 * 9).astype(np.float32)
    ours = network._drawn(network.encoded(samples), "en", 0.0, CancelToken()).tokens[:40]
    own = network.model.generation_config
    own.suppress_tokens = [*own.suppress_tokens, *range(network._end + 1, network.model.config.vocab_size)]
    how = {"language": "en", "task": "transcribe", "return_timestamps": False, "num_beams": 1, "max_new_tokens": 40}
    theirs = network.model.generate(network.features(samples), do_sample=False, **how)
    assert list(ours) == theirs[0].tolist()
    assert len(set(ours)) > 4


def test_a_long_sound_is_heard_in_windows(engine):
    long = joined(joe(), silence(5, 22_050), joe())
    found = heard(engine, long)
    assert found.text == " ".join(["Guten Morgen, die Boote kommen jetzt."] * 2)
    later = [word for word in found.words if word.start > joe().seconds + 4]
    assert len(later) == 6


def test_half_precision_is_for_the_device_alone(folder):
    half = loaded(folder, 0, "bfloat16")
    assert next(half._network.model.parameters()).dtype == torch.float32  # a CPU's
    assert half.leave_device()
    half.enter_device()
    assert heard(loaded(folder, 1), joe()) == heard(half, joe())
    half.close()
    assert half._loaded is None


def test_it_stops_within_a_token_of_being_asked_to(engine, monkeypatch):
    cancel, steps, step = CancelToken(), [], engine._network._step

    def counted(*arguments):
        steps.append(len(steps))
        if len(steps) == 3:
            cancel.cancel()
        return step(*arguments)

    monkeypatch.setattr(engine._network, "_step", counted)
    with pytest.raises(Cancelled):
        engine.transcribe(joe(), "en", cancel)
    assert len(steps) == 3


def test_memory_running_out_passes_through(engine, monkeypatch):
    def run_out(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(engine._network.model.model.encoder, "forward", run_out)
    with pytest.raises(torch.OutOfMemoryError):
        heard(engine, joe())


# ---- what is made up ----


def test_text_over_and_over_is_trusted_little(tmp_path):
    found = heard(loaded(write_whisper(tmp_path, " la" * 60)), joe())
    assert found.confidence < DOUBT + 0.01


def test_where_nobody_speaks_what_is_unlikely_is_dropped(tmp_path):
    assert heard(loaded(write_whisper(tmp_path / "a", first="<|nospeech|>", certain=4.0)), joe()) == Transcript(
        "", (), 0.0
    )
    sure = heard(loaded(write_whisper(tmp_path / "b", first="<|nospeech|>")), joe())
    assert sure.text.startswith("Guten")
    assert sure.confidence < DOUBT + 0.01


@pytest.mark.parametrize(
    ("draft", "made_up", "nothing"),
    [
        (Draft((1,), -0.2, 0.1, 1.5), False, False),
        (Draft((1,), -1.2, 0.1, 1.5), True, False),
        (Draft((1,), -0.2, 0.1, 2.5), True, False),
        (Draft((1,), -1.2, 0.7, 1.5), True, True),
        (Draft((1,), -0.2, 0.7, 1.5), False, False),
    ],
)
def test_the_limits_are_whisper_s(draft, made_up, nothing):
    assert (draft.made_up, draft.nothing) == (made_up, nothing)


# ---- times ----


def test_the_way_through_is_the_cheapest_one():
    cost = np.array([[0, 9, 9, 9], [9, 0, 0, 9], [9, 9, 9, 0]], float)
    rows, columns = warped(cost)
    assert rows.tolist() == [0, 1, 1, 2]
    assert columns.tolist() == [0, 1, 2, 3]
    rng = np.random.default_rng(3)
    for shape in ((1, 1), (1, 5), (5, 1), (4, 7), (6, 3)):
        cost = rng.random(shape)
        rows, columns = warped(cost)
        assert cost[rows, columns].sum() == pytest.approx(cheapest(cost))
        assert (rows[0], columns[0], rows[-1], columns[-1]) == (0, 0, shape[0] - 1, shape[1] - 1)


def cheapest(cost: np.ndarray) -> float:
    """By hand, cell by cell."""
    total = np.full(cost.shape, np.inf)
    for i, j in np.ndindex(cost.shape):
        before = [total[k] for k in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if min(k) >= 0]
        total[i, j] = cost[i, j] + (min(before) if before else 0.0)
    return float(total[-1, -1])


def test_tokens_begin_where_their_heads_begin_to_listen():
    begins = (0, 20, 35, 80)
    attention = np.random.default_rng(0).random((3, 4, 100)) * 0.1
    for token, (start, end) in enumerate(zip(begins, (*begins[1:], 100), strict=True)):
        attention[:, token, start:end] += 1
    assert token_times(attention) == pytest.approx(np.array(begins) * 0.02, abs=0.05)


def test_words_are_told_by_their_spaces_and_signs_kept_whole():
    def decode(tokens: list[int]) -> str:
        return bytes(tokens).decode(errors="replace")

    def groups(text: str, language: str) -> list[tuple[str, int]]:
        return word_groups(list(text.encode()), language, decode)

    assert groups(" Hello, you.", "en") == [(" Hello,", 7), (" you.", 5)]
    assert groups(" Füße", "de") == [(" Füße", 7)]
    assert groups("天气好", "zh") == [("天", 3), ("气", 3), ("好", 3)]
    assert "".join(text for text, _ in groups("a\ufffdb", "ja")).startswith("a\ufffd")
    assert groups(" aé", "fr") == [(" aé", 4)]
    assert word_groups(list(" aé".encode())[:-1], "fr", decode) == [(" a\ufffd", 3)]  # cut off within a sign
    assert word_groups([], "en", decode) == []


@pytest.mark.parametrize("length", [29.0, 31.0, 95.5, 300.0])
def test_no_word_is_lost_or_said_twice_at_a_seam(length):
    rng = np.random.default_rng(int(length))
    gaps = rng.uniform(0.15, 0.7, 2000)
    ends = np.cumsum(gaps)
    spoken = [(str(n), end - gap + 0.02, end) for n, (gap, end) in enumerate(zip(gaps, ends, strict=True))]
    spoken = [word for word in spoken if word[2] < length]

    def hear(start: float, end: float) -> Heard:
        """A word that is cut off is misheard."""
        assert end - start <= 30.000001
        inside = [word for word in spoken if word[2] > start + 0.01 and word[1] < end - 0.01]
        return Heard(
            tuple(
                HeardWord(
                    f" {text}" if first >= start - 0.01 and last <= end + 0.01 else " what",
                    max(first, start) - start,
                    min(last, end) - start,
                )
                for text, first, last in inside
            ),
            1.0,
        )

    found = [word for window in stitched(hear, 0.0, length) for word in window.words]
    assert [word.text.strip() for word in found] == [text for text, _, _ in spoken]
    assert all(abs(word.start - start) < 0.02 for word, (_, start, _) in zip(found, spoken, strict=True))


def test_where_there_is_no_pause_the_windows_go_on_all_the_same():
    def one_word(start: float, end: float) -> Heard:
        return Heard((HeardWord(" a", 0.0, end - start),), 1.0)

    def nothing(start: float, end: float) -> Heard:
        return Heard()

    assert len(list(stitched(one_word, 0.0, 90.0))) == 3
    assert len(list(stitched(nothing, 5.0, 95.0))) == 4


# ---- loading ----


@pytest.mark.parametrize("how", ["missing", "unexpected", "wrongly shaped"])
def test_a_damaged_key_is_refused_by_name(folder, tmp_path, how):
    key = "model.decoder.layers.1.encoder_attn.q_proj.weight"

    def damage(path: Path) -> None:
        state = load_file(path)
        value = state.pop(key)
        if how != "missing":
            state[key if how == "wrongly shaped" else f"{key}_stranger"] = torch.zeros(*value.shape, 2)
        if how == "unexpected":
            state[key] = value
        save_file(state, path, metadata={"format": "pt"})

    with pytest.raises(LoadFailed, match=key):
        loaded(rewritten(folder, tmp_path, "model.safetensors", damage))


@pytest.mark.parametrize(
    ("name", "fields", "complaint"),
    [
        ("generation_config.json", {"lang_to_id": None}, "no multilingual Whisper"),
        ("generation_config.json", {"lang_to_id": {"<|de|>": 260}}, "does not know English"),
        ("generation_config.json", {"no_timestamps_token_id": None}, "no multilingual Whisper"),
        ("preprocessor_config.json", {"feature_size": 128}, "sizes differ"),
    ],
)
def test_parts_that_don_t_fit_are_refused(folder, tmp_path, name, fields, complaint):
    def change(path: Path) -> None:
        body = json.loads(path.read_text()) | fields
        path.write_text(json.dumps({key: value for key, value in body.items() if value is not None}))

    with pytest.raises(LoadFailed, match=complaint):
        loaded(rewritten(folder, tmp_path, name, change))
