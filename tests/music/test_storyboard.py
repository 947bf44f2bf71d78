from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from studio.music.palette import colour_name, from_oklab, mix, to_oklab
from studio.music.shots import CAMERAS, FRAMINGS, HOURS, MOODS, SETTINGS, WEATHERS, Shot, Style
from studio.music.storyboard import PROMPT_CHARACTERS, clean_text, make_storyboard, palette_for, write_prompt
from studio.music.styles import load_styles
from studio.music.vocabulary import read_sentence
from tests.music.storyboard_songs import DIRECTED, analysis

STYLES = load_styles(Path(__file__).parents[2] / "presets" / "styles")
NEON, NOIR = STYLES["neon-night"], STYLES["film-noir"]


def shots_of(intent: str, seed: int = 1, characters: int = 2, style: Style = NEON) -> tuple[Shot, ...]:
    return make_storyboard(analysis(), intent, style, characters, seed)


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda style: style.name)
@pytest.mark.parametrize(
    "intent", ["", "a singer by the sea at night", "雪の山", "x" * 5000, "{0} {shot.seed} %(name)s ${HOME}"]
)
def test_every_shot_is_complete(style: Style, intent: str) -> None:
    shots = shots_of(intent, style=style)
    assert [shot.index for shot in shots] == list(range(7))
    assert [shot.time for shot in shots] == [moment[0] for moment in DIRECTED]
    for shot in shots:
        assert shot.setting
        assert set(shot.setting) <= set(SETTINGS)
        assert shot.hour in HOURS
        assert shot.weather in WEATHERS
        assert shot.mood in MOODS
        assert shot.framing in FRAMINGS
        assert shot.camera in CAMERAS
        assert len(shot.palette) == 5
        lightness = [to_oklab(colour)[0] for colour in shot.palette]
        assert lightness == sorted(lightness)
        assert style.prompt[:30] in shot.prompt
        assert 40 < len(shot.prompt) <= PROMPT_CHARACTERS
        assert Shot.from_json(shot.to_json()) == shot


def test_same_arguments_same_shots_and_another_seed_another_film() -> None:
    assert shots_of("", 5) == shots_of("", 5)
    assert len({shots_of("", seed) for seed in range(6)}) == 6


@pytest.mark.parametrize(
    ("sentence", "setting", "hour", "weather"),
    [
        ("a girl on a rooftop at midnight while it is raining", "city", "night", "rain"),
        ("walking the beach at sunrise", "sea", "dawn", None),
        ("lost in the woods, mist everywhere", "forest", None, "fog"),
        ("ein Sänger in den Bergen bei Schnee", "mountains", None, "snow"),
        ("une plage au crépuscule", "sea", "dusk", None),
        ("un desierto de noche", "desert", "night", None),
        ("夜の街で歌う", "city", "night", None),
        ("driving down the highway at golden hour", "road", "golden", None),
        ("dancing in a nightclub", "club", None, None),
        ("she floats among galaxies and planets", "space", "night", None),
        ("on my bed, by the window, thunder outside", "room", None, "storm"),
    ],
)
def test_reads_what_the_sentence_asks_for(sentence: str, setting: str, hour: str | None, weather: str | None) -> None:
    for shot in shots_of(sentence):
        assert setting in shot.setting
        assert hour is None or shot.hour == hour
        assert weather is None or shot.weather == weather
        assert sentence[:40] in shot.prompt


def test_words_are_words_and_no_means_no() -> None:
    reading = read_sentence("a scarf, a carpet and understanding, no rain and without snow")
    assert reading.settings == ()
    assert reading.weathers == ()


def test_places_together_share_pictures_and_a_journey_follows_them() -> None:
    together = shots_of("a city by the sea")
    assert any({"city", "sea"} <= set(shot.setting) for shot in together)
    journey = shots_of("from the forest to the sea, from dusk to dawn")
    assert journey[0].setting == ("forest",)
    assert journey[-1].setting == ("sea",)
    assert journey[0].hour == "dusk"
    assert journey[-1].hour == "dawn"


def test_the_drop_is_wide_and_euphoric_and_the_breakdown_close_and_calm() -> None:
    shots = {shot.description: shot for shot in shots_of("")}
    for name in ("drop", "climax"):
        assert shots[name].framing == "wide" or shots[name].camera == "pull_out"
    assert shots["drop"].mood == shots["climax"].mood == "euphoric"
    assert shots["breakdown"].framing == "close"
    assert shots["breakdown"].mood in ("calm", "melancholy")


def test_framing_and_camera_vary() -> None:
    for seed in range(12):
        shots = shots_of("", seed)
        assert all(a.camera != b.camera for a, b in pairwise(shots))
        assert all(a.framing != b.framing for a, b in pairwise(shots))
        assert len({shot.framing for shot in shots}) == 3


def test_moments_without_known_words_are_directed_by_their_intensity() -> None:
    nameless = tuple((time, "etwas passiert", level) for time, _, level in DIRECTED)
    shots = make_storyboard(analysis(nameless), "", NEON, 1, 2)
    loudest = max(shots, key=lambda shot: shot.intensity)
    assert loudest.mood == "euphoric"
    assert len({shot.framing for shot in shots}) > 1


@pytest.mark.parametrize("count", [0, 1, 2, 3, 8])
def test_characters_all_appear_and_none_that_is_not_there(count: int) -> None:
    cast = Counter(index for shot in shots_of("", characters=count) for index in shot.characters)
    assert set(cast) <= set(range(count))
    if 0 < count <= 3:
        assert set(cast) == set(range(count))


def test_prompts_carry_the_words_but_nothing_hidden() -> None:
    hostile = "a zebra\u202e\x00\x1b[31m <lora:evil:1> {shot.__class__}\n\n\u200bsings"
    for shot in shots_of(hostile):
        assert "a zebra" in shot.prompt
        assert "sings" in shot.prompt
        assert "{shot.__class__}" in shot.prompt
        assert "lora" not in shot.prompt
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in shot.prompt)


def test_long_text_is_cut_between_words() -> None:
    text = clean_text("wandering " * 400, 100)
    assert len(text) <= 100
    assert text.endswith("wandering")
    assert clean_text("\ud800broken", 50) == "broken"
    assert len(write_prompt(shots_of("")[0], NEON, "y" * 9000)) <= PROMPT_CHARACTERS


def test_palettes_of_one_film_hang_together() -> None:
    for intent in ("", "a quiet walk", "everything red"):
        shots = shots_of(intent)
        middles = [to_oklab(shot.palette[1]) for shot in shots]
        spread = max(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5 for a in middles for b in middles)
        assert spread < 0.22


def test_a_named_colour_tints_the_palette_but_not_a_black_and_white_film() -> None:
    green = to_oklab(shots_of("everything is emerald green")[0].palette[2])
    assert green[1] < -0.03
    for colour in shots_of("everything is emerald green", style=NOIR)[0].palette:
        assert max(map(abs, to_oklab(colour)[1:])) < 0.02


def test_moods_without_a_palette_take_the_nearest() -> None:
    assert palette_for(NOIR, "melancholy") in NOIR.palettes.values()


def test_colour_words_and_mixing() -> None:
    assert colour_name("#d02020") == "red"
    assert colour_name("#0a0a0a") == "black"
    assert mix("#000000", "#ffffff", 0.0) == "#000000"
    assert mix("#000000", "#ffffff", 1.0) == "#ffffff"
    for colour in ("#123456", "#fedcba", "#00ff00"):
        assert from_oklab(*to_oklab(colour)) == colour
