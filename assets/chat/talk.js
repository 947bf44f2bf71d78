// The conversation: a time plays the video there, a suggested question is asked; the newest answer stays in sight.
element.addEventListener('click', event => {
    const cited = event.target.closest('[data-time]'), asked = event.target.closest('[data-ask]');
    if (cited) {
        const { time, video } = cited.dataset;
        window.dispatchEvent(new CustomEvent('ks-seek', { detail: { time: Number(time), video: Number(video) } }));
    } else if (asked) trigger('ask', { question: asked.dataset.ask });
});
const box = () => document.querySelector('#chat-talk-box');
let turns = 0;
const newest = new MutationObserver(() => {
    const now = document.querySelectorAll('#chat-talk-box .ks-turn').length, answering = document.querySelector('.ks-pending');
    if (box() && (now !== turns || answering)) box().scrollTop = box().scrollHeight;
    turns = now;
});
newest.observe(element.closest('#chat-talk-box') || element, { childList: true, subtree: true, characterData: true });
