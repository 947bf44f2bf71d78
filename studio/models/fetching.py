"""Published weights brought into the model folder: resumed where they stopped, checked, and only then put in place.

The hub's own library knows addresses, log-in and listing; the bytes are streamed here, because it does not go on with
a file that broke off. A part of an item waits in `models/.fetching/<item>/` and counts as nothing.
"""

from __future__ import annotations

import fnmatch
import hashlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from studio.atomic import flush_folder, storage_errors
from studio.cancellation import CancelToken
from studio.errors import BadInput, StorageFailed, StudioError
from studio.models.weights import WeightsItem

PARTS = ".fetching"
_CHUNK = 1024 * 1024
_SPARE_BYTES = 500_000_000
"""Left free on the disk beside what is fetched."""
_ATTEMPTS = 4
_SECONDS = 30.0


@dataclass(frozen=True)
class RemoteFile:
    """`path` within the repository; `sha256` of large files, `git_sha1` (of git's blob) of the others."""

    path: str
    size: int
    sha256: str = ""
    git_sha1: str = ""


@dataclass(frozen=True)
class FetchPlan:
    """What is to come of an item, at one commit of its repository."""

    item: WeightsItem
    commit: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(file.size for file in self.files)


def plan_fetch(item: WeightsItem) -> FetchPlan:
    """Asks the hub. Raises BadInput for an item that nobody publishes, StudioError where the hub can't be reached, the
    repository is closed to this person, or lacks a file."""
    if not item.repository:
        raise BadInput("NAME", item.name, "weights that are published on the hub", item.notice or "these are not")
    from huggingface_hub import HfApi

    with _hub_errors(item):
        api = HfApi()
        commit = str(api.model_info(item.repository, revision=item.revision, timeout=_SECONDS).sha)
        tree = [entry for entry in api.list_repo_tree(item.repository, recursive=True, revision=commit)]
    files = tuple(_remote(entry) for entry in tree if hasattr(entry, "blob_id") and _wanted(item, entry.path))
    missing = [pattern for pattern in item.files if not any(_fits(file.path, pattern) for file in files)]
    if missing:
        raise StudioError(f"{item.repository} has no {', '.join(missing)} any more; {item.name} can't be fetched")
    return FetchPlan(item, commit, files)


def check_room(plans: Iterable[FetchPlan], models: Path) -> int:
    """Free bytes where the models are kept. Raises StorageFailed naming both figures where that is too little."""
    with storage_errors(models):
        models.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(models).free
    needed = sum(plan.size - _there(plan, models) for plan in plans) + _SPARE_BYTES
    if needed > free:
        raise StorageFailed(f"{needed / 1e9:.1f} GB are needed in {models} and {free / 1e9:.1f} GB are free")
    return free


def fetch(plan: FetchPlan, models: Path, progress: Callable[[int], None], cancel: CancelToken) -> Path:
    """Brings the item into `models`; returns its folder. `progress` gets the bytes of the plan that are there, now and
    then. Cancelled, it goes on from there another time.

    Raises Cancelled, StudioError for a hub that does not answer or sends something else than it announced.
    """
    part = models / PARTS / plan.item.name
    target = models / plan.item.name
    with storage_errors(part):
        part.mkdir(parents=True, exist_ok=True)
    done = 0
    for file in plan.files:
        _fetch_file(_Errand(plan, file, part / PurePosixPath(file.path), done, progress), cancel)
        done += file.size
        progress(done)
    with storage_errors(target):
        if target.exists():
            shutil.rmtree(target)
        part.rename(target)
        flush_folder(models)
    return target


@dataclass(frozen=True)
class _Errand:
    """`file` on its way to `target`; `before`: bytes of the plan that came before it."""

    plan: FetchPlan
    file: RemoteFile
    target: Path
    before: int
    progress: Callable[[int], None]

    @property
    def partial(self) -> Path:
        return self.target.with_name(self.target.name + ".part")

    @property
    def size(self) -> int:
        return _size(self.partial)


def _fetch_file(errand: _Errand, cancel: CancelToken) -> None:
    file, target, partial = errand.file, errand.target, errand.partial
    if _size(target) == file.size and target.is_file() and _is_right(file, target, cancel):
        return
    with storage_errors(partial):
        target.unlink(missing_ok=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()
    for _ in range(_ATTEMPTS):
        cancel.check()
        if errand.size != file.size:
            _stream(errand, cancel)
    if errand.size != file.size:
        repository = errand.plan.item.repository
        raise StudioError(f"{repository} breaks off within {file.path}; what came is kept: try again")
    if not _is_right(file, partial, cancel):
        with storage_errors(partial):
            partial.unlink()
        repository = errand.plan.item.repository
        raise StudioError(f"{file.path} of {repository} arrived damaged: its checksum differs; try again")
    with storage_errors(target):
        partial.rename(target)


def _stream(errand: _Errand, cancel: CancelToken) -> None:
    """Appends what the hub sends. A connection that breaks off is no error: the file is just short."""
    import httpx
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers

    plan, file, at = errand.plan, errand.file, errand.size
    if at > file.size:
        at = 0
    url = hf_hub_url(plan.item.repository, file.path, revision=plan.commit)
    headers = {**build_hf_headers(), **({"Range": f"bytes={at}-"} if at else {})}
    with _hub_errors(plan.item):
        try:
            with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=_SECONDS) as answer:
                if answer.status_code not in (200, 206):
                    raise StudioError(f"{plan.item.repository} answers {answer.status_code} for {file.path}")
                # A server that knows no ranges sends the whole file again.
                with storage_errors(errand.partial), errand.partial.open("ab") as out:
                    if answer.status_code == 200:
                        out.truncate(0)
                    for chunk in answer.iter_raw():
                        out.write(chunk)
                        errand.progress(errand.before + min(out.tell(), file.size))
                        cancel.check()
        except (httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError):
            return


def _is_right(file: RemoteFile, path: Path, cancel: CancelToken) -> bool:
    known = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if not file.sha256:
        known.update(f"blob {file.size}\0".encode())
    with storage_errors(path), path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            known.update(chunk)
            cancel.check()
    return known.hexdigest() == (file.sha256 or file.git_sha1)


def _there(plan: FetchPlan, models: Path) -> int:
    part = models / PARTS / plan.item.name
    found = (part / PurePosixPath(file.path) for file in plan.files)
    sizes = (_size(path) or _size(path.with_name(path.name + ".part")) for path in found)
    return sum(sizes)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _remote(entry: Any) -> RemoteFile:
    if PurePosixPath(entry.path).is_absolute() or ".." in PurePosixPath(entry.path).parts:
        raise StudioError(f"the hub names a file {entry.path!r}, which lies outside of its repository")
    return RemoteFile(entry.path, entry.size, entry.lfs.sha256 if entry.lfs else "", entry.blob_id)


def _wanted(item: WeightsItem, path: str) -> bool:
    return any(_fits(path, pattern) for pattern in item.files)


def _fits(path: str, pattern: str) -> bool:
    """As Path.glob has it: a star stays within a folder."""
    return path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)


class _hub_errors:
    """Everything the hub's library and the network may raise, as one sentence that says what to do."""

    def __init__(self, item: WeightsItem) -> None:
        self._item = item

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, StudioError):
            return
        import httpx
        from huggingface_hub import errors

        repository = self._item.repository
        if isinstance(error, errors.GatedRepoError):
            words = f"{repository} asks for consent: agree to its licence on its page, then set HF_TOKEN and try again"
        elif isinstance(error, errors.RepositoryNotFoundError | errors.RevisionNotFoundError):
            words = f"the hub has no {repository} at {self._item.revision}, or it is closed to you (HF_TOKEN)"
        elif isinstance(error, errors.HfHubHTTPError):
            status = error.response.status_code if error.response is not None else "nothing"
            words = f"the hub answers {status} for {repository}; try again later"
        elif isinstance(error, httpx.HTTPError | OSError | errors.OfflineModeIsEnabled):
            words = f"the hub can't be reached ({type(error).__name__}); this machine may be offline"
        else:
            return
        raise StudioError(f"{self._item.name} was not fetched: {words}") from error
