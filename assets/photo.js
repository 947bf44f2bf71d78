// The photo of a message: added by choosing, dropping or pasting; its file is the component's value, {path, url, name}.
const add = element.querySelector('.ks-photo-add');
const input = add.querySelector('input');
const said = element.querySelector('.ks-photo-said');
const show = () => {
    const photo = props.value && props.value.path ? props.value : null;
    add.dataset.filled = photo ? 'yes' : 'no';
    add.querySelector('span').textContent = photo ? photo.name || 'The photo' : 'A selfie, a drawing, a pet, or a face video';
    add.querySelector('b').textContent = photo ? 'Choose another' : 'Choose a photo';
};
const take = async files => {
    if (!files.length) return;
    add.classList.add('ks-busy');
    said.hidden = true;
    try {
        const { path, url } = await upload(files[0]);
        props.value = { path, url, name: files[0].name };
        show();
        trigger('chosen', {});
    } catch (error) {
        said.textContent = 'The file could not be uploaded: ' + String(error && error.message || error);
        said.hidden = false;
    } finally {
        add.classList.remove('ks-busy');
    }
};
input.addEventListener('change', () => { take(input.files).then(() => { input.value = ''; }); });
element.addEventListener('dragover', event => { event.preventDefault(); add.classList.add('ks-over'); });
element.addEventListener('dragleave', () => add.classList.remove('ks-over'));
element.addEventListener('drop', event => { event.preventDefault(); add.classList.remove('ks-over'); take(event.dataTransfer.files); });
element.addEventListener('paste', event => { if (event.clipboardData.files.length) take(event.clipboardData.files); });
watch('value', show);
show();
