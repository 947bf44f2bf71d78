// The picture of the song: waveform, bands, ticks and markers over a window of time that can be zoomed.

const FINEST_SPAN = 6;   // seconds across the whole width at the closest zoom
const RULER = 17;        // pixels below the waveform for bars and beats
const MARKER = 25;       // pixels a moment's marker needs to be hit with a finger

const find = name => element.querySelector('.ks-sp-' + name);
const clockOf = (seconds, tenths = true) => {
    const t = Math.floor(Math.max(0, seconds) * 10 + 1e-6);
    const whole = `${Math.floor(t / 600)}:${String(Math.floor(t / 10) % 60).padStart(2, '0')}`;
    return tenths ? `${whole}.${t % 10}` : whole;
};
/** Index of the last of `times` (ascending) at or before `time`; -1 before the first. */
const lastBefore = (times, time) => {
    let low = 0, high = times.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (times[middle] <= time + 1e-4) low = middle + 1; else high = middle;
    }
    return low - 1;
};
const bytesOf = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));

class Wave {
    zoom = 1;
    start = 0;

    load(view) {
        this.view = view;
        this.columns = view.wave && { step: view.wave.step, rms: bytesOf(view.wave.rms), peak: bytesOf(view.wave.peak) };
        this.zoom = Math.min(this.zoom, this.closest);
        this.starts = view.sections.map(section => section.start);
        this.pan(this.start);
    }

    get closest() { return Math.max(1, this.view.duration / FINEST_SPAN); }
    get span() { return this.view.duration / this.zoom || 1; }
    get width() { return find('track').clientWidth; }

    x(time) { return (time - this.start) / this.span * this.width; }
    time(x) { return Math.min(this.view.duration, Math.max(0, this.start + x / this.width * this.span)); }
    sees(time) { return time >= this.start && time <= this.start + this.span; }

    pan(start) { this.start = Math.min(Math.max(0, start), Math.max(0, this.view.duration - this.span)); }

    /** Zooms so that `time` stays where it is on the screen, or comes to the middle when it was outside. */
    zoomBy(factor, time) {
        const at = this.sees(time) ? (time - this.start) / this.span : .5;
        this.zoom = Math.min(this.closest, Math.max(1, this.zoom * factor));
        this.pan(time - at * this.span);
        this.draw();
    }

    /** Turns the page when the playhead leaves it. */
    follow(time) {
        if (this.sees(time)) return;
        this.pan(time - .1 * this.span);
        this.draw();
    }

    draw() {
        const track = find('track');
        if (!track || !track.clientWidth) return;
        this.placeBands();
        this.placeMarkers();
        for (const [name, strong] of [['rest', false], ['played', true]]) this.paint(find(name), strong);
        find('wave').dataset.zoom = this.zoom.toFixed(2);
        element.querySelector('[data-do=out]').disabled = this.zoom <= 1;
        element.querySelector('[data-do=in]').disabled = this.zoom >= this.closest * .999;
    }

    placeBands() {
        element.querySelectorAll('.ks-sp-bands li').forEach((band, i) => {
            const { start, end } = this.view.sections[i];
            const left = Math.max(0, this.x(start)), right = Math.min(this.width, this.x(end));
            band.style.cssText = `left:${left}px;width:${Math.max(0, right - left - 1)}px`;
            band.hidden = right - left < 2;
        });
    }

    /** Markers stand at their moments, pushed apart where they would cover each other; stems lead to the true time. */
    placeMarkers() {
        const markers = [...element.querySelectorAll('[data-moment]')];
        const seen = markers.filter((marker, i) => {
            const inside = this.sees(this.view.moments[i].time);
            marker.parentElement.hidden = !inside;
            return inside;
        });
        const half = MARKER / 2, true_ = seen.map(m => this.x(this.view.moments[m.dataset.moment].time));
        const at = true_.map(x => Math.max(half, x));
        for (let i = 1; i < at.length; i++) at[i] = Math.max(at[i], at[i - 1] + MARKER);
        let limit = this.width - half;
        for (let i = at.length - 1; i >= 0; i--, limit -= MARKER) at[i] = Math.min(at[i], limit);
        seen.forEach((marker, i) => { marker.parentElement.style.left = `${at[i]}px`; });
        this.stems = at.map((x, i) => [x, true_[i]]);
    }

    paint(canvas, strong) {
        const ratio = window.devicePixelRatio || 1, width = this.width, height = find('track').clientHeight;
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
        const pen = canvas.getContext('2d'), style = getComputedStyle(find('track'));
        const colour = name => style.getPropertyValue(name).trim();
        pen.scale(ratio, ratio);
        pen.clearRect(0, 0, width, height);
        const tones = [...element.querySelectorAll('.ks-sp-bands li')]
            .map(band => getComputedStyle(band).getPropertyValue('--tone').trim());
        if (!strong) this.paintBands(pen, tones, height - RULER);
        this.paintSound(pen, tones, height - RULER, strong, colour('--ks-sp-plain'));
        if (!strong) {
            this.paintStems(pen, height - RULER, colour('--ks-ink'));
            this.paintRuler(pen, height, colour('--ks-soft'), colour('--ks-ink'));
        }
    }

    paintBands(pen, tones, height) {
        this.view.sections.forEach(({ start, end }, i) => {
            const left = this.x(start), right = this.x(end);
            pen.globalAlpha = .1;
            pen.fillStyle = tones[i];
            pen.fillRect(left, 0, right - left - 1, height);
        });
        pen.globalAlpha = 1;
    }

    /** Bars of two pixels: the peak lightly, the loudness (root mean square) fully. */
    paintSound(pen, tones, height, strong, plain) {
        if (!this.columns) return;
        const { step, rms, peak } = this.columns, middle = height / 2, pitch = 3;
        for (let x = 0; x < this.width; x += pitch) {
            const from = Math.floor(this.time(x) / step);
            const to = Math.min(peak.length, Math.max(from + 1, Math.round(this.time(x + pitch) / step)));
            let high = 0, power = 0;
            for (let i = from; i < to; i++) { high = Math.max(high, peak[i]); power += rms[i] * rms[i]; }
            const tall = Math.max(1, high / 255 * (height - 10)), body = Math.sqrt(power / Math.max(1, to - from));
            const dense = Math.max(1, body / 255 * (height - 10));
            pen.fillStyle = tones[lastBefore(this.starts, this.time(x + 1))] || plain;
            pen.globalAlpha = strong ? .5 : .28;
            pen.fillRect(x, middle - tall / 2, 2, tall);
            pen.globalAlpha = strong ? 1 : .42;
            pen.fillRect(x, middle - dense / 2, 2, dense);
        }
        pen.globalAlpha = 1;
    }

    paintStems(pen, height, ink) {
        pen.strokeStyle = ink;
        pen.lineWidth = 1;
        for (const [marker, x] of this.stems) {
            const sharp = Math.min(this.width - .5, Math.round(x) + .5);
            pen.globalAlpha = .55;
            pen.beginPath();
            pen.moveTo(marker, 0);
            pen.lineTo(sharp, 7);
            pen.lineTo(sharp, height);
            pen.stroke();
        }
        pen.globalAlpha = 1;
    }

    /** Only as many bars and beats as stay apart from each other: bars from 7 pixels on, beats from 10. */
    paintRuler(pen, height, soft, ink) {
        const { beats, downbeats } = this.view, top = height - RULER + 3;
        const apart = times => times.length < 2 ? Infinity
            : (times.at(-1) - times[0]) / (times.length - 1) / this.span * this.width;
        const bar = apart(downbeats), beat = apart(beats);
        const every = least => 2 ** Math.max(0, Math.ceil(Math.log2(least / bar)));
        const tick = (time, from, long) => pen.fillRect(Math.round(this.x(time)), from, 1, long);
        if (beat >= 10) {
            pen.fillStyle = soft;
            for (const time of beats) if (this.sees(time)) {
                tick(time, top, 4);
                if (beat < 22) continue;
                pen.globalAlpha = .22;
                tick(time, 0, top - 3);
                pen.globalAlpha = 1;
            }
        }
        const drawn = every(7), numbered = every(44);
        pen.font = `10px ${getComputedStyle(element).fontFamily}`;
        pen.textBaseline = 'bottom';
        downbeats.forEach((time, i) => {
            if (i % drawn || !this.sees(time)) return;
            const labelled = i % numbered === 0;
            pen.fillStyle = labelled ? ink : soft;
            tick(time, top, labelled ? 13 : 8);
            if (beat >= 22) { pen.globalAlpha = .4; tick(time, 0, top - 3); pen.globalAlpha = 1; }
            pen.fillStyle = soft;
            if (labelled && this.x(time) < this.width - 18) pen.fillText(String(i + 1), Math.round(this.x(time)) + 4, height);
        });
    }
}
