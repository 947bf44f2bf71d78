// The pictures in time with the song. All follows from the playhead, so that a seek shows what playing would have shown.

const FADE = .35;   // seconds of cross-fade; less where pictures follow each other fast

class Slides {
    load(view) {
        this.times = view.slides.map(slide => slide.time);
        this.captions = view.slides.map(slide => slide.caption);
        this.end = view.duration;
        this.shown = null;
    }

    get calm() { return matchMedia('(prefers-reduced-motion: reduce)').matches; }

    show(time) {
        if (!this.times.length) return;
        const k = Math.max(0, lastBefore(this.times, time)), pictures = find('pictures').children;
        const until = this.times[k + 1] ?? Math.max(this.end, this.times[k] + 1), length = until - this.times[k];
        const fade = this.calm ? 0 : Math.min(FADE, length / 4);
        const arrived = !k || !fade ? 1 : Math.min(1, (time - this.times[k]) / fade);
        [...pictures].forEach((picture, i) => {
            const seen = i === k || (i === k - 1 && arrived < 1);
            picture.style.visibility = seen ? 'visible' : 'hidden';
            if (!seen) return;
            picture.style.opacity = i === k ? arrived : 1;
            picture.style.transform = this.drift(i, time);
        });
        if (this.shown === k) return;
        this.shown = k;
        find('stage').dataset.slide = k + 1;
        find('caption').textContent = this.captions[k];
    }

    /** A slow move into or out of the picture, to another side each time. */
    drift(i, time) {
        if (this.calm) return 'none';
        const until = this.times[i + 1] ?? this.end, far = (time - this.times[i]) / Math.max(1, until - this.times[i]);
        const way = Math.min(1.2, Math.max(0, far)), scale = i % 2 ? 1.11 - .07 * way : 1.03 + .08 * way;
        const angle = i * 2.4, reach = 1.4 * (way - .5);
        return `scale(${scale.toFixed(4)}) translate(${(Math.cos(angle) * reach).toFixed(3)}%, ${(Math.sin(angle) * reach).toFixed(3)}%)`;
    }
}
