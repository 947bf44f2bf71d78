from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
import yaml

from studio.errors import BadInput
from studio.music.palette import to_oklab
from studio.music.shots import MEDIUMS
from studio.music.styles import DEFAULT_STYLE, choose_style, load_styles

FOLDER = Path(__file__).parents[2] / "presets" / "styles"
GOOD = yaml.safe_load((FOLDER / "minimal.yaml").read_text(encoding="utf-8"))


def write(folder: Path, name: str = "look", **changes: object) -> Path:
    body = {key: value for key, value in {**GOOD, **changes}.items() if value is not ...}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(body), encoding="utf-8")
    return folder


def test_there_are_many_looks_and_no_two_are_alike() -> None:
    styles = load_styles(FOLDER)
    assert len(styles) >= 10
    assert len({style.medium for style in styles.values()}) >= 8
    for one, other in combinations(styles.values(), 2):
        first, second = next(iter(one.palettes.values())), next(iter(other.palettes.values()))
        apart = max(
            sum((a - b) ** 2 for a, b in zip(to_oklab(x), to_oklab(y), strict=True))
            for x, y in zip(first, second, strict=True)
        )
        assert apart > 0.001, (one.name, other.name)
        assert one.prompt != other.prompt


def test_choosing_by_name_case_and_default() -> None:
    styles = load_styles(FOLDER)
    assert choose_style(styles, " Film_Noir ").name == "film-noir"
    assert choose_style(styles, "").name == DEFAULT_STYLE
    with pytest.raises(BadInput, match="--style") as caught:
        choose_style(styles, "baroque")
    assert "watercolour" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    style = load_styles(write(tmp_path, motifs=["grid"], medium="ink"))["look"]
    assert style.title == "Minimal"
    assert style.motifs == ("grid",)
    assert style.medium == "ink"
    assert all(len(palette) == 5 for palette in style.palettes.values())
    assert set(MEDIUMS) >= {style.medium}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"colour": 3}, "colour"),
        ({"bloom": ...}, "bloom"),
        ({"bloom": 1.5}, "bloom"),
        ({"grain": True}, "grain"),
        ({"grain": "much"}, "grain"),
        ({"grain": float("nan")}, "grain"),
        ({"title": ""}, "title"),
        ({"prompt": "x" * 500}, "prompt"),
        ({"medium": "crayon"}, "medium"),
        ({"motifs": ["unicorns"]}, "motifs"),
        ({"palettes": {}}, "palettes"),
        ({"palettes": {"sleepy": GOOD["palettes"]["calm"]}}, "palettes"),
        ({"palettes": {"calm": ["#000000"]}}, "palettes.calm"),
        ({"palettes": {"calm": ["#000000", "red", "#222222", "#333333", "#444444"]}}, "palettes.calm"),
        ({"palettes": {"calm": ["#ffffff", "#111111", "#222222", "#333333", "#444444"]}}, "palettes.calm"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_key(tmp_path: Path, changes: dict[str, object], named: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_styles(write(tmp_path, **changes))
    assert "look.yaml" in str(caught.value)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["- a list", "title: [", "\x00", "!!python/object:os.system {}", "just words"])
def test_what_is_no_style_at_all_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"odd\.yaml"):
        load_styles(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="presets"):
        load_styles(tmp_path)
