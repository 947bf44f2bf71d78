"""A language model on this machine: the real class at tiny size, its words held to the evidence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.cancellation import CancelToken
from studio.contracts import ChatRequest, Weights
from studio.engines import language_models
from studio.engines.chat.local import RUNGS, LocalChat, instruct_folder
from studio.engines.chat.prompt import chosen, messages
from studio.engines.language_models import Writing
from studio.errors import Cancelled, LoadFailed
from studio.index.answers import Answer, View
from studio.index.facts import Scene, ScreenText, Utterance, VideoFacts, VideoIndex
from studio.index.questions import routed
from tests.engines.tiny_chat import make_tiny_chat

INDEX = VideoIndex(
    VideoFacts("talk.mp4", 30.0, 640, 360, 25.0, True),
    scenes=(Scene(0.0, 30.0, "start", 4.0, 0.5, 0.1, "still", (("blue", 0.9),), 0, "A woman stands on a boat."),),
    texts=(ScreenText(20.0, 28.0, "SALE ENDS FRIDAY", 0.9, (0.1, 0.1, 0.5, 0.1)),),
    speech=(Utterance(2.0, 6.0, "The new product called Falcon ships in March.", (), 0.9),),
    read=dict.fromkeys(("frames", "text", "speech", "sound"), ((0.0, 30.0),)),
)
GROUNDED, INVENTED, REFUSED, RUNAWAY, SEEN, MIXED = (
    "When does Falcon ship?", "What does Falcon cost?", "Who designed the Eagle?", "What ships in March?",
    "Who stands on the boat?", "What ends on Friday?",
)  # fmt: skip
SHIPS = "Falcon ships in March [e3]."
REPLIES = {
    GROUNDED: SHIPS,
    INVENTED: "Falcon costs 300 dollars [e3].",
    REFUSED: "NOT_IN_VIDEO",
    RUNAWAY: f"{SHIPS} {'and on it goes ' * 25}",
    SEEN: "A woman stands on a boat [e2].",
    MIXED: f"A sale ends on Friday [e4]. Bob Smith designed it [e4]. {SHIPS}",
}


def conversation(question: str) -> list:
    evidence = chosen(routed(question, INDEX), View.of(INDEX))
    return messages(ChatRequest(question, INDEX), evidence)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lessons = [(conversation(question), said) for question, said in REPLIES.items()]
    return make_tiny_chat(tmp_path_factory.mktemp("weights") / "qwen2.5-3b-instruct", lessons)


def engine_of(folder: Path, rung: int = 0) -> LocalChat:
    made = LocalChat("local", "cpu", rung, Weights({folder.name: folder}, folder.parent))
    made.warm_up()
    return made


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[LocalChat]:
    made = engine_of(folder)
    yield made
    assert made.residue() == ""
    made.close()


def ask(engine: LocalChat, question: str) -> tuple[Answer, list[str]]:
    said: list[str] = []
    given = engine.answer(ChatRequest(question, INDEX), said.append, CancelToken())
    return given, [piece for piece in said if piece]


def test_a_grounded_sentence_is_told_with_its_times_for_ids(engine: LocalChat) -> None:
    given, said = ask(engine, GROUNDED)
    assert (given.answer, given.abstained, given.notices) == ("Falcon ships in March [00:02].", False, ())
    assert given.engine == "qwen2.5-3b-instruct"
    assert "".join(said) == given.answer
    assert [(one.start, one.source) for one in given.citations] == [(2.0, "transcript")]


def test_what_a_model_saw_is_evidence_and_called_a_description(engine: LocalChat) -> None:
    given, _ = ask(engine, SEEN)
    assert given.answer == "A woman stands on a boat [00:00]."
    assert [(one.source, one.quote) for one in given.citations] == [("frame", "A woman stands on a boat.")]
    rules, asked = conversation(SEEN)
    assert 'frame: "A woman stands on a boat."' in asked["content"]
    assert "description" in rules["content"]


def test_a_claim_of_its_own_gives_way_to_the_embedded_answer(engine: LocalChat) -> None:
    given, said = ask(engine, INVENTED)
    assert "300" not in given.answer
    assert "not borne out" in given.notices[0]
    assert said == [given.answer]
    refused, _ = ask(engine, REFUSED)
    assert refused.abstained


def test_sentences_are_said_as_they_stand_and_a_wrong_one_is_left_out(engine: LocalChat) -> None:
    given, said = ask(engine, MIXED)
    assert said == ["A sale ends on Friday [00:20].", " Falcon ships in March [00:02]."]
    assert "1 sentence" in given.notices[0]


def test_a_model_that_runs_away_is_stopped(engine: LocalChat) -> None:
    heard: list[str] = []
    engine.reply(conversation(RUNAWAY), heard.append, CancelToken())
    assert "".join(heard).startswith(SHIPS)
    assert 3 <= "".join(heard).count("and on it goes") < 10
    given, _ = ask(engine, RUNAWAY)
    assert given.answer == "Falcon ships in March [00:02]."


def test_a_cancel_ends_it_within_a_token_or_two(engine: LocalChat) -> None:
    cancel, heard = CancelToken(), []

    def hear(piece: str) -> None:
        heard.append(piece)
        if len(heard) == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        engine.reply(conversation(GROUNDED), hear, cancel)
    assert len(heard) == 2
    assert ask(engine, GROUNDED)[0].answer == "Falcon ships in March [00:02]."


def test_measured_answers_need_no_model(engine: LocalChat) -> None:
    assert ask(engine, "How long is the video?")[0].engine == ""


def test_quantized_weights_are_held_so_and_still_answer(folder: Path) -> None:
    for rung, kind in ((1, "Linear8bitLt"), (2, "Linear4bit"), (3, "Linear4bit")):
        made = LocalChat("local", "cpu", rung, Weights({folder.name: folder}, folder.parent))
        network = made._network
        assert type(network.model.layers[0].mlp.up_proj).__name__ == kind
        assert type(network.lm_head).__name__ == "Linear"
        made._plan = Writing(6, made._plan.ends, made._plan.pad)
        given, said = ask(made, GROUNDED)
        assert "March" in given.answer
        assert "".join(said) == given.answer
        made.close()


def test_a_prompt_too_long_for_a_small_model_is_said(folder: Path, tmp_path: Path) -> None:
    small = shutil.copytree(folder, tmp_path / "small")
    body = json.loads((small / "config.json").read_text()) | {"max_position_embeddings": 700}
    (small / "config.json").write_text(json.dumps(body))
    made = engine_of(small)
    assert made.characters == 0
    made.characters = 12_000
    given, _ = ask(made, GROUNDED)
    assert "could not be asked" in given.notices[0]
    assert "March" in given.answer


def test_a_model_whose_format_has_no_place_for_rules_gets_them_with_the_question(engine: LocalChat) -> None:
    kept = engine._tokenizer.chat_template
    engine._tokenizer.chat_template = (
        "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
        "<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"
    )
    try:
        told = engine._prompt([{"role": "system", "content": "RULES"}, {"role": "user", "content": "Why?"}])
    finally:
        engine._tokenizer.chat_template = kept
    assert told == "<user>RULES\n\nWhy?"


def test_any_folder_in_the_chat_folder_and_every_key_of_it(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match="no folder of a model"):
        instruct_folder(tmp_path)
    mine = shutil.copytree(folder, tmp_path / "chat" / "mine")
    assert instruct_folder(tmp_path / "chat") == mine
    assert engine_of(tmp_path / "chat").model == "mine"
    shard = sorted(mine.glob("model-*.safetensors"))[0]
    state = load_file(shard)
    name = sorted(state)[0]
    save_file({**state, name: torch.zeros(2, 2)}, shard, metadata={"format": "pt"})
    with pytest.raises(LoadFailed, match=f"wrongly shaped: {name}"):
        engine_of(mine)
    (mine / "config.json").write_text("{}")
    with pytest.raises(LoadFailed, match="names no network"):
        engine_of(mine)


def test_too_little_memory_is_said_before_it_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    monkeypatch.setattr(language_models, "_free_memory", lambda: 1.5 * stored)
    with pytest.raises(MemoryError, match="full precision takes"):
        engine_of(folder)
    LocalChat("local", "cpu", 2, Weights({folder.name: folder}, folder.parent)).close()


def test_rungs_are_on_the_cards() -> None:
    from studio.models.cards import read_cards
    from studio.settings import ROOT

    cards = {card.key: card for card in read_cards(ROOT / "presets" / "engines.yaml")}
    for name in ("local", "local-small", "local-own"):
        assert cards[f"chat/{name}"].rungs == RUNGS
