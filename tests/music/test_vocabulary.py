from __future__ import annotations

import pytest

from studio.music.shots import HOURS, MOODS, SETTINGS, WEATHERS
from studio.music.vocabulary import read_sentence
from studio.music.words import HOUR_WORDS, MOOD_WORDS, PHRASES, SETTING_WORDS, WEATHER_WORDS


def test_the_tables_speak_the_painters_names() -> None:
    assert set(SETTING_WORDS) == set(SETTINGS)
    assert set(HOUR_WORDS) == set(HOURS)
    assert set(MOOD_WORDS) == set(MOODS)
    assert set(WEATHER_WORDS) == set(WEATHERS)


@pytest.mark.parametrize("table", [SETTING_WORDS, HOUR_WORDS, MOOD_WORDS, WEATHER_WORDS])
def test_no_word_means_two_things_in_one_table(table: dict[str, str]) -> None:
    owners: dict[str, str] = {}
    for name, line in table.items():
        for word in line.split():
            assert owners.setdefault(word, name) == name, word


@pytest.mark.parametrize(
    ("sentence", "settings", "hours", "weathers"),
    [
        ("Eine einsame Straße bei Nacht im Regen", ("city",), ("night",), ("rain",)),
        ("ein Schloss im Nebel auf dem Hügel", ("mountains",), (), ("fog",)),
        ("Wellen an der Küste, Sonnenuntergang", ("sea",), ("dusk",), ()),
        ("une fille danse sur la plage au coucher du soleil", ("sea",), ("dusk",), ()),
        ("une forêt enneigée, l'aube", ("forest",), ("dawn",), ("snow",)),
        ("sur la route, l'océan à droite", ("road", "sea"), (), ()),
        ("la ciudad de noche bajo la lluvia", ("city",), ("night",), ("rain",)),
        ("puesta del sol en el desierto", ("desert",), ("dusk",), ()),
        ("una montana con niebla", ("mountains",), (), ("fog",)),
        ("海辺の夕日、雪", ("sea",), ("dusk",), ("snow",)),
        ("夜明けの森", ("forest",), ("dawn",), ()),
        ("雨の東京、真夜中", ("city",), ("night",), ("rain",)),
        ("从大海到沙漠", ("sea", "desert"), (), ()),
        ("火星の夜", ("space",), ("night",), ()),
        ("a rain-soaked alley", ("city",), (), ("rain",)),
        ("snow-covered peaks", ("mountains",), (), ("snow",)),
        ("OCEAN'S edge at the blue hour", ("sea",), ("dusk",), ()),
    ],
)
def test_places_hours_and_weathers_in_several_languages(
    sentence: str, settings: tuple[str, ...], hours: tuple[str, ...], weathers: tuple[str, ...]
) -> None:
    reading = read_sentence(sentence)
    assert reading.settings == settings
    assert reading.hours == hours
    assert reading.weathers == weathers


@pytest.mark.parametrize(
    "sentence",
    ["no rain", "without any rain", "a night without snow or rain", "it isn't raining", "rain-free", "kein Regen",
     "ohne Regen und Schnee", "sans pluie", "pas de pluie", "sin lluvia", "senza pioggia",
     "雨のない夜", "雨なし", "没有雨"],
)  # fmt: skip
def test_what_is_negated_is_not_drawn(sentence: str) -> None:
    assert read_sentence(sentence).weathers == ()


@pytest.mark.parametrize(
    ("sentence", "settings"),
    [
        ("not in the forest but at the sea", ("sea",)),
        ("nicht im Wald, sondern am Meer", ("sea",)),
        ("no people, a desert", ("desert",)),
        ("Sin City", ("city",)),
        ("a world of sin and desert", ("desert",)),
    ],
)
def test_a_negation_ends(sentence: str, settings: tuple[str, ...]) -> None:
    assert read_sentence(sentence).settings == settings


@pytest.mark.parametrize("sentence", ["scarf carpet understanding", "I see a camera", "a lit face, red boots", "seven"])
def test_english_words_that_only_look_like_places(sentence: str) -> None:
    reading = read_sentence(sentence)
    assert reading.settings == ()
    assert "boat" not in reading.things


def test_fireworks_are_not_flowers_in_japanese() -> None:
    assert read_sentence("花火").things == ("fireworks",)
    assert read_sentence("桜の花").things == ("petals", "flowers")


def test_colours_and_things_in_other_words() -> None:
    reading = read_sentence("ein rotes Kleid, Vollmond, Feuerwerk; une robe bleue")
    assert reading.things == ("moon", "fireworks")
    assert reading.colours == ("#d9303a", "#2f6fd0")


def test_phrases_are_whole_words() -> None:
    assert "milky way" in PHRASES
    assert read_sentence("the milky ways of a barn").settings == ()
