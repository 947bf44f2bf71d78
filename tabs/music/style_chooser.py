"""The looks as cards with picture and palette: native radio buttons, as keyboard and screen reader know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import gradio as gr

from tabs.markup import escape, look_url

if TYPE_CHECKING:
    from studio.music.shots import Style

_SCRIPT = """
const box = element.querySelector('fieldset > div');
const show = () => element.querySelectorAll('input').forEach(input => {
    input.checked = input.value === props.value;
    const card = input.closest('label');
    const last = box.scrollTop + box.clientHeight - card.clientHeight;
    // Only the box scrolls, never the page.
    if (input.checked && (card.offsetTop < box.scrollTop || card.offsetTop > last)) box.scrollTop = card.offsetTop - 8;
});
element.addEventListener('change', event => { props.value = event.target.value; });
watch('value', show);
show();
"""


def style_chooser(styles: Mapping[str, Style], chosen: str) -> gr.HTML:
    """A component whose value is the chosen style's name."""
    cards = "".join(_card(style) for style in styles.values())
    return gr.HTML(
        value=chosen,
        label="Look",
        html_template=_verbatim(f'<fieldset class="ks-styles"><legend>Look</legend><div>{cards}</div></fieldset>'),
        js_on_load=_SCRIPT,
        apply_default_css=False,
        elem_id="style",
    )


def _card(style: Style) -> str:
    palette = style.palettes.get("euphoric") or next(iter(style.palettes.values()))
    swatches = "".join(f'<i style="background:{escape(colour)}"></i>' for colour in palette)
    words = f"<b>{escape(style.title)}</b><small>{escape(style.description)}</small>"
    name = escape(style.name)
    return (
        f'<label title="{escape(style.description)}"><input type="radio" name="ks-style" value="{name}">'
        f'<img src="{look_url(style.name)}" alt="" loading="lazy" width="320" height="200">'
        f'<span class="ks-swatches">{swatches}</span>{words}</label>'
    )


def _verbatim(markup: str) -> str:
    """`markup` for a template in which neither Handlebars nor JavaScript finds anything to fill in."""
    for special, entity in (("\\", "&#92;"), ("`", "&#96;"), ("$", "&#36;"), ("{", "&#123;"), ("}", "&#125;")):
        markup = markup.replace(special, entity)
    return markup
