// What is said and written, in time order; the search finds what is seen and heard, too.

const SAYS = { transcript: 'said', screen_text: 'on the screen', frame: 'described', scene: 'scene', sound: 'heard' };
let asked = 0;

async function drawLines() {
    const words = find('view-search').value.trim(), turn = ++asked;
    let lines = known.read.lines;
    if (words) {
        const answer = await fetch(`media/${known.session}/search.json?q=${encodeURIComponent(words)}`);
        if (!answer.ok || turn !== asked) return;
        lines = (await answer.json()).lines;
        const elsewhere = line => line.video !== known.shown;
        lines = [...lines.filter(line => !elsewhere(line)), ...lines.filter(elsewhere)];
    }
    const list = find('lines');
    list.replaceChildren(...lines.map(line => {
        const button = make('button', { type: 'button', 'data-time': line.start, 'data-kind': line.source },
            make('b', {}, clock(line.start)), make('span', {}, ...marked(line.text, line.spans || [])));
        const other = known.videos.find(one => one.number === line.video && one.number !== known.shown);
        if (other) button.dataset.video = other.number;
        const kind = SAYS[line.source] + (other ? `, ${other.name}` : '');
        if (words || line.source !== 'transcript') button.append(make('small', {}, kind));
        return make('li', {}, button);
    }));
    if (!lines.length) {
        const none = words ? 'Nothing that is said, written, seen or heard has these words.'
            : known.read.seen ? 'Nothing is said and nothing stands on the screen.' : 'Words appear here as the video is read.';
        list.append(make('li', { class: 'ks-lines-none' }, none));
    }
}

/** `spans`: from, to in characters, in order. */
function marked(text, spans) {
    const characters = [...text], parts = [];
    let end = 0;
    for (const [from, to] of spans) {
        if (from < end) continue;
        parts.push(characters.slice(end, from).join(''), make('mark', {}, characters.slice(from, to).join('')));
        end = to;
    }
    return [...parts, characters.slice(end).join('')];
}

let pause = 0;
find('view-search').addEventListener('input', () => {
    if (find('view-search').value.trim()) pane('words');
    clearTimeout(pause);
    pause = setTimeout(drawLines, 80);
});
