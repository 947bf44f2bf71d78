// What the viewer knows: the session's videos, and of the one that is shown what was read of it.

const find = name => element.querySelector('.ks-' + name);
const all = name => [...element.querySelectorAll('.ks-' + name)];
const video = () => find('view-screen').querySelector('video');

const clock = seconds => {
    const whole = Math.max(0, Math.floor(seconds)), two = n => String(n).padStart(2, '0');
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

/** The place of the last item that has begun at `time`, -1 before the first. */
const lastBegun = (items, time) => {
    let low = 0, high = items.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (items[middle].start <= time + .05) low = middle + 1; else high = middle;
    }
    return low - 1;
};

const make = (tag, attributes = {}, ...inside) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
    node.append(...inside);
    return node;
};

const NOTHING = { duration: 0, seen: 0, scenes: [], lines: [], sounds: [] };
const known = { session: '', videos: [], shown: 0, index: '', read: NOTHING };

const current = () => known.videos.find(one => one.number === known.shown);
/** The player's clock runs `offset` seconds before the video's: its sound may begin before its first picture. */
const offset = () => current()?.offset || 0;
const playing = () => Math.max(0, video().currentTime - offset());
const duration = () => known.read.duration || (Number.isFinite(video().duration) ? video().duration : 0);

/** Fetches what was read of the shown video, when there is more of it than before; a newer wish goes before. */
let fetching = null;
async function fetchRead() {
    const wanted = current()?.index || '';
    if (wanted === known.index || fetching === wanted) return;
    fetching = wanted;
    let read = NOTHING;
    if (wanted) {
        const answer = await fetch(wanted);
        if (!answer.ok) { fetching = null; return; }
        read = await answer.json();
    }
    if (fetching !== wanted || wanted !== (current()?.index || '')) return;
    fetching = null;
    known.index = wanted;
    known.read = read;
    drawTimeline();
    drawScenes();
    drawLines();
    follow();
}
