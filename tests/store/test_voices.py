"""Voice profiles on disk: made, changed and removed whole; a stranger's never do harm."""

from __future__ import annotations

import json
import os
import pickle
import wave
import zipfile
from pathlib import Path
from typing import Any

import pytest

from studio.errors import BadInput, NotFound, StorageFailed
from studio.store.voice_migration import find_profiles
from studio.store.voices import NewVoice, VoiceProfile, VoiceStore

SAMPLE = b"\x01\x02" * 24_000


def wav(path: Path, content: bytes = SAMPLE, channels: int = 1, width: int = 2, rate: int = 24_000) -> Path:
    with wave.open(str(path), "wb") as writer:
        writer.setparams((channels, width, rate, 0, "NONE", ""))
        writer.writeframes(content)
    return path


@pytest.fixture
def store(tmp_path: Path) -> VoiceStore:
    return VoiceStore(tmp_path / "voices")


@pytest.fixture
def profile(store: VoiceStore, tmp_path: Path) -> VoiceProfile:
    samples = [wav(tmp_path / "one.wav"), wav(tmp_path / "two.wav", SAMPLE * 2)]
    new = NewVoice(
        "Ada Ünal", samples, "de", "Guten Tag.", True, "I agree that my voice is used.", {"snr_db": 31.5, "seconds": 3}
    )
    return store.create(new)


def inside(store: VoiceStore, profile: VoiceProfile) -> Path:
    return store.folder(profile.id) / "profile.json"


def rewrite(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_a_profile_is_a_folder_with_what_was_said(store: VoiceStore, profile: VoiceProfile) -> None:
    body = json.loads(inside(store, profile).read_text("utf-8"))
    assert set(body) == {
        "id", "name", "language", "created", "transcript", "transcript_draft", "consent", "quality", "samples",
    }  # fmt: skip
    assert body["id"] == profile.id == profile.folder.name
    assert body["samples"] == ["sample_01.wav", "sample_02.wav"]
    assert body["consent"]["sentence"] == "I agree that my voice is used."
    assert body["consent"]["given_at"].endswith("Z")
    assert sorted(path.name for path in profile.folder.iterdir()) == ["profile.json", "sample_01.wav", "sample_02.wav"]
    assert [path.stat().st_size for path in profile.sample_paths] == [48_044, 96_044]
    assert store.get(profile.id) == profile
    assert store.list() == [profile]
    assert (profile.name, profile.language, profile.transcript_draft) == ("Ada Ünal", "de", True)
    assert profile.quality == {"snr_db": 31.5, "seconds": 3}


def test_changes_stay(store: VoiceStore, profile: VoiceProfile) -> None:
    assert store.rename(profile.id, "  Ada\n Lovelace ").name == "Ada Lovelace"
    edited = store.set_transcript(profile.id, "Guten Abend.")
    assert (edited.transcript, edited.transcript_draft) == ("Guten Abend.", False)
    assert store.set_consent(profile.id, "").consent is None
    given = store.set_consent(profile.id, "Yes.")
    assert given.consent
    assert given.consent.sentence == "Yes."
    assert store.get(profile.id) == given
    assert (given.id, given.name) == (profile.id, "Ada Lovelace")


def test_deleting_removes_it_and_only_it(store: VoiceStore, profile: VoiceProfile, tmp_path: Path) -> None:
    other = store.create(NewVoice("Other", [tmp_path / "one.wav"]))
    store.delete(profile.id)
    assert [each.id for each in store.list()] == [other.id]
    assert not profile.folder.exists()
    assert [path.name for path in profile.folder.parent.iterdir()] == [other.id]
    with pytest.raises(NotFound):
        store.delete(profile.id)


@pytest.mark.parametrize(
    "identity", ["", ".", "..", "../outside", "a/b", "/etc", "voice\0", "a" * 200, "con", "-x", "ä", None, 3]
)
def test_ids_can_not_climb_out(store: VoiceStore, profile: VoiceProfile, tmp_path: Path, identity: Any) -> None:
    (tmp_path / "outside").mkdir()
    for act in (store.get, store.delete, lambda one: store.rename(one, "x"), store.folder):
        with pytest.raises(BadInput, match="voice"):
            act(identity)
    assert (tmp_path / "outside").is_dir()
    assert store.list() == [profile]


def test_links_are_never_followed(store: VoiceStore, profile: VoiceProfile, tmp_path: Path) -> None:
    link = profile.folder.parent / "voice-link"
    link.symlink_to(profile.folder)
    with pytest.raises(NotFound):
        store.delete("voice-link")
    assert len(store.list()) == 1
    secret = wav(tmp_path / "secret.wav")
    profile.sample_paths[0].unlink()
    profile.sample_paths[0].symlink_to(secret)
    assert "link" in store.list()[0].damaged
    real = inside(store, profile)
    elsewhere = tmp_path / "profile.json"
    real.rename(elsewhere)
    real.symlink_to(elsewhere)
    assert store.list()[0].damaged


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None}, {"name": ["x"]}, {"name": "  "}, {"language": "english"}, {"language": 7},
        {"samples": []}, {"samples": "sample_01.wav"}, {"samples": ["../../secret.wav"]},
        {"samples": ["/etc/passwd"]}, {"samples": ["sample_09.wav"]}, {"samples": [{"a": 1}]},
        {"samples": ["sample_01.wav", "sample_01.wav"]}, {"samples": ["sample_01.wav"] * 200},
        {"transcript": 5}, {"transcript": "x" * 6000}, {"consent": "yes"}, {"consent": {"sentence": 1}},
    ],
)  # fmt: skip
def test_a_damaged_profile_is_listed_as_damaged_and_can_be_deleted(
    store: VoiceStore, profile: VoiceProfile, tmp_path: Path, changes: dict[str, Any]
) -> None:
    wav(tmp_path / "secret.wav")
    rewrite(inside(store, profile), **changes)
    (listed,) = store.list()
    assert listed.id == profile.id
    assert "damaged" in listed.damaged
    assert listed.samples == ()
    with pytest.raises(BadInput, match=profile.id):
        store.get(profile.id)
    store.delete(profile.id)
    assert store.list() == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"[]", b"null", b"{" * 100_000, b'{"name": NaN}', b" " * 2_000_000, b'"x"'],
    ids=["empty", "no text", "list", "null", "deep", "NaN", "huge", "text"],
)
def test_a_profile_that_is_no_json_object_is_damaged(store: VoiceStore, profile: VoiceProfile, content: bytes) -> None:
    inside(store, profile).write_bytes(content)
    assert store.list()[0].damaged
    inside(store, profile).unlink()
    assert "missing" in store.list()[0].damaged


def test_odd_figures_are_left_out(store: VoiceStore, profile: VoiceProfile) -> None:
    odd = {"snr_db": 10**400, "x": [1], "y": {"z": 1}, "ok": 2.5, "text": "fine", "none": None, "w" * 200: 1}
    rewrite(inside(store, profile), quality=odd, extra={"a": [1] * 1000}, id="../../other", created=5)
    found = store.get(profile.id)
    assert found.quality == {"ok": 2.5, "text": "fine", "none": None, "w" * 60: 1}
    assert (found.id, found.created) == (profile.id, "")


@pytest.mark.parametrize("kind", ["no wav", "cut off", "two channels", "8 bits", "empty", "folder", "lying header"])
def test_samples_must_be_sound(store: VoiceStore, profile: VoiceProfile, tmp_path: Path, kind: str) -> None:
    path = profile.sample_paths[0]
    content = path.read_bytes()
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind in ("two channels", "8 bits"):
        wav(path, channels=2 if kind == "two channels" else 1, width=1 if kind == "8 bits" else 2)
    else:
        lying = content[:40] + b"\xf0\xff\xff\x7f" + content[44:]
        path.write_bytes({"no wav": b"x" * 100, "cut off": content[:-100], "empty": b"", "lying header": lying}[kind])
    assert store.list()[0].damaged
    if path.is_file():
        with pytest.raises(BadInput, match="samples"):
            store.create(NewVoice("x", [path]))
    assert len(store.list()) == 1


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": "\n"}, {"language": "EN"}, {"language": ""}, {"transcript": "x" * 5001},
     {"consent": "x" * 501}, {"samples": []}, {"samples": ["missing.wav"]}],
)  # fmt: skip
def test_nothing_is_left_of_a_refused_profile(store: VoiceStore, tmp_path: Path, changes: dict[str, Any]) -> None:
    fields = {"name": "x", "samples": [wav(tmp_path / "one.wav")]} | changes
    fields["samples"] = [tmp_path / str(sample) for sample in fields["samples"]]
    with pytest.raises((BadInput, StorageFailed)):
        store.create(NewVoice(**fields))
    assert not (tmp_path / "voices").is_dir() or list((tmp_path / "voices").iterdir()) == []


def test_export_and_import_bring_the_same_voice_under_a_new_id(
    store: VoiceStore, profile: VoiceProfile, tmp_path: Path
) -> None:
    file = tmp_path / "voice.zip"
    store.export_zip(profile.id, file)
    there = VoiceStore(tmp_path / "elsewhere")
    found = there.import_zip(file)
    assert found.id != profile.id
    assert there.get(found.id) == found
    for field in ("name", "language", "created", "transcript", "transcript_draft", "consent", "quality", "samples"):
        assert getattr(found, field) == getattr(profile, field), field
    for one, two in zip(found.sample_paths, profile.sample_paths, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == [found.id]


def test_of_an_archive_only_the_profile_is_kept(store: VoiceStore, profile: VoiceProfile, tmp_path: Path) -> None:
    file = tmp_path / "voice.zip"
    store.export_zip(profile.id, file)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("embedding.pth", pickle.dumps(Bomb(tmp_path / "ran")))
        archive.writestr("deep/run.sh", "rm -rf /")
    found = store.import_zip(file)
    assert sorted(path.name for path in found.folder.iterdir()) == ["profile.json", "sample_01.wav", "sample_02.wav"]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"profile.json": "{}"},
        {"profile.json": '{"name": "x", "language": "en", "samples": ["sample_01.wav"]}'},
        {"profile.json": '{"name": "x", "language": "en", "samples": ["../x.wav"]}', "../x.wav": "x"},
        {"../../evil.json": "{}", "profile.json": "{}"},
        {"/absolute": "x"},
        {"profile.json": "x" * 2_000_000},
    ],
    ids=["empty", "no fields", "no sample", "sample outside", "climbing", "absolute", "huge profile"],
)
def test_hostile_archives_are_refused(store: VoiceStore, tmp_path: Path, entries: dict[str, str]) -> None:
    file = tmp_path / "evil.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    with pytest.raises(BadInput, match="voice exported"):
        store.import_zip(file, "--file")
    assert list((tmp_path / "voices").iterdir()) == []
    assert not (tmp_path / "evil.json").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"\0" * 1000], ids=["empty", "start", "zeros"])
def test_files_that_are_no_archive_are_refused(store: VoiceStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(BadInput, match="voice exported"):
        store.import_zip(tmp_path / "x.zip")
    with pytest.raises(BadInput, match="no such file"):
        store.import_zip(tmp_path / "missing.zip")


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def old_profile(folder: Path, body: dict[str, Any] | None = None, **files: bytes) -> Path:
    folder.mkdir(parents=True)
    written = {"name": "Old", "language": "EN", "id": "7", "created": "2024"} if body is None else body
    (folder / "profile.json").write_text(json.dumps(written))
    for name, content in (files or {"sample_01.wav": SAMPLE}).items():
        (folder / name).write_bytes(content)
    return folder


def test_old_profiles_are_found_alone_and_in_a_folder(tmp_path: Path) -> None:
    one = old_profile(tmp_path / "all" / "one", **{"sample_02.wav": b"b", "sample_01.wav": b"a", "other.mp3": b"c"})
    two = old_profile(tmp_path / "all" / "two", {"name": None, "language": "Japanese"}, **{"voice.m4a": b"x"})
    (tmp_path / "all" / "no profile").mkdir()
    found, notices = find_profiles(tmp_path / "all")
    assert notices == []
    assert [(each.name, each.language) for each in found] == [("Old", "en"), ("two", "ja")]
    assert found[0].recordings == (one / "sample_01.wav", one / "sample_02.wav")
    assert found[1].recordings == (two / "voice.m4a",)
    assert [each.folder for each in find_profiles(one)[0]] == [one]


def test_links_and_embeddings_in_old_profiles_are_left(tmp_path: Path) -> None:
    bomb = pickle.dumps(Bomb(tmp_path / "ran"))
    names = ("se.pth", "se.pt", "se.pkl", "se.npy", "sample_01.pth")
    folder = old_profile(tmp_path / "one", **dict.fromkeys(names, bomb), **{"sample_02.wav": b"a"})
    (folder / "sample_01.wav").symlink_to("/etc/passwd")
    ((found,), _) = find_profiles(folder)
    assert [path.name for path in found.recordings] == ["sample_02.wav"]
    assert not (tmp_path / "ran").exists()


def test_old_profiles_that_can_not_be_taken_are_named(tmp_path: Path) -> None:
    old_profile(tmp_path / "all" / "good")
    old_profile(tmp_path / "all" / "silent", **{"se.pth": b"x"})
    old_profile(tmp_path / "all" / "odd", {"name": "x", "language": {"a": 1}})
    (old_profile(tmp_path / "all" / "broken") / "profile.json").write_text("{")
    (tmp_path / "all" / "linked").symlink_to(tmp_path / "all" / "good")
    found, notices = find_profiles(tmp_path / "all")
    assert [each.folder.name for each in found] == ["good"]
    assert len(notices) == 3
    assert all(any(name in notice for notice in notices) for name in ("silent", "odd", "broken"))


@pytest.mark.parametrize("kind", ["missing", "file", "empty", "damaged"])
def test_a_folder_without_profiles_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "file":
        path.write_text("x")
    elif kind in ("empty", "damaged"):
        path.mkdir()
    if kind == "damaged":
        (path / "profile.json").write_text("[]")
    with pytest.raises(BadInput, match="FOLDER"):
        find_profiles(path)
