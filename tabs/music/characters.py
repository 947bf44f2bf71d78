"""The characters' pictures as small tiles: add by choosing, dropping or pasting, remove one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from tabs.uploads import uploaded

_TEMPLATE = """<fieldset class="ks-cast"><legend>Characters</legend>
<p>Up to ${most} pictures, one person or thing each. The first is the lead.</p>
<ul></ul><label class="ks-add" tabindex="-1"><input type="file" accept="image/*" multiple aria-label="Add pictures">
<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 4v12M4 10h12"/></svg><span>Add</span></label></fieldset>"""

_SCRIPT = """
const list = element.querySelector('ul');
const add = element.querySelector('.ks-add');
const input = add.querySelector('input');
const people = () => props.value || [];
const show = () => {
    list.replaceChildren(...people().map((person, index) => {
        const item = document.createElement('li');
        const picture = document.createElement('img');
        picture.src = person.url;
        picture.alt = 'Character ' + (index + 1);
        picture.onerror = () => item.classList.add('ks-unseen');
        const remove = document.createElement('button');
        remove.type = 'button';
        remove.textContent = '\\u00d7';
        remove.setAttribute('aria-label', 'Remove character ' + (index + 1));
        remove.onclick = () => { props.value = people().filter((_, n) => n !== index); show(); };
        item.append(picture, remove);
        return item;
    }));
    add.hidden = people().length >= props.most;
};
const take = async files => {
    add.classList.add('ks-busy');
    try {
        for (const file of [...files].slice(0, props.most - people().length)) {
            const { path, url } = await upload(file);
            props.value = [...people(), { path, url }];
            show();
        }
    } catch (error) {
        trigger('refused', { reason: String(error && error.message || error) });
    } finally {
        add.classList.remove('ks-busy');
    }
};
input.addEventListener('change', () => { take(input.files).then(() => { input.value = ''; }); });
element.addEventListener('dragover', event => { event.preventDefault(); add.classList.add('ks-over'); });
element.addEventListener('dragleave', () => add.classList.remove('ks-over'));
element.addEventListener('drop', event => {
    event.preventDefault();
    add.classList.remove('ks-over');
    take(event.dataTransfer.files);
});
watch('value', show);
show();
"""


def characters_input(most: int) -> gr.HTML:
    """A component whose value is a list of {path, url}, at most `most` of them."""
    return gr.HTML(
        value=[],
        label="Characters",
        html_template=_TEMPLATE.replace("${most}", str(most)),
        js_on_load=_SCRIPT,
        apply_default_css=False,
        elem_id="characters",
        most=most,
    )


def shown(paths: Sequence[str]) -> list[dict[str, str]]:
    """The component's value for files in Gradio's upload folder."""
    return [{"path": path, "url": f"gradio_api/file={quote(path)}"} for path in paths]


def chosen(value: Any, uploads: Path) -> tuple[Path, ...]:
    """The files of the component's value. Raises BadInput for anything but uploads: the value comes from outside."""
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return tuple(uploaded(item.get("path") if isinstance(item, Mapping) else item, uploads) for item in items)
