// A video is added by choosing or dropping it; how much of it has arrived is shown. Says too when the room is entered.
const field = element.querySelector('input'), bar = element.querySelector('progress'), said = element.querySelector('p');

/** Sends the file to where the page's uploads go; resolves to its path there. */
const send = file => new Promise((done, failed) => {
    const request = new XMLHttpRequest(), form = new FormData();
    form.append('files', file);
    request.open('POST', 'gradio_api/upload');
    request.upload.addEventListener('progress', event => {
        if (event.lengthComputable) bar.value = 100 * event.loaded / event.total;
    });
    request.addEventListener('load', () => {
        if (request.status === 200) return done(JSON.parse(request.responseText)[0]);
        failed(new Error(request.status === 413 ? 'it is larger than an upload may be' : `the studio answered ${request.status}`));
    });
    request.addEventListener('error', () => failed(new Error('the connection broke off')));
    request.send(form);
});

const take = async files => {
    for (const file of files) {
        bar.hidden = false;
        bar.value = 0;
        said.hidden = true;
        element.firstElementChild.classList.add('ks-busy');
        try {
            trigger('added', { path: await send(file) });
        } catch (error) {
            said.textContent = `${file.name} could not be uploaded: ${error.message}.`;
            said.hidden = false;
        } finally {
            bar.hidden = true;
            element.firstElementChild.classList.remove('ks-busy');
        }
    }
};
field.addEventListener('change', () => { const files = [...field.files]; field.value = ''; take(files); });
const room = element.closest('#room-chat') || element;
room.addEventListener('dragover', event => { event.preventDefault(); room.classList.add('ks-over'); });
room.addEventListener('dragleave', event => { if (!room.contains(event.relatedTarget)) room.classList.remove('ks-over'); });
room.addEventListener('drop', event => {
    event.preventDefault();
    room.classList.remove('ks-over');
    take([...event.dataTransfer.files]);
});
let inside = false;
const look = () => {
    if (!element.isConnected) return window.removeEventListener('hashchange', look);
    const now = document.body.dataset.room === 'chat';
    if (now && !inside) setTimeout(() => trigger('entered', {}), 400);
    inside = now;
};
window.addEventListener('hashchange', () => setTimeout(look));
setTimeout(look, 1200);
// "Ask about it" of the other rooms.
document.addEventListener('click', event => {
    const about = event.target.closest('[data-about]');
    if (!about) return;
    event.preventDefault();
    trigger('about', { project: about.dataset.about, file: about.dataset.file });
    location.hash = '#chat';
});
