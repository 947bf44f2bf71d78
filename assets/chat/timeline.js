// The timeline: scenes in their colours, what is heard, where words are; and the cards of the scenes.

const PAINT = {
    black: '#24222a', white: '#f1eee8', grey: '#8d8890', gray: '#8d8890', red: '#c8402f', orange: '#e0822b',
    yellow: '#e6c23a', green: '#4f9a58', cyan: '#3fb0b5', teal: '#2f8f8b', blue: '#3f6fc4', purple: '#7d55b8',
    magenta: '#bb4a9b', pink: '#e08aa8', brown: '#8a5a36', beige: '#d8c39c',
};
const paintOf = colours => {
    const [first, second] = colours.map(name => PAINT[name.split(' ').pop()] || '#77727d');
    return first ? `linear-gradient(120deg, ${first}, ${second || first})` : '#55505c';
};

const placed = (item, total, attributes) => make('li', {
    style: `left:${100 * item.start / total}%;width:${100 * Math.max(0, item.end - item.start) / total}%;${attributes.style || ''}`,
    'data-kind': attributes.kind || null, title: attributes.title || null,
});

function drawTimeline() {
    const { scenes, sounds, lines } = known.read, total = duration() || 1;
    find('timeline').setAttribute('aria-valuemax', total.toFixed(1));
    find('lane-scenes').replaceChildren(...scenes.map(scene => placed(scene, total, { style: `background:${paintOf(scene.colours)}` })));
    find('lane-sounds').replaceChildren(...sounds.map(sound => placed(sound, total, { kind: sound.kind })));
    find('lane-lines').replaceChildren(...lines.map(line => placed(line, total, { kind: line.source })));
}

function drawScenes() {
    const list = find('scenes'), home = `media/${known.session}/`;
    list.replaceChildren(...known.read.scenes.map((scene, at) => {
        const button = make('button', { type: 'button', 'data-time': scene.start, 'aria-label': `Scene ${at + 1} at ${clock(scene.start)}: ${scene.words}` });
        if (scene.picture) button.append(make('img', { src: home + scene.picture, alt: '', loading: 'lazy' }));
        button.append(make('b', {}, `${clock(scene.start)}`), make('small', {}, scene.words));
        return make('li', {}, button);
    }));
}

/** The time under the pointer. */
const timeAt = event => {
    const box = find('timeline').getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration();
};

function hoverAt(event) {
    const hover = find('hover'), time = timeAt(event), scene = known.read.scenes[lastBegun(known.read.scenes, time)];
    if (!duration()) return;
    hover.hidden = false;
    hover.style.left = `${100 * time / duration()}%`;
    const picture = scene?.picture ? `media/${known.session}/${scene.picture}` : '';
    if (hover.dataset.picture !== picture) {
        hover.dataset.picture = picture;
        hover.replaceChildren(...(picture ? [make('img', { src: picture, alt: '' })] : []), make('b'));
    }
    hover.lastChild.textContent = clock(time);
}

find('timeline').addEventListener('pointermove', hoverAt);
find('timeline').addEventListener('pointerleave', () => { find('hover').hidden = true; });
find('timeline').addEventListener('pointerdown', event => {
    find('timeline').setPointerCapture(event.pointerId);
    seek(timeAt(event));
});
find('timeline').addEventListener('keydown', event => {
    const step = { ArrowLeft: -5, ArrowRight: 5, PageUp: 30, PageDown: -30 }[event.key];
    if (event.key === ' ') { event.preventDefault(); video().paused ? video().play() : video().pause(); }
    else if (step) { event.preventDefault(); seek(playing() + step); }
});
