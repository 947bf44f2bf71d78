// The voices as radio cards. The value is {chosen, voices: [...]}; what is chosen is the person's, the rest comes from the studio.
const list = element.querySelector('.ks-voices');
const text = (tag, words, css) => { const e = document.createElement(tag); e.textContent = words; if (css) e.className = css; return e; };
const button = (label, act, id) => {
    const e = text('button', label);
    e.type = 'button';
    e.onclick = event => { event.preventDefault(); trigger(act, { voice: id }); };
    return e;
};
const card = voice => {
    const label = document.createElement('label');
    label.className = 'ks-voice';
    const radio = document.createElement('input');
    Object.assign(radio, { type: 'radio', name: 'ks-voice', value: voice.id, checked: voice.id === props.value.chosen, disabled: !!voice.damaged });
    const about = document.createElement('span');
    about.append(text('b', voice.name), text('small', voice.damaged || voice.words));
    label.append(radio, about);
    if (voice.sound) {
        const play = button('Play', 'none', voice.id);
        play.onclick = event => {
            event.preventDefault();
            const sound = element.querySelector('audio');
            if (!sound.paused && sound.dataset.of === voice.id) return sound.pause();
            sound.dataset.of = voice.id;
            sound.src = voice.sound;
            sound.play();
        };
        label.append(play);
    }
    if (voice.own) {
        const rename = button('Rename', 'none', voice.id);
        rename.onclick = event => {
            event.preventDefault();
            const name = prompt('The new name of this voice', voice.name);
            if (name && name.trim()) trigger('rename', { voice: voice.id, name });
        };
        const words = button('Words', 'none', voice.id);
        words.title = 'What the recording says';
        words.onclick = event => {
            event.preventDefault();
            const said = prompt('What the recording says' + (voice.draft ? ' (drafted by a recogniser; please correct it)' : ''), voice.transcript);
            if (said !== null) trigger('words', { voice: voice.id, transcript: said });
        };
        const remove = button('Delete', 'none', voice.id);
        remove.onclick = event => {
            event.preventDefault();
            if (confirm(`Delete the voice "${voice.name}"? This can't be undone.`)) trigger('remove', { voice: voice.id });
        };
        const save = text('a', 'Export');
        save.href = voice.archive;
        save.download = voice.file;
        label.append(words, rename, save, remove);
    }
    return label;
};
const show = () => list.replaceChildren(...((props.value || {}).voices || []).map(card));
element.addEventListener('change', event => {
    if (event.target.name !== 'ks-voice') return;
    props.value = { ...props.value, chosen: event.target.value };
    trigger('picked', {});
});
watch('value', show);
show();
