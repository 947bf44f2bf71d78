"""One window of up to 30 s heard by Whisper: its words, and how far they may be trusted."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.cancellation import CancelToken
from studio.engines.hearing.activity import RATE
from studio.engines.loading import pretrained
from studio.engines.transcript.whisper_alignment import bounded, token_times, word_groups
from studio.errors import LoadFailed

if TYPE_CHECKING:
    import torch

WINDOW_SECONDS = 30.0
_HOP = 160
TEMPERATURES = (0.0, 0.4, 0.8)
"""Tried in turn while what is heard looks made up."""

REPEATING, UNLIKELY, SILENT = 2.4, -1.0, 0.6
"""Whisper's own limits of compression ratio, mean log probability and no-speech probability."""


@dataclass(frozen=True)
class HeardWord:
    """`text` with the space before it and the marks after; seconds from the window's start."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Draft:
    """Tokens as drawn; `likelihood` their mean log probability, `silence` the probability that nobody speaks,
    `repetition` how far the text can be compressed."""

    tokens: tuple[int, ...]
    likelihood: float
    silence: float
    repetition: float

    @property
    def made_up(self) -> bool:
        return self.repetition > REPEATING or self.likelihood < UNLIKELY

    @property
    def nothing(self) -> bool:
        """Whether it is words made up over silence."""
        return self.silence > SILENT and self.likelihood < UNLIKELY


@dataclass(frozen=True)
class Heard:
    words: tuple[HeardWord, ...] = ()
    trust: float = 0.0


DOUBT = 0.3
"""What is left of the trust in words that may be made up."""


class WhisperNetwork:
    """The network, its tokenizer and its features, read from a folder as published."""

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        """Raises LoadFailed."""
        from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizer

        # only eager attention says where the decoder listens
        kind = WhisperForConditionalGeneration
        self.model: Any = pretrained(kind, folder, dtype, attn_implementation="eager")
        try:
            self.tokenizer: Any = WhisperTokenizer.from_pretrained(str(folder), local_files_only=True)
            self.extractor: Any = WhisperFeatureExtractor.from_pretrained(str(folder), local_files_only=True)
            own = self.model.generation_config
            self.languages: dict[str, int] = {name.strip("<|>"): number for name, number in own.lang_to_id.items()}
            self._task, self._plain = int(own.task_to_id["transcribe"]), int(own.no_timestamps_token_id)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            why = f"{type(error).__name__}: {str(error)[:200]}"
            raise LoadFailed(f"{folder} is no multilingual Whisper: {why}") from error
        self._start, self._end = int(own.decoder_start_token_id), int(own.eos_token_id)
        if self._end >= self.model.config.vocab_size or self.extractor.feature_size != self.model.config.num_mel_bins:
            raise LoadFailed(f"{folder} holds parts of several networks: their sizes differ")
        suppressed = np.zeros(self.model.config.vocab_size, bool)
        suppressed[list(own.suppress_tokens or ())] = True
        suppressed[self._end + 1 :] = True  # its commands, times among them
        self._suppressed = suppressed
        self._at_first = list(own.begin_suppress_tokens or ())
        self._heads = _alignment_heads(own, self.model.config)

    @property
    def device(self) -> torch.device:
        return self.model.device

    def features(self, samples: np.ndarray) -> torch.Tensor:
        """(1, mel bands, 3000) of up to 30 s at 16 kHz."""
        found = self.extractor(samples, sampling_rate=RATE, return_tensors="pt")["input_features"]
        return found.to(self.device, self.model.dtype)

    def encoded(self, samples: np.ndarray) -> Any:
        import torch

        with torch.inference_mode():
            return self.model.model.encoder(self.features(samples), return_dict=True)

    def language(self, encoded: Any) -> str:
        """The likeliest."""
        logits = self._step(encoded, [[self._start]])[0].cpu().numpy()[0, -1]
        return max(self.languages, key=lambda code: logits[self.languages[code]])

    def hear(self, samples: np.ndarray, language: str, cancel: CancelToken) -> Heard:
        """`samples` (n,) float32 at 16 kHz, at most 30 s; `language` as the network names it."""
        encoded = self.encoded(samples)
        draft = self._drafted(encoded, language, cancel)
        if not draft.tokens or draft.nothing:
            return Heard()
        cancel.check()
        words = self._timed(encoded, draft, language, len(samples) / RATE)
        doubtful = draft.made_up or draft.silence > SILENT
        return Heard(words, float(np.exp(draft.likelihood)) * (DOUBT if doubtful else 1.0))

    def _drafted(self, encoded: Any, language: str, cancel: CancelToken) -> Draft:
        """The first that doesn't look made up, else the likeliest that doesn't repeat itself."""
        drafts: list[Draft] = []
        for temperature in TEMPERATURES:
            drafts.append(self._drawn(encoded, language, temperature, cancel))
            if not drafts[-1].made_up or drafts[-1].nothing:
                return drafts[-1]
        return max(drafts, key=lambda draft: (draft.repetition <= REPEATING, draft.likelihood))

    def _drawn(self, encoded: Any, language: str, temperature: float, cancel: CancelToken) -> Draft:
        """With the same draws each time."""
        import torch

        draws = torch.Generator().manual_seed(round(1000 * temperature))
        prompt = self._prompt(language)
        logits, cache = self._step(encoded, [prompt])
        silence = float(logits[0, 0].softmax(dim=-1)[self._plain - 1])  # its token comes before that one
        forbidden = torch.from_numpy(self._suppressed).to(self.device)
        first = forbidden.clone()
        first[self._at_first] = True
        tokens: list[int] = []
        likelihood = 0.0
        for step in range(self.model.config.max_target_positions // 2 - len(prompt)):
            cancel.check()
            scores = logits[0, -1].masked_fill(forbidden if step else first, -torch.inf)
            chances = scores.log_softmax(dim=-1).cpu()
            token = int(_chosen(chances, temperature, draws))
            likelihood += float(chances[token])
            if token == self._end:
                break
            tokens.append(token)
            logits, cache = self._step(encoded, [[token]], cache)
        text = self._text(tokens).encode()
        return Draft(tuple(tokens), likelihood / (len(tokens) + 1), silence, len(text) / len(zlib.compress(text)))

    def _timed(self, encoded: Any, draft: Draft, language: str, seconds: float) -> tuple[HeardWord, ...]:
        """The draft's words with their times: it is written once more, at once, to see where the decoder listens."""
        import torch

        prompt = self._prompt(language)
        written = torch.tensor([[*prompt, *draft.tokens, self._end]], device=self.device)
        with torch.inference_mode():
            decoder = self.model.model.decoder
            seen = decoder(
                input_ids=written, encoder_hidden_states=encoded[0], output_attentions=True, use_cache=False
            ).cross_attentions
        frames = max(1, min(round(seconds * RATE / _HOP / 2), seen[0].shape[-1]))
        # a token's place is where the one before it is read
        rows = slice(len(prompt) - 1, len(prompt) + len(draft.tokens))
        attention = np.stack([seen[layer][0, head, rows, :frames].float().cpu().numpy() for layer, head in self._heads])
        times = token_times(attention)
        words: list[HeardWord] = []
        at = 0
        for text, count in word_groups(draft.tokens, language, self._text):
            start, end = bounded(float(times[at]), float(times[at + count]), seconds)
            words.append(HeardWord(text, start, end))
            at += count
        return tuple(words)

    def _prompt(self, language: str) -> list[int]:
        return [self._start, self.languages[language], self._task, self._plain]

    def _step(self, encoded: Any, tokens: list[list[int]], cache: Any = None) -> tuple[torch.Tensor, Any]:
        """Logits (1, tokens, vocabulary) float32: in float16 their sums overflow; and what the next step needs."""
        import torch

        with torch.inference_mode():
            out = self.model(
                decoder_input_ids=torch.tensor(tokens, device=self.device),
                encoder_outputs=encoded,
                past_key_values=cache,
                use_cache=True,
            )
        return out.logits.float(), out.past_key_values

    def _text(self, tokens: list[int] | tuple[int, ...]) -> str:
        return self.tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False)


def _chosen(chances: torch.Tensor, temperature: float, draws: torch.Generator) -> torch.Tensor:
    import torch

    if not temperature:
        return chances.argmax()
    return torch.multinomial((chances / temperature).softmax(dim=-1), 1, generator=draws)


def _alignment_heads(own: Any, config: Any) -> list[tuple[int, int]]:
    """The heads that follow the speech; where the folder doesn't name them, all of the upper half's."""
    named = getattr(own, "alignment_heads", None)
    if named:
        return [(int(layer), int(head)) for layer, head in named]
    upper = range(config.decoder_layers // 2, config.decoder_layers)
    return [(layer, head) for layer in upper for head in range(config.decoder_attention_heads)]
