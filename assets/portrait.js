// What was found in the photo: a face is chosen by its number; without one, or by wish, the mouth is drawn with the pointer.
const MIN = 0.01;
let from = null, box = null;
const stage = () => element.querySelector('.ks-portrait');
const at = event => {
    const frame = stage().getBoundingClientRect();
    const clip = value => Math.min(1, Math.max(0, value));
    return [clip((event.clientX - frame.left) / frame.width), clip((event.clientY - frame.top) / frame.height)];
};
const draw = () => {
    const mark = element.querySelector('.ks-mouth');
    mark.hidden = false;
    mark.style.cssText = `left:${100 * box[0]}%;top:${100 * box[1]}%;width:${100 * box[2]}%;height:${100 * box[3]}%`;
};
element.addEventListener('click', event => {
    const face = event.target.closest('[data-face]');
    if (face) trigger('face', { face: Number(face.dataset.face) });
    const act = event.target.closest('[data-act]');
    if (!act) return;
    if (act.dataset.act === 'mouth') stage().toggleAttribute('data-drawing');
    if (act.dataset.act === 'no-mouth') trigger('mouth', { box: null });
});
element.addEventListener('pointerdown', event => {
    if (!stage() || !stage().hasAttribute('data-drawing') || !event.target.closest('.ks-portrait')) return;
    event.preventDefault();
    from = at(event);
    element.setPointerCapture(event.pointerId);
});
element.addEventListener('pointermove', event => {
    if (!from) return;
    const to = at(event);
    box = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
    draw();
});
element.addEventListener('pointerup', () => {
    if (from && box && box[2] > MIN && box[3] > MIN) trigger('mouth', { box });
    from = box = null;
});
