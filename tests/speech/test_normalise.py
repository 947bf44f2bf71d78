"""Figures and signs written out in words."""

from __future__ import annotations

import pytest

from studio.speech.normalise import spoken
from studio.speech.pace import expected_seconds
from studio.speech.text import LANGUAGES

READ = [
    ("en", "It costs $3.50.", "It costs three dollars and fifty cents."),
    ("en", "£1.5 million or €1", "one point five million pounds or one euro"),
    ("en", "On 3/14/2024 at 7:30 pm", "On March fourteenth twenty twenty-four at seven thirty P M"),
    ("en", "50% of 1,234 people", "fifty percent of one thousand two hundred and thirty-four people"),
    ("en", "12.5 km, 1 kg, -5°C", "twelve point five kilometres, one kilogram, minus five degrees Celsius"),
    ("en", "+1 (555) 123-4567", "plus one, five five five, one two three, four five six seven"),
    ("en", "Dr. Lee, Main St., St. Ives, vs. Mr. X, e.g. No. 5", None),
    ("en", "since 1984, in 2007, in 1905", "since nineteen eighty-four, in two thousand seven, in nineteen oh-five"),
    ("en", "the 1990s, the 21st, 3/4, pages 10-12", None),
    ("en", "Henry VIII in Chapter IV", "Henry the eighth in Chapter four"),
    ("en", "john.doe@example.com", "john dot doe at example dot com"),
    ("en", "https://www.example.com/path?x=1", "example dot com slash path"),
    ("en", "R&D @ home, 2 + 2 = 4", "R and D at home, two plus two equals four"),
    ("en", "12345678901234567890", None),
    ("de", "Am 3. Mai um 14:30", "Am dritten Mai um vierzehn Uhr dreißig"),
    ("de", "1.234,50 € z. B.", None),
    ("de", "3,5 km", "drei Komma fünf Kilometer"),
    ("fr", "14/03/2024 à 14h30", "quatorze mars deux mille vingt-quatre à quatorze heures trente"),
    ("fr", "1 234 et 5,99 €", "mille deux cent trente-quatre et cinq euros quatre-vingt-dix-neuf"),
    ("es", "50 % y 1.234", "cincuenta por ciento y mil doscientos treinta y cuatro"),
    ("it", "5,99 €", "cinque euro e novantanove"),
    ("pt", "R$ 5,99", "cinco reais e noventa e nove centavos"),
    ("ru", "21 руб., 22 %, 5 ₽", "двадцать один рубль, двадцать два процента, пять рублей"),
    ("ru", "14.03.2024", "четырнадцатое марта две тысячи двадцать четвёртого года"),
    ("zh", "2024年，增长50%，$5", "二零二四年，增长百分之50，5美元"),
    ("ja", "2024-03-05は14:30、50%", "2024年3月5日は14時30分、50パーセント"),
    ("ko", "50%, $5", "50 퍼센트, 5달러"),
]


@pytest.mark.parametrize(("language", "text", "words"), READ)
def test_what_is_written_in_figures_is_read_in_words(language: str, text: str, words: str | None) -> None:
    read = spoken(text, language)
    if words is not None:
        assert read == words
    if language not in ("zh", "ja", "ko"):
        assert not any(character.isdigit() for character in read.replace("²", ""))
        assert not set("$€£%@&=+/°#") & set(read)


def test_short_forms_are_read_by_their_neighbours() -> None:
    assert spoken("Dr. Lee of Main St. met St. Paul vs. Mr. X.", "en") == (
        "Doctor Lee of Main Street met Saint Paul versus mister X."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_reading_twice_changes_nothing_and_plain_text_stays(language: str) -> None:
    plain = {"zh": "今天天气很好。", "ja": "こんにちは。", "ko": "안녕하세요.", "ru": "Добрый день, друзья."}.get(
        language, "Salve, domine, quid agis?"
    )
    assert spoken(plain, language) == plain
    read = spoken("7, 8.5, 90%, 14:30, $3, 2024-05-06", language)
    assert spoken(read, language) == read


@pytest.mark.parametrize(
    "text",
    ["1/0/0", "99:99", "31/31/9999", "0000-00-00", "$", "%", "+", "1.2.3.4", "1,,2", "5 €$", "((((", "٣٤", "²³½"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nonsense_is_read_somehow(language: str, text: str) -> None:
    assert "None" not in spoken(f"a {text} b", language)


def test_the_expected_length_is_about_right() -> None:
    """Against lengths of the trained voices, within the factor the runaway guard leaves."""
    text = "On the third of March we walked down to the harbour and watched the boats come in."
    assert 3.5 < expected_seconds(text, "en") < 7.0
    assert expected_seconds(text * 3, "en") == pytest.approx(3 * expected_seconds(text, "en"), rel=0.2)
    assert all(expected_seconds("1234", language) >= 0.3 for language in LANGUAGES)
