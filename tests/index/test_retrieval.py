"""Search by words and by meaning: the nearest evidence first, vectors made once and kept whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from studio.errors import LoadFailed
from studio.index.embeddings import MiniLm, likeness, read_safetensors, vectors_of
from studio.index.evidence import evidence
from studio.index.retrieval import Bm25, Vectors, nearest
from studio.index.words import stems
from tests.index.films import film

WIDTH, WORDS = 24, ["[PAD]", "[UNK]", *"the falcon ship in march sale end friday revenue grew rent is low a".split(" ")]  # noqa: SIM905


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """The real network at tiny size with random weights, in the files that the published one comes in."""
    dice = np.random.default_rng(3)
    arrays = {
        "embeddings.word_embeddings.weight": dice.normal(size=(len(WORDS), WIDTH)),
        "embeddings.position_embeddings.weight": dice.normal(size=(300, WIDTH)),
        "embeddings.token_type_embeddings.weight": dice.normal(size=(2, WIDTH)),
    }
    names = [
        f"encoder.layer.{n}.{part}"
        for n in range(6)
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
    ]
    for name in names:
        arrays |= {f"{name}.weight": dice.normal(size=(WIDTH, WIDTH)), f"{name}.bias": dice.normal(size=WIDTH)}
    for n in range(6):
        layer = f"encoder.layer.{n}"
        arrays |= {
            f"{layer}.intermediate.dense.weight": dice.normal(size=(48, WIDTH)),
            f"{layer}.intermediate.dense.bias": dice.normal(size=48),
        }
        arrays |= {
            f"{layer}.output.dense.weight": dice.normal(size=(WIDTH, 48)),
            f"{layer}.output.dense.bias": dice.normal(size=WIDTH),
        }
    for norm in [
        "embeddings.LayerNorm",
        *(f"encoder.layer.{n}.{part}.LayerNorm" for n in range(6) for part in ("attention.output", "output")),
    ]:
        arrays |= {f"{norm}.weight": np.ones(WIDTH), f"{norm}.bias": np.zeros(WIDTH)}
    head, data = {}, b""
    for name, array in arrays.items():
        raw = array.astype("<f4").tobytes()
        head[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head).encode()
    (tmp_path / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()  # type: ignore[attr-defined]
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()  # type: ignore[attr-defined]
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_rare_words_weigh_more_and_long_documents_less() -> None:
    ranking = Bm25(
        [stems("the sale ends friday"), stems("the sale of the sale in the sale shop"), stems("the rent is low")]
    )
    scores = ranking.scores(stems("sale on Friday"))
    assert scores[0] > scores[1] > scores[2] == 0.0
    assert ranking.weight("friday") > ranking.weight(stems("sale")[0]) > 0.0
    assert Bm25([]).scores(["word"]) == []


def test_the_nearest_evidence_comes_first_and_the_rest_is_left_out() -> None:
    found = nearest("Why was Lisbon chosen?", evidence(film()))
    assert found[0].text == "We chose Lisbon because the rent is low."
    assert nearest("zebra", evidence(film())) == []


def test_a_sentence_has_the_same_vector_alone_and_beside_a_longer_one(tiny_model: Path) -> None:
    encoder = MiniLm(tiny_model)
    short, long = "falcon ship in march", "the sale end friday the revenue grew the rent is low"
    together = encoder([long, short])
    assert together.shape == (2, WIDTH)
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    assert np.allclose(together[1], encoder([short])[0], atol=1e-5)
    assert not np.allclose(encoder(["march falcon ship in"])[0], together[1], atol=1e-3)  # the order of words counts
    assert likeness(short, [long, short], encoder)[1] == pytest.approx(1.0, abs=1e-4)


def test_weights_that_are_cut_short_are_refused(tiny_model: Path) -> None:
    whole = (tiny_model / "model.safetensors").read_bytes()
    assert read_safetensors(tiny_model / "model.safetensors")["embeddings.LayerNorm.weight"].tolist() == [1.0] * WIDTH
    (tiny_model / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LoadFailed, match="MiniLM"):
        MiniLm(tiny_model)


def test_vectors_are_made_once_and_a_broken_cache_is_made_anew(tiny_model: Path, tmp_path: Path) -> None:
    encoder, cache = MiniLm(tiny_model), tmp_path / "vectors.npz"
    asked: list[str] = []

    def counting(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return encoder(texts)

    first = vectors_of(["falcon", "sale", "falcon"], counting, cache)
    assert asked == ["falcon", "sale"]
    again = vectors_of(["sale", "rent"], counting, cache)
    assert asked == ["falcon", "sale", "rent"]
    assert np.allclose(again[0], first[1], atol=2e-3)
    cache.write_bytes(cache.read_bytes()[:100])
    assert np.allclose(vectors_of(["sale"], counting, cache)[0], first[1], atol=2e-3)
    assert asked[-1] == "sale"
    assert [path.name for path in tmp_path.glob(".kinora*")] == []


def test_meaning_finds_what_words_do_not(tiny_model: Path) -> None:
    pieces = evidence(film())
    encoder = MiniLm(tiny_model)
    question = next(one.text for one in pieces if one.source == "transcript")
    assert nearest(question, pieces, Vectors(encoder))[0].text == question
    assert len(nearest("zebra", pieces, Vectors(encoder))) > 0
