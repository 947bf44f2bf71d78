"""Colours and measures of Gradio's own components; assets/studio.css holds those of ours, from the same palette."""

from __future__ import annotations

from pathlib import Path

from gradio.themes import Base
from gradio.themes.utils.colors import Color

from tabs.music.song_player import song_player_css

_SANS = ("Inter", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
_MONO = ("SFMono-Regular", "Menlo", "Consolas", "monospace")

# Warm greys, so that neither paper nor night looks blue beside a film.
_GREY = Color(
    c50="#f7f5f1", c100="#efece6", c200="#e2ddd4", c300="#cbc4b8", c400="#a39b90", c500="#7b746b",
    c600="#5d5750", c700="#3b3740", c800="#25232b", c900="#191820", c950="#111016", name="grey",
)  # fmt: skip
_AMBER = Color(
    c50="#fff6e6", c100="#ffe8c2", c200="#fdd592", c300="#fabf60", c400="#f3a73c", c500="#e08c1b",
    c600="#b96a0e", c700="#94510b", c800="#723e0c", c900="#522d0b", c950="#2c1704", name="amber",
)  # fmt: skip


def studio_theme() -> Base:
    """Light and dark in one; fonts are the reader's own, nothing is fetched."""
    theme = Base(
        primary_hue=_AMBER, secondary_hue=_AMBER, neutral_hue=_GREY, font=_SANS, font_mono=_MONO, radius_size="md"
    )
    return theme.set(
        body_background_fill="#f7f5f1",
        body_background_fill_dark="#111016",
        body_text_color="#211f26",
        body_text_color_dark="#f0ede7",
        body_text_color_subdued="#67615a",
        body_text_color_subdued_dark="#a9a3ad",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1a1920",
        background_fill_secondary="#f7f5f1",
        background_fill_secondary_dark="#16151b",
        border_color_primary="#e2ddd4",
        border_color_primary_dark="#302e38",
        border_color_accent="#b96a0e",
        border_color_accent_dark="#f3a73c",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1a1920",
        block_border_width="1px",
        block_shadow="none",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_label_text_color="#67615a",
        block_label_text_color_dark="#a9a3ad",
        block_title_text_color="#211f26",
        block_title_text_color_dark="#f0ede7",
        block_title_text_weight="600",
        input_background_fill="#fbfaf8",
        input_background_fill_dark="#131218",
        input_border_color_focus="#b96a0e",
        input_border_color_focus_dark="#f3a73c",
        input_placeholder_color="#8b847b",
        input_placeholder_color_dark="#77717d",
        button_primary_background_fill="#211f26",
        button_primary_background_fill_hover="#3a3642",
        button_primary_background_fill_dark="#f3a73c",
        button_primary_background_fill_hover_dark="#fabf60",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#241503",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="#efece6",
        button_secondary_background_fill_dark="#25232b",
        button_secondary_background_fill_hover_dark="#302e38",
        button_secondary_border_color="#d6d0c6",
        button_secondary_border_color_dark="#3b3740",
        button_border_width="1px",
        button_primary_border_color="transparent",
        button_primary_border_color_dark="transparent",
        button_large_text_weight="600",
        layout_gap="14px",
        block_radius="12px",
        container_radius="12px",
        input_radius="9px",
        button_large_radius="10px",
        button_medium_radius="9px",
        button_small_radius="8px",
    )


def stylesheet(assets: Path) -> str:
    """Ours: the page's own, then those of the song player and the other rooms."""
    names = ("studio.css", "message.css", "chat/chat.css")
    own, *rooms = ((assets / name).read_text(encoding="utf-8") for name in names)
    return "\n".join((own, song_player_css(assets), *rooms))
