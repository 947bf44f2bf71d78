// The player, and all that follows it. A time clicked anywhere on the page comes here as the event "ks-seek".

function refresh() {
    const value = props.value || { session: '', videos: [] };
    if (value.session !== known.session) Object.assign(known, { session: value.session, shown: 0, index: '', read: NOTHING });
    known.videos = value.videos;
    document.querySelector('#room-chat').dataset.filled = known.videos.length ? 'yes' : 'no';
    find('view').dataset.empty = known.videos.length ? 'no' : 'yes';
    if (!current()) known.shown = known.videos[0]?.number || 0;
    drawVideos();
    load();
    fetchRead();
    if (!known.videos.length) { known.read = NOTHING; drawTimeline(); drawScenes(); drawLines(); }
}

function drawVideos() {
    const bar = find('view-videos');
    bar.hidden = known.videos.length < 2;
    const drawn = JSON.stringify([known.shown, known.videos.map(one => [one.number, one.name])]);
    if (bar.dataset.drawn === drawn) return;  // whoever stands on a button by keyboard stays there
    bar.dataset.drawn = drawn;
    bar.replaceChildren(...known.videos.map(one => make('button', {
        type: 'button', 'data-video': one.number, 'aria-pressed': one.number === known.shown,
    }, one.name)));
}

function load() {
    const player = video(), shown = current(), source = shown?.source || '';
    if ((player.getAttribute('src') || '') !== source) {
        unplayable(false);
        if (source) player.src = source; else player.removeAttribute('src');
        player.load();
    }
}

/** A format that this browser can't play is seen as pictures until the copy that it can play is made. */
function unplayable(yes) {
    const words = find('view-unplayable');
    words.hidden = !yes;
    words.textContent = 'This browser cannot play the format; a copy that it can play is made when the reading is done.';
}

function show(number) {
    if (number === known.shown || !known.videos.some(one => one.number === number)) return;
    known.shown = number;
    known.index = '';
    known.read = NOTHING;
    drawVideos();
    load();
    fetchRead();
}

function seek(time, play = false) {
    const player = video(), wanted = Math.min(Math.max(0, time), Math.max(0, (duration() || time) - .02));
    const go = () => {
        player.currentTime = wanted + offset();
        if (play) player.play().catch(() => { /* the browser wants a click on the player itself first */ });
    };
    if (player.readyState >= 1) go(); else player.addEventListener('loadedmetadata', go, { once: true });
    follow(wanted);
}

/** Marks what is at the player's time, everywhere. */
function follow(at) {
    const time = typeof at === 'number' ? at : playing(), total = duration() || 1;
    find('head-line').style.left = `${100 * Math.min(1, time / total)}%`;
    const timeline = find('timeline');
    timeline.setAttribute('aria-valuenow', time.toFixed(1));
    timeline.setAttribute('aria-valuetext', `${clock(time)} of ${clock(duration())}`);
    mark(find('scenes').children, lastBegun(known.read.scenes, time));
    if (!find('view-search').value.trim()) mark(find('lines').children, lastBegun(known.read.lines, time));
}

function mark(items, here) {
    for (let at = 0; at < items.length; at++) items[at].toggleAttribute('data-here', at === here);
    if (items[here] && !video().paused) within(items[here].parentNode, items[here]);
}

/** Scrolls the list, never the page. */
function within(list, item) {
    const top = item.offsetTop - list.offsetTop;
    if (top < list.scrollTop || top + item.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 3;
}

function pane(name) {
    for (const tab of element.querySelectorAll('[role=tab]')) tab.setAttribute('aria-selected', tab.dataset.pane === name);
    find('scenes').hidden = name !== 'scenes';
    find('lines').hidden = name !== 'words';
}

// ---- a clip: from one time to another ----

const clip = { from: null };
function markClip(which) {
    const save = find('view-clip').querySelector('a'), end = element.querySelector('[data-do=to]');
    if (which === 'from') {
        clip.from = playing();
        end.hidden = false;
        save.hidden = true;
        element.querySelector('[data-do=from]').textContent = `From ${clock(clip.from)}`;
        return;
    }
    const [from, to] = [clip.from, playing()].sort((a, b) => a - b);
    end.hidden = true;
    element.querySelector('[data-do=from]').textContent = 'Clip from here';
    if (to - from < .2) return;
    const folder = String(known.shown).padStart(2, '0');
    save.href = `media/${known.session}/videos/${folder}/clip.mp4?from=${from.toFixed(3)}&to=${to.toFixed(3)}`;
    save.download = `clip ${clock(from).replaceAll(':', '.')}-${clock(to).replaceAll(':', '.')}.mp4`;
    save.textContent = `Save ${clock(from)} to ${clock(to)}`;
    save.hidden = false;
}

element.addEventListener('click', event => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.video) show(Number(button.dataset.video));
    if (button.dataset.time) seek(Number(button.dataset.time), true);
    else if (button.role === 'tab' || button.dataset.pane) pane(button.dataset.pane);
    else if (button.dataset.do) markClip(button.dataset.do);
});
const player = video();
for (const name of ['timeupdate', 'seeked', 'loadedmetadata']) player.addEventListener(name, () => follow());
player.addEventListener('loadedmetadata', () => { unplayable(!player.videoWidth); drawTimeline(); });
player.addEventListener('error', () => unplayable(Boolean(player.getAttribute('src'))));
player.addEventListener('play', () => window.dispatchEvent(new CustomEvent('ks-sp-plays', { detail: element })));
window.addEventListener('ks-sp-plays', event => { if (event.detail !== element) player.pause(); });
const jump = event => {
    if (!element.isConnected) return window.removeEventListener('ks-seek', jump);
    show(event.detail.video);
    seek(event.detail.time, true);
    find('view').scrollIntoView({ block: 'nearest', behavior: 'smooth' });
};
window.addEventListener('ks-seek', jump);
watch('value', refresh);
refresh();
