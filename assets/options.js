// The fields of an engine's options, drawn from their description; the studio checks the values again.
// props.value: { engine, title, fields, values, live, job, preview }. `values` holds what differs from the usual, and all
// that stands with `live`, where every change triggers "steer"; else it changes the component's value.

const ECHO_MS = 2000;
let drawn = '', timer = 0;
// What was just set live: news that were on their way meanwhile must not take it back.
let mine = null, until = 0;

function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === false || value === null || value === undefined) continue;
        node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children);
    return node;
}

const state = () => {
    const value = props.value || { engine: '', fields: [], values: {} };
    return mine ? { ...value, values: mine } : value;
};
const stamp = ({ engine, fields, values, job }) => JSON.stringify([engine, fields, values, job]);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// What a field stands at where nothing was said: a chosen mode brings figures of its own.
function usual(field, values) {
    for (const other of state().fields.filter(one => one.kind === 'choice')) {
        const chosen = other.choices.find(one => one.value === (values[other.name] ?? other.default));
        if (chosen && field.name in chosen.defaults) return chosen.defaults[field.name];
    }
    return field.default;
}

function barred(field, values) {
    return state().fields.some(other => other.kind === 'choice' && other.choices.some(
        one => one.value === (values[other.name] ?? other.default) && one.without.includes(field.name)));
}

function set(field, value, redraw = false) {
    const values = { ...state().values };
    if (!state().live && same(value, usual(field, values))) delete values[field.name];
    else values[field.name] = value;
    if (field.kind === 'choice') {
        // A mode begins with figures of its own, and so does the one after it.
        const before = state().values[field.name] ?? field.default;
        for (const one of field.choices.filter(each => [before, value].includes(each.value)))
            for (const name of [...Object.keys(one.defaults), ...one.without]) delete values[name];
    }
    if (state().live) {
        mine = values;
        until = Date.now() + ECHO_MS;
        clearTimeout(timer);
        timer = setTimeout(() => trigger('steer', { values: mine || state().values }), 250);
    } else {
        props.value = { ...state(), values };
    }
    drawn = stamp(state());
    if (redraw) draw();
    else element.querySelector('summary').textContent = about();
}

function slider(label, bounds, value, change, off = false) {
    const { low, high, step } = bounds;
    const range = make('input', { type: 'range', min: low, max: high, step, disabled: off, 'aria-label': label });
    const number = make('input', { type: 'number', min: low, max: high, step: 'any', disabled: off,
        inputmode: 'decimal', 'aria-label': label + ', as a number' });
    range.value = number.value = value;
    range.addEventListener('input', () => { number.value = range.value; });
    range.addEventListener('change', () => change(Number(range.value)));
    number.addEventListener('change', () => {
        const typed = Number(number.value);
        if (number.value === '' || !Number.isFinite(typed)) { number.value = range.value; return; }
        const held = Math.min(high, Math.max(low, bounds.kind === 'whole' ? Math.round(typed) : typed));
        range.value = number.value = held;
        change(held);
    });
    return make('span', { class: 'ks-option-slide' }, range, number);
}

function numeric(field, value, off) {
    return make('div', { class: 'ks-option' }, make('span', { class: 'ks-option-name' }, field.label),
        slider(field.label, field, value, to => set(field, to), off), note(field));
}

function note(field) {
    return field.help ? make('small', {}, field.help) : '';
}

function words(field, value) {
    const box = make('textarea', { rows: 2, maxlength: field.most, placeholder: field.help, 'aria-label': field.label });
    box.value = value || '';
    box.addEventListener('change', () => set(field, box.value.trim()));
    return make('label', { class: 'ks-option' }, make('span', { class: 'ks-option-name' }, field.label), box);
}

function choice(field, value, off) {
    const list = make('select', { disabled: off, 'aria-label': field.label });
    for (const one of field.choices) {
        const lacking = one.missing ? ' (to be fetched)' : '';
        list.append(make('option', { value: one.value, disabled: Boolean(one.missing) && one.value !== value,
            title: one.missing }, one.words + lacking));
    }
    list.value = value;
    list.addEventListener('change', () => set(field, list.value, true));
    return make('label', { class: 'ks-option' }, make('span', { class: 'ks-option-name' }, field.label), list);
}

function flag(field, value) {
    const box = make('input', { type: 'checkbox' });
    box.checked = Boolean(value);
    box.addEventListener('change', () => set(field, box.checked));
    return make('label', { class: 'ks-option ks-option-flag' }, box, field.label);
}

function mix(field, value) {
    const chosen = Object.entries(value || {});
    const rows = chosen.map(([name, weight]) => {
        const change = to => set(field, { ...(state().values[field.name] || value), [name]: to });
        const leave = make('button', { type: 'button', 'aria-label': 'Without ' + name, title: 'Without ' + name }, '\u00d7');
        leave.onclick = () => {
            const { [name]: _, ...rest } = state().values[field.name] || value;
            set(field, rest, true);
        };
        return make('li', {}, make('span', {}, name), slider('Weight of ' + name, field, weight, change), leave);
    });
    const free = field.names.filter(name => !chosen.some(([one]) => one === name));
    const add = make('select', { 'aria-label': 'Add to ' + field.label, disabled: chosen.length >= field.most },
        make('option', { value: '' }, chosen.length ? 'Mix in another' : 'None'),
        ...free.map(name => make('option', { value: name }, name)));
    add.addEventListener('change', () => {
        if (add.value) set(field, { ...Object.fromEntries(chosen), ...state().values[field.name], [add.value]: field.usual }, true);
    });
    const none = !field.names.length && !chosen.length;
    return make('div', { class: 'ks-option ks-option-mix' }, make('span', { class: 'ks-option-name' }, field.label),
        none ? make('small', {}, 'Put .safetensors files into models/loras to have them here.')
            : make('ul', {}, ...rows, make('li', {}, add)));
}

const KINDS = { whole: numeric, number: numeric, text: words, choice, flag, mix };

function about() {
    const { title, values, live } = state(), changed = Object.keys(values).length;
    return live ? 'While it draws' : `Settings of ${title}${changed ? `, ${changed} changed` : ''}`;
}

function draw() {
    const { fields, values, live } = state();
    const open = element.querySelector('details')?.open ?? false;
    const box = element.querySelector('.ks-options');
    drawn = stamp(state());
    box.hidden = !fields.length;
    const all = fields.map(field => KINDS[field.kind](
        field, values[field.name] ?? usual(field, values), barred(field, values)));
    const details = make('details', { open }, make('summary', {}, about()));
    if (live) {
        const back = make('button', { type: 'button', class: 'ks-as-set' }, 'As set');
        back.onclick = () => { mine = null; clearTimeout(timer); trigger('steer', { values: {} }); };
        const picture = make('img', { class: 'ks-steer-picture', alt: 'The picture as it comes' });
        details.append(make('header', {}, picture, make('p', {},
            'A change holds from the next step on, in every picture still to come, until the work ends.'), back));
    }
    details.append(make('div', { class: 'ks-option-fields' }, ...all));
    box.replaceChildren(details);
    look();
}

function look() {
    const picture = element.querySelector('.ks-steer-picture'), { preview } = state();
    if (!picture) return;
    picture.hidden = !preview;
    if (preview && picture.getAttribute('src') !== preview) picture.src = preview;
}

function show() {
    if (mine && (Date.now() >= until || same(mine, props.value?.values) || !props.value?.live)) mine = null;
    look();
    if (stamp(state()) === drawn) return;
    // What a person holds in their hand is not taken from them by news of the same work.
    const busy = document.activeElement, held = element.contains(busy) && busy.matches('input, textarea');
    if (state().live && held && drawn && JSON.parse(drawn)[3] === state().job) return;
    draw();
}

watch('value', show);
draw();
