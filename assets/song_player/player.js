// The player itself. Gradio replaces the markup's parts on every update and keeps this script running; the sound lives
// here and not in the markup, and plays on for as long as the song's address stays the same.

const wave = new Wave(), slides = new Slides();
const metronome = new Metronome(() => audio);
let view = null, audio = new Audio(), address = null, hovered = null;

const root = () => element.querySelector('.ks-sp');
const say = words => { find('said').textContent = words; };
const put = (node, words) => { if (node && node.textContent !== words) node.textContent = words; };

// ---- what the page says ----

function refresh() {
    const text = root()?.dataset.view;
    if (!text) {
        view = null;
        return sound('');
    }
    view = JSON.parse(text);
    sound(view.audio);
    if (!view.duration && audio.duration) measured();
    metronome.beats = view.beats;
    metronome.strong = new Set(view.downbeats);
    metronome.restart();
    hovered = null;
    wave.load(view);
    slides.load(view);
    const field = element.querySelector('.ks-sp-field input');
    if (field && field !== document.activeElement) field.value = field.getAttribute('value') ?? '';
    wave.draw();
    sizes.disconnect();
    sizes.observe(find('track'));
    state();
    show();
}

/** Before the song was listened to, its length is the player's own reading. */
function measured() {
    if (!view || view.duration || !Number.isFinite(audio.duration)) return;
    view.duration = audio.duration;
    put(find('total'), clockOf(audio.duration, false));
    find('track').setAttribute('aria-valuemax', audio.duration);
    wave.load(view);
}

function sound(wanted) {
    if (wanted === address) return;
    address = wanted;
    audio.pause();
    audio.removeAttribute('src');
    if (!wanted) return;
    audio = new Audio();
    audio.preload = 'auto';
    for (const name of ['play', 'pause', 'ended', 'seeked', 'playing']) audio.addEventListener(name, moved);
    audio.addEventListener('loadedmetadata', measured);
    audio.addEventListener('error', event => event.target === audio && say('This browser cannot play the song.'));
    audio.src = wanted;
}

function moved(event) {
    if (event.target !== audio || !view) return;
    metronome.restart();
    state();
    if (event.type === 'play') {
        window.dispatchEvent(new CustomEvent('ks-sp-plays', { detail: element }));
        for (const other of document.querySelectorAll('video')) if (!other.muted) other.pause();
        requestAnimationFrame(frame);
    } else show();
}

function state() {
    const playing = !audio.paused, play = element.querySelector('[data-do=play]');
    root().toggleAttribute('data-playing', playing);
    root().toggleAttribute('data-started', playing || audio.currentTime > 0);
    play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
    play.title = playing ? 'Pause' : 'Play';
    element.querySelector('[data-do=click]').setAttribute('aria-pressed', metronome.on);
}

function frame() {
    if (!element.isConnected) return close();
    if (!root()) return;
    show();
    if (!audio.paused) requestAnimationFrame(frame);
}

function close() {
    audio.pause();
    metronome.close();
    for (const observer of [sizes, themes, ...contents]) observer.disconnect();
    window.removeEventListener('ks-sp-plays', elsewhere);
    document.removeEventListener('play', film, true);
}

/** Everything that follows the playhead. */
function show() {
    const time = audio.currentTime, track = find('track');
    if (!audio.paused && !audio.seeking) wave.follow(time);
    const x = Math.min(wave.width, Math.max(0, wave.x(time)));
    find('playhead').style.transform = `translateX(${x}px)`;
    find('playhead').style.visibility = wave.sees(time) ? 'visible' : 'hidden';
    find('played').style.clipPath = `inset(0 ${wave.width - x}px 0 0)`;
    put(find('now'), clockOf(time));
    slides.show(time);
    const section = view.sections[lastBefore(wave.starts, time)], bar = lastBefore(view.downbeats, time) + 1;
    const here = [section?.label, bar ? `bar ${bar}` : ''].filter(Boolean).join(', ');
    put(find('here'), here);
    const now = `${clockOf(time, false)} of ${clockOf(view.duration, false)}${here && ', ' + here}`;
    // Not on every frame: assistive technology would have to follow.
    if (audio.paused || track.getAttribute('aria-valuetext') !== now) {
        track.setAttribute('aria-valuenow', time.toFixed(2));
        track.setAttribute('aria-valuetext', now);
    }
    pulse(time);
    describe(time);
}

function pulse(time) {
    const beat = lastBefore(view.beats, time), bar = lastBefore(view.downbeats, time);
    const first = bar < 0 ? 0 : lastBefore(view.beats, view.downbeats[bar]);
    const lit = audio.paused || beat < 0 ? -1 : beat - first;
    element.querySelectorAll('.ks-sp-pulse i').forEach((dot, i) => dot.toggleAttribute('data-lit', i === lit));
}

/** The director's words of the moment under the pointer, else of the one that is playing. */
function describe(time) {
    const playing = lastBefore(view.moments.map(moment => moment.time), time), k = hovered ?? playing;
    const moment = view.moments[k];
    put(find('words'), moment ? `${k + 1}  ${clockOf(moment.time)}  ${moment.words}` : '');
    element.querySelectorAll('[data-moment]').forEach((marker, i) => {
        if (i === playing) marker.setAttribute('aria-current', 'true'); else marker.removeAttribute('aria-current');
    });
}

// ---- what a person does ----

async function toggle() {
    if (!audio.paused) return audio.pause();
    try {
        await audio.play();
    } catch (error) {
        // A pause that comes while the sound still loads is no fault.
        if (error.name !== 'AbortError') say(`The song cannot be played: ${error.message}`);
    }
}

function seek(time) {
    audio.currentTime = Math.min(Math.max(0, time), Math.max(0, view.duration - .01));
    wave.follow(audio.currentTime);
    show();
}

/** To the next or the last of `times`; without any, `step` seconds. */
function stride(times, direction, step) {
    const now = audio.currentTime;
    if (times.length < 2) return seek(now + direction * step);
    // Going back while playing, the point just passed is skipped, or nobody would ever get before it.
    const k = direction > 0 ? lastBefore(times, now + .01) + 1 : lastBefore(times, now - (audio.paused ? .01 : .3));
    seek(times[k] ?? (direction > 0 ? view.duration : 0));
}

function choose(tempo) {
    say(tempo === null ? 'Listening again for the tempo' : `Setting the tempo to ${tempo.toFixed(1)} BPM`);
    trigger('tempo', { tempo });
}

function typed(field) {
    if (field.value === field.getAttribute('value')) return;
    if (!field.value || !field.checkValidity()) {
        field.setAttribute('aria-invalid', 'true');
        return say(`Type a tempo from ${field.min} to ${field.max} beats a minute`);
    }
    field.removeAttribute('aria-invalid');
    choose(Number(field.value));
}

const taps = new Taps((tempo, count, done) => {
    const fits = tempo >= 20 && tempo <= 400;
    if (!done) return say(tempo ? `Tapped ${tempo.toFixed(1)} BPM (${count} taps)` : `Tap on: ${count} of ${TAPS}`);
    if (tempo && fits) choose(tempo);
    else say(tempo ? 'That was too fast or too slow to be a tempo' : '');
});

const actions = {
    play: toggle,
    click() { metronome.toggle(); state(); },
    in() { wave.zoomBy(2, audio.currentTime); show(); },
    out() { wave.zoomBy(.5, audio.currentTime); show(); },
    set: button => choose(Number(button.dataset.tempo)),
    heard: () => choose(null),
    widen: () => document.fullscreenElement ? document.exitFullscreen() : find('stage').requestFullscreen(),
    // A finger is counted when it comes down, below; what comes here without one is a key or a screen reader.
    tap: (_, event) => { if (event.detail === 0) taps.tap(event.timeStamp); },
};

element.addEventListener('click', event => {
    const button = event.target.closest('[data-do]'), marker = event.target.closest('[data-moment]');
    const band = event.target.closest('.ks-sp-bands li');
    if (button) actions[button.dataset.do](button, event);
    else if (marker) seek(view.moments[marker.dataset.moment].time);
    else if (band) seek(view.sections[[...band.parentElement.children].indexOf(band)].start);
    else if (event.target.closest('.ks-sp-stage')) toggle();
});

element.addEventListener('change', event => { if (event.target.matches('.ks-sp-field input')) typed(event.target); });

element.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !view || event.target.matches('input')) return;
    const direction = { ArrowLeft: -1, ArrowDown: -1, PageUp: -1, ArrowRight: 1, ArrowUp: 1, PageDown: 1 }[event.key];
    if (event.key === ' ') { if (event.target.closest('button')) return; toggle(); }
    else if (event.key.startsWith('Page')) stride(wave.starts, direction, 10);
    else if (direction) event.shiftKey ? stride(view.beats, direction, .5) : stride(view.downbeats, direction, 2);
    else if (event.key === 'Home') seek(0);
    else if (event.key === 'End') seek(view.duration);
    else if (view.moments[event.key - 1]) seek(view.moments[event.key - 1].time);
    else if (event.key === 't' && !event.repeat && find('tap')) taps.tap(event.timeStamp);
    else return;
    event.preventDefault();
});

const within = event => event.clientX - find('track').getBoundingClientRect().left;

element.addEventListener('pointerdown', event => {
    if (event.button || !view) return;
    if (event.target.closest('[data-do=tap]')) return taps.tap(event.timeStamp);
    const track = event.target.closest('.ks-sp-track');
    if (!track) return;
    track.setPointerCapture(event.pointerId);
    seek(wave.time(within(event)));
});

element.addEventListener('pointermove', event => {
    const track = event.target.closest('.ks-sp-track');
    if (!track || !view) return;
    const x = Math.min(wave.width, Math.max(0, within(event))), ghost = find('ghost');
    ghost.style.transform = `translateX(${x}px)`;
    ghost.dataset.time = clockOf(wave.time(x));
    ghost.toggleAttribute('data-left', x > wave.width - 60);
    if (track.hasPointerCapture(event.pointerId)) seek(wave.time(x));
});

// A pinch on a touchpad arrives as a wheel with Ctrl; a wheel alone belongs to the page.
element.addEventListener('wheel', event => {
    if (!event.target.closest('.ks-sp-wave') || !view) return;
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey) wave.zoomBy(2 ** (-event.deltaY / 120), wave.time(within(event)));
    else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        wave.pan(wave.start + sideways / wave.width * wave.span);
        wave.draw();
    } else return;
    event.preventDefault();
    show();
}, { passive: false });

for (const [name, inside] of [['pointerover', true], ['focusin', true], ['pointerout', false], ['focusout', false]])
    element.addEventListener(name, event => {
        const marker = event.target.closest('[data-moment]');
        if (!marker || !view) return;
        hovered = inside ? Number(marker.dataset.moment) : null;
        describe(audio.currentTime);
    });

// One sound at a time: another song, or a film that is not muted.
function elsewhere(event) { if (event.detail !== element) audio.pause(); }
function film(event) { if (!event.target.muted) audio.pause(); }
window.addEventListener('ks-sp-plays', elsewhere);
document.addEventListener('play', film, true);

const sizes = new ResizeObserver(() => { if (view && root()) { wave.draw(); show(); } });
const themes = new MutationObserver(() => { if (view && root()) wave.draw(); });
themes.observe(document.body, { attributes: true, attributeFilter: ['class'] });
themes.observe(document.documentElement, { attributes: true, attributeFilter: ['class'] });
// Two, because the player's own words come and go below the element, and must not start a refresh.
const contents = [new MutationObserver(refresh), new MutationObserver(refresh)];
contents[0].observe(element, { childList: true });
contents[1].observe(element, { subtree: true, attributes: true, attributeFilter: ['data-view'] });
refresh();
