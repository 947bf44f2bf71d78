// What a director does with the cards. Clicks on a card trigger "card" with {index, act}; the editor is a dialog of its
// own, outside of what the page patches, so that a picture that arrives takes no word from under the typing hand.

const CHOICES = ['hour', 'weather', 'mood', 'framing', 'camera'];
const LABELS = { hour: 'Hour', weather: 'Weather', mood: 'Mood', framing: 'Framing', camera: 'Camera' };
const plain = word => word.replaceAll('_', ' ');

element.addEventListener('click', event => {
    const button = event.target.closest('[data-act]'), card = event.target.closest('.ks-card');
    if (!button || !card || button.disabled) return;
    const shot = JSON.parse(card.dataset.shot);
    if (button.dataset.act === 'edit') open(shot);
    else trigger('card', { index: shot.index, act: button.dataset.act, changes: {} });
});

function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
}

function boxes(legend, name, items, chosen) {
    const set = make('fieldset', {}, make('legend', {}, legend));
    for (const [value, words] of items) {
        const box = make('input', { type: 'checkbox', name, value });
        box.checked = chosen.map(String).includes(String(value));
        set.append(make('label', {}, box, words));
    }
    return set;
}

function choice(name, words, chosen) {
    const select = make('select', { name });
    for (const word of words) select.append(make('option', { value: word }, plain(word)));
    select.value = chosen;
    return make('label', {}, LABELS[name], select);
}

function open(shot) {
    const { words, characters } = JSON.parse(element.querySelector('.ks-board').dataset.board);
    const dialog = make('dialog', { class: 'ks-editor', 'aria-label': 'Shot ' + (shot.index + 1) });
    const prompt = make('textarea', { name: 'prompt', rows: 5, maxlength: 1000 });
    prompt.value = shot.prompt;
    const time = make('input', { name: 'time', type: 'number', min: 0, step: 'any', inputmode: 'decimal' });
    time.value = shot.time.toFixed(2);
    const people = Array.from({ length: characters }, (_, n) => [n, n ? 'Character ' + (n + 1) : 'Lead']);
    const save = make('button', { type: 'submit', class: 'ks-save' }, 'Save');
    const leave = make('button', { type: 'button' }, 'Leave it');
    const form = make('form', { method: 'dialog' },
        make('h2', {}, 'Shot ' + (shot.index + 1)), make('p', {}, shot.description),
        make('label', {}, 'Prompt', prompt),
        make('div', { class: 'ks-choices' },
            make('label', {}, 'Time in seconds', time), ...CHOICES.map(name => choice(name, words[name], shot[name]))),
        boxes('Places, one to three', 'setting', words.setting.map(word => [word, word]), shot.setting),
        ...(characters ? [boxes('In the picture', 'characters', people, shot.characters)] : []),
        make('p', { class: 'ks-editor-said', role: 'alert' }), make('footer', {}, leave, save));
    dialog.append(form);
    leave.onclick = () => dialog.close();
    dialog.addEventListener('close', () => dialog.remove());
    form.addEventListener('submit', event => {
        event.preventDefault();
        const changes = changed(form, shot);
        if (changes.setting && (!changes.setting.length || changes.setting.length > 3)) {
            form.querySelector('.ks-editor-said').textContent = 'Choose one to three places.';
            return;
        }
        if (Object.keys(changes).length) trigger('card', { index: shot.index, act: 'edit', changes });
        dialog.close();
    });
    // Inside Gradio's container, so that its theme's variables hold; the top layer lifts it above everything.
    element.closest('.gradio-container').append(dialog);
    dialog.showModal();
}

function changed(form, shot) {
    const ticked = name => [...form.querySelectorAll(`[name=${name}]:checked`)].map(box => box.value);
    const changes = {}, same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
    const time = parseFloat(form.elements.time.value);
    if (Number.isFinite(time) && time.toFixed(2) !== shot.time.toFixed(2)) changes.time = time;
    if (form.elements.prompt.value.trim() !== shot.prompt) changes.prompt = form.elements.prompt.value.trim();
    for (const name of CHOICES) if (form.elements[name].value !== shot[name]) changes[name] = form.elements[name].value;
    const places = ticked('setting'), people = ticked('characters').map(Number);
    if (!same([...places].sort(), [...shot.setting].sort())) changes.setting = places;
    if (form.elements.characters && !same(people, [...shot.characters].sort())) changes.characters = people;
    return changes;
}
