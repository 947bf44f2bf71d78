// What is heard beside the song, and what a hand taps: the click on the beats, and the tempo of taps.

const AHEAD = .18;         // seconds a click is handed to the sound card before it is due
const TAPS = 4;            // fewer say too little
const TAP_PAUSE = 2000;    // milliseconds after which tapping starts anew

/** A click on every beat, on the sound card's own clock: a timer would be off by more than an ear forgives. */
class Metronome {
    on = false;
    pending = [];
    offsets = [];

    constructor(audio) { this.audio = audio; }

    toggle() {
        this.on = !this.on;
        if (this.on) {
            this.context ??= new AudioContext({ latencyHint: 'interactive' });
            this.context.resume();
        }
        this.restart();
    }

    /** After play, pause, a seek or another tempo: what was handed over is taken back. */
    restart() {
        for (const sound of this.pending) sound.stop();
        clearInterval(this.timer);
        this.pending = [];
        this.offsets = [];
        this.next = null;
        if (this.on && !this.audio().paused) this.timer = setInterval(() => this.schedule(), 40);
    }

    close() {
        this.on = false;
        this.restart();
        this.context?.close();
    }

    /** Context time at which song time 0 is heard. Both clocks are read as they leave the loudspeaker: the element's
     *  already is, the context's comes with its own time stamp. The median takes out the unevenness of single readings. */
    zero() {
        const stamp = this.context.getOutputTimestamp();
        const heard = stamp.performanceTime
            ? stamp.contextTime + (performance.now() - stamp.performanceTime) / 1000
            : this.context.currentTime - (this.context.outputLatency || 0);
        this.offsets.push(heard - this.audio().currentTime);
        if (this.offsets.length > 15) this.offsets.shift();
        return [...this.offsets].sort((a, b) => a - b)[this.offsets.length >> 1];
    }

    schedule() {
        const audio = this.audio(), zero = this.zero();
        if (this.offsets.length < 3 || audio.seeking || audio.readyState < 3) return;
        const now = audio.currentTime;
        this.next ??= lastBefore(this.beats, now + .01) + 1;
        while (this.next < this.beats.length && this.beats[this.next] < now + AHEAD) {
            const time = this.beats[this.next++], due = zero + time;
            if (due > this.context.currentTime) this.sound(due, this.strong.has(time));
        }
        this.pending = this.pending.filter(sound => sound.until > this.context.currentTime);
    }

    sound(due, strong) {
        const tone = this.context.createOscillator(), gain = this.context.createGain();
        tone.frequency.value = strong ? 1760 : 1175;
        gain.gain.setValueAtTime(strong ? .5 : .32, due);
        gain.gain.exponentialRampToValueAtTime(.001, due + .045);
        tone.connect(gain).connect(this.context.destination);
        tone.start(due);
        tone.stop(tone.until = due + .05);
        this.pending.push(tone);
    }
}

/** Beats a minute from the moments of taps; `report(tempo, count, done)` after each tap, and once after the pause. */
class Taps {
    times = [];

    constructor(report) { this.report = report; }

    /** `stamp` in milliseconds, as an event carries it: when the finger came down, not when the page got round to it. */
    tap(stamp) {
        if (this.times.length && stamp - this.times.at(-1) > TAP_PAUSE) this.times = [];
        this.times.push(stamp);
        this.report(this.tempo, this.times.length, false);
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
            const tempo = this.tempo, count = this.times.length;
            this.times = [];
            this.report(tempo, count, true);
        }, TAP_PAUSE);
    }

    /** null until there are enough taps. */
    get tempo() {
        if (this.times.length < TAPS) return null;
        const last = this.times.slice(-13);
        const gaps = last.slice(1).map((time, i) => time - last[i]).sort((a, b) => a - b), half = gaps.length >> 1;
        const median = gaps.length % 2 ? gaps[half] : (gaps[half - 1] + gaps[half]) / 2;
        return Math.round(600000 / median) / 10;
    }
}
