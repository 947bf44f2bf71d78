// The conversation: a time plays the video there, a suggested question is asked; the newest answer stays in sight.
element.addEventListener('click', event => {
    const cited = event.target.closest('[data-time]'), asked = event.target.closest('[data-ask]');
    if (cited) {
        const { time, video } = cited.dataset;
        window.dispatchEvent(new CustomEvent('ks-seek', { detail: { time: Number(time), video: Number(video) } }));
    } else if (asked) trigger('ask', { question: asked.dataset.ask });
});
const box = () => document.querySelector('#chat-talk-box');
let turns = 0, awaited = false;
const newest = new MutationObserver(() => {
    const now = document.querySelectorAll('#chat-talk-box .ks-turn').length, answering = document.querySelector('.ks-pending');
    if (box() && (now !== turns || answering)) {
        box().scrollTop = box().scrollHeight;
        // On a phone the conversation may lie below what is seen while the question's field stays in sight.
        if (awaited) box().scrollIntoView({ block: 'nearest', behavior: 'smooth' });
        awaited = awaited && Boolean(answering);
    }
    turns = now;
});
newest.observe(element.closest('#chat-talk-box') || element, { childList: true, subtree: true, characterData: true });

addEventListener('click', event => { if (event.target.closest('#chat-send, [data-ask]')) awaited = true; });
addEventListener('keydown', event => { if (event.key === 'Enter' && event.target.closest('#chat-question')) awaited = true; });

/** Beside its time: above where there is room, else below, and never over the window's edge. */
const place = event => {
    const cite = event.target.closest && event.target.closest('.ks-cite'), card = cite && cite.querySelector('.ks-cite-card');
    if (!card) return;
    requestAnimationFrame(() => {
        const mark = cite.getBoundingClientRect(), box = card.getBoundingClientRect();
        const above = mark.top - box.height - 6;
        card.style.left = `${Math.max(8, Math.min(mark.left, innerWidth - box.width - 8))}px`;
        card.style.top = `${above > 8 ? above : Math.min(mark.bottom + 6, innerHeight - box.height - 8)}px`;
    });
};
for (const name of ['pointerover', 'focusin']) element.addEventListener(name, place);
// On a phone a tap shows the card and plays the moment; scrolling takes the card away.
addEventListener('scroll', () => {
    if (document.activeElement && document.activeElement.closest('.ks-cite')) document.activeElement.blur();
}, { passive: true });
