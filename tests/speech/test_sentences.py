"""Texts cut into sentences, in ten languages."""

from __future__ import annotations

import pytest

from studio.errors import BadInput
from studio.speech.sentences import LONGEST, LONGEST_ASIAN, sentences
from studio.speech.text import CHARACTERS, LANGUAGES, cleaned

CUT = [
    ("en", "Hello there.| How are you?| Fine!", 3),
    ("en", "Dr. Smith met J. K. Rowling at 3 p.m.| They talked.", 2),
    ("en", 'It cost $3.50, e.g. a coffee… and more!| "Really?" he asked.| Yes.', 3),
    ("en", "I went to St. Louis.| I live on Main St.| He left.", 3),
    ("en", "Version 2.0 is at example.com now.| Try it!!!", 2),
    ("en", 'She said "Stop!"| Then she left.', 2),
    ("de", "Am 3. Mai kam Hr. Müller, z. B. mit Dr. Koch.| Er ging.| Es waren 30.| Schluss!", 4),
    ("fr", "M. Dupont est là.| Il a 3,5 ans, etc.| Puis il part !", 3),
    ("es", "¿Cómo estás?| ¡Bien!| El Sr. López vive en EE. UU. y trabaja.", 3),
    ("it", "Il Sig. Rossi è qui.| Costa 3,50 euro.", 2),
    ("pt", "O Sr. Silva chegou.| Tudo bem?", 2),
    ("ru", "Он родился в 1990 г. в Москве.| Проф. Иванов пришёл.", 2),
    ("zh", "今天天气很好！|我们去公园吧。|你呢？|“好的。”他说。", 4),
    ("ja", "こんにちは。|今日は「いい天気ですね。」と言った！|そう？", 3),
    ("ko", "안녕하세요.| 오늘은 3.5도입니다!| 좋아요?", 3),
]


@pytest.mark.parametrize(("language", "text", "count"), CUT)
def test_a_text_is_cut_where_its_sentences_end(language: str, text: str, count: int) -> None:
    wanted = [part.strip() for part in text.split("|")]
    assert len(wanted) == count
    assert list(sentences(text.replace("|", ""), language)) == [cleaned(part) for part in wanted]


@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_paragraphs_and_lists_are_sentences_of_their_own(language: str) -> None:
    text = "Alpha beta\n\n- Gamma\n- Delta epsilon\n" if language != "ru" else "Альфа бета\n\n- Гамма\n- Дельта\n"
    assert len(sentences(text, language)) == 3


@pytest.mark.parametrize(
    ("text", "language", "longest"),
    [
        ("word " * 400, "en", LONGEST),
        ("One clause of some length, and another; then a third one - with more of it, " * 30, "en", LONGEST),
        ("abcdefghij" * 300, "en", LONGEST),
        ("我们今天去公园散步，" * 100, "zh", LONGEST_ASIAN),
        ("これは長い文です" * 100, "ja", LONGEST_ASIAN),
    ],
)
def test_a_long_sentence_is_cut_and_nothing_of_it_lost(text: str, language: str, longest: int) -> None:
    pieces = sentences(text, language)
    assert max(map(len, pieces)) <= longest
    assert "".join("".join(pieces).split()) == "".join(cleaned(text).split())
    assert min(map(len, pieces)) > 8


def test_numbers_are_not_cut_at_their_signs() -> None:
    pieces = sentences("It has 1,234,567.89 parts, " * 20, "en")
    assert all("1,234,567.89" in piece for piece in pieces)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "en"),
        (" \n\t", "en"),
        ("?!… 👍🏽 —", "en"),
        ("\u200b\u202e\ufeff", "en"),
        ("\ud800\udfff", "en"),
        ("x" * (CHARACTERS + 1), "en"),
        ("Hello", "xx"),
        ("Привет", "en"),
        ("こんにちは", "fr"),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(text: str, language: str) -> None:
    with pytest.raises(BadInput) as refusal:
        sentences(text, language)
    assert refusal.value.parameter in ("--text", "--language")
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400


def test_hostile_characters_leave_the_words_as_they_are() -> None:
    text = (
        "He\u200bllo \u202ewor\u00adld\u0007 \ud83d\ude00 a\u0301\u0301\u0301 ｆｕｌｌ １２\x00\ud800 ﬁne 👩‍👩‍👧!!!!!!"
    )
    assert cleaned(text) == "Hello world á\u0301 full 12 fine !"
    assert cleaned("Nooooooo") == "Nooo"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_accepted_text_is_cut_quickly(language: str) -> None:
    word = {"zh": "你好", "ja": "あい", "ko": "가나", "ru": "да "}.get(language, "no ")
    text = (word * CHARACTERS)[:CHARACTERS]
    assert sum(map(len, sentences(text, language))) > 0.6 * CHARACTERS
