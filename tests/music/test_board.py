from __future__ import annotations

from dataclasses import replace

import pytest

from studio.errors import BadInput
from studio.music.board import Brief, edit_shot, plan_shots, redraw_shot
from studio.music.song import KeyMoment, Section, SongAnalysis
from studio.music.styles import load_styles
from studio.music.views import more_views
from studio.settings import ROOT

STYLES = load_styles(ROOT / "presets" / "styles")
BRIEF = Brief("two friends drive through a city at night", "neon-night", 3, 2)


def song(seconds: float = 70.0) -> SongAnalysis:
    beats = tuple(n / 2 for n in range(int(2 * seconds)))
    curve = tuple((float(n), 0.2 + 0.6 * (n % 10) / 10) for n in range(int(seconds)))
    moments = tuple(KeyMoment(seconds * n / 7, f"moment {n}", 0.5) for n in range(7))
    sections = (Section(0.0, seconds, "verse"),)
    return SongAnalysis(seconds, 44100, 120.0, 1.0, (), 4, beats, beats[::4], curve, moments, sections, ())


@pytest.fixture
def plan():
    return plan_shots(song(), BRIEF, STYLES)


def test_without_settled_shots_all_seven_are_the_storyboards_own(plan):
    assert [planned.shot.index for planned in plan] == list(range(7))
    assert not any(planned.settled for planned in plan)


def test_a_settled_shot_stays_whatever_else_changes(plan):
    own = edit_shot(plan[2], {"hour": "dawn", "prompt": plan[2].shot.prompt + ", a red balloon"}, 2)
    again = plan_shots(song(), Brief("a walk in the woods", "woodcut", 9, 2), STYLES, [own.to_json()])
    assert again[2] == own
    assert (again[2].style.name, again[3].style.name) == ("neon-night", "woodcut")
    assert again[3].shot.prompt != plan[3].shot.prompt


def test_a_changed_field_is_told_in_the_prompt_and_own_words_stay(plan):
    typed = edit_shot(plan[0], {"prompt": plan[0].shot.prompt + ", a red balloon"}, 2)
    later = edit_shot(typed, {"hour": "dawn", "weather": "snow", "setting": ["forest"]}, 2).shot
    assert "at dawn" in later.prompt
    assert "falling snow" in later.prompt
    assert "a deep forest" in later.prompt
    assert later.prompt.endswith("a red balloon")
    assert "at night" not in later.prompt.split(",")[0]


def test_a_typed_prompt_is_read_for_what_it_says(plan):
    shot = edit_shot(plan[1], {"prompt": "A close look at the desert at dawn in heavy snow"}, 2).shot
    assert shot.setting == ("desert",)
    assert (shot.hour, shot.weather) == ("dawn", "snow")


def test_a_field_set_by_hand_wins_over_the_prompt(plan):
    shot = edit_shot(plan[1], {"prompt": "the desert at dawn", "hour": "dusk"}, 2).shot
    assert (shot.setting, shot.hour) == (("desert",), "dusk")


def test_an_emptied_prompt_is_written_anew(plan):
    assert len(edit_shot(plan[1], {"prompt": "  "}, 2).shot.prompt) > 40


def test_prompts_are_cleaned_and_capped(plan):
    shot = edit_shot(plan[1], {"prompt": "<lora:evil:1> a\nroad\x00 " + "word " * 500}, 2).shot
    assert len(shot.prompt) <= 1000
    assert "<" not in shot.prompt
    assert "\n" not in shot.prompt


def test_drawing_otherwise_changes_the_seed_alone(plan):
    other = redraw_shot(plan[4])
    assert other.shot.seed != plan[4].shot.seed
    assert replace(other.shot, seed=plan[4].shot.seed) == plan[4].shot
    assert redraw_shot(plan[4]) == other
    assert other.settled


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hour": "noon"}, "hour"),
        ({"setting": []}, "setting"),
        ({"setting": ["moon base"]}, "setting"),
        ({"time": -1}, "time"),
        ({"time": "soon"}, "time"),
        ({"seed": 2**31}, "seed"),
        ({"characters": ["all"]}, "characters"),
        ({"prompt": 5}, "prompt"),
        ({"palette": ["#fff"]}, "change"),
        ({"index": 3}, "change"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(plan, change, field):
    with pytest.raises(BadInput, match=field):
        edit_shot(plan[1], change, 2)


def test_characters_that_are_gone_are_left_out(plan):
    both = edit_shot(plan[3], {"characters": [0, 1]}, 2)
    assert plan_shots(song(), replace(BRIEF, characters=1), STYLES, [both.to_json()])[3].shot.characters == (0,)


def test_times_stay_in_order(plan):
    late = replace(plan[2], shot=replace(plan[2].shot, time=45.0), settled=True)
    moved = plan_shots(song(), BRIEF, STYLES, [late.to_json()])
    times = [planned.shot.time for planned in moved]
    assert times == sorted(times)
    assert times[2] == 45.0
    early = replace(plan[3], shot=replace(plan[3].shot, time=44.0), settled=True)
    with pytest.raises(BadInput, match="time of shot 4"):
        plan_shots(song(), BRIEF, STYLES, [late.to_json(), early.to_json()])
    with pytest.raises(BadInput, match="time of shot 3"):
        plan_shots(song(40.0), BRIEF, STYLES, [late.to_json()])


def test_settled_shots_from_strangers_are_checked(plan):
    body = plan[0].to_json()
    for broken in (5, {}, {**body, "style": "nope"}, {**body, "x": 1}, {k: v for k, v in body.items() if k != "hour"}):
        with pytest.raises(BadInput, match="--storyboard"):
            plan_shots(song(), BRIEF, STYLES, [broken])
    with pytest.raises(BadInput, match="each shot once"):
        plan_shots(song(), BRIEF, STYLES, [body, body])


def test_more_views_show_the_place_otherwise(plan):
    views = more_views(plan, (3, 0, 1, 0, 0, 2), 2)
    assert [len(stretch) for stretch in views] == [3, 0, 1, 0, 0, 2]
    before = plan[0].shot
    for view in (planned.shot for planned in views[0]):
        assert view.framing != before.framing
        assert view.camera != before.camera
        assert view.characters != before.characters or view.characters == ()
        assert plan[0].shot.time < view.time < plan[1].shot.time
        before = view
    assert views[0][0].shot.setting == plan[0].shot.setting
    assert views[0][-1].shot.setting == plan[1].shot.setting
    assert more_views(plan, (3, 0, 1, 0, 0, 2), 2) == views
