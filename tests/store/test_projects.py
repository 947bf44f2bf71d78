from __future__ import annotations

import dataclasses
import io
import stat
import zipfile
from pathlib import Path

import pytest

from studio.errors import BadInput, NotFound, StorageFailed
from studio.settings import Limits
from studio.store.artifacts import Artifacts
from studio.store.atomic import read_json, write_json
from studio.store.projects import Project, ProjectStore

ESCAPES = ["..", "../other", "/etc", "a/b", "a\\b", "", ".", "x\0", ".studio", "%2e%2e", "x" * 300]


@pytest.fixture
def store(tmp_path: Path) -> ProjectStore:
    return ProjectStore(tmp_path / "projects")


def rendered(store: ProjectStore, title: str = "My song") -> Project:
    """A project with inputs and a finished piece."""
    project = store.create(title)
    project.inputs.mkdir()
    (project.inputs / "song-ab12.mp3").write_bytes(b"ID3 sound")
    (project.inputs / "character-1-cd34.png").write_bytes(b"PNG picture")
    project.film.write_bytes(b"film" * 5000)
    Artifacts(project.folder).record("film", "k", [project.film])
    request = {
        "audio": str(project.inputs / "song-ab12.mp3"),
        "characters": [str(project.inputs / "character-1-cd34.png")],
        "project": str(project.folder),
        "prompt": "night drive",
    }
    project.update(kind="music_video", job="job-1", request=request)
    return project


def test_a_project_is_created_listed_renamed_and_deleted(store: ProjectStore):
    assert store.list() == []
    first, second = store.create("Première"), store.create("歌")
    assert first.id.startswith("premiere-")
    assert {info.id for info in store.list()} == {first.id, second.id}
    renamed = store.rename(first.id, "Deuxième")
    assert (renamed.title, renamed.id) == ("Deuxième", first.id)
    assert [info.title for info in store.list()] == ["Deuxième", "歌"]
    assert store.open(first.id).folder == first.folder == store.folder(first.id)
    store.delete(first.id)
    assert [info.id for info in store.list()] == [second.id]
    assert not first.folder.exists()
    with pytest.raises(NotFound):
        store.open(first.id)


def test_two_projects_may_share_a_title(store: ProjectStore):
    assert store.create("Same").id != store.create("Same").id


@pytest.mark.parametrize(
    "title", ["", " ", "../../x", "a\nb", "x" * 10_000, "\u202egnp", "\ud800", "con", "<b>bold</b>"]
)
def test_any_title_makes_a_project_inside_the_store(title: str, store: ProjectStore, tmp_path: Path):
    project = store.create(title)
    assert project.folder.parent == tmp_path / "projects"
    shown = store.get(project.id).title
    assert 1 <= len(shown) <= 200
    assert shown.isprintable()
    store.delete(project.id)
    assert list((tmp_path / "projects").iterdir()) == []


@pytest.mark.parametrize("identity", ESCAPES)
def test_ids_never_leave_the_store(identity: str, store: ProjectStore, tmp_path: Path):
    store.create("one")
    (tmp_path / "other").mkdir()
    for act in (store.open, store.get, store.folder, store.delete, lambda i: store.rename(i, "x")):
        with pytest.raises(BadInput):
            act(identity)
    assert (tmp_path / "other").is_dir()
    assert len(store.list()) == 1


def test_links_are_not_projects_and_deleting_follows_none(store: ProjectStore, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("keep")
    project = store.create("one")
    (project.folder / "link").symlink_to(outside)
    (tmp_path / "projects" / "linked").symlink_to(outside)
    assert [info.id for info in store.list()] == [project.id]
    with pytest.raises(NotFound):
        store.delete("linked")
    store.delete(project.id)
    assert (outside / "precious").read_text() == "keep"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"id": "x"}', b'{"title": 3}', b"\xff\xfe"])
def test_damaged_projects_are_listed_as_such_and_can_be_mended(content: bytes, store: ProjectStore):
    whole, damaged = store.create("whole"), store.create("damaged")
    damaged.manifest.write_bytes(content)
    infos = {info.id: info for info in store.list()}
    assert infos[whole.id].damaged == ""
    assert "project.json" in infos[damaged.id].damaged
    assert store.rename(damaged.id, "mended").damaged == ""
    assert store.get(damaged.id).title == "mended"


def test_a_copied_manifest_cannot_take_another_project_s_id(store: ProjectStore):
    one, two = store.create("one"), store.create("two")
    two.manifest.write_bytes(one.manifest.read_bytes())
    assert {info.id for info in store.list()} == {one.id, two.id}


def test_newest_change_comes_first(store: ProjectStore):
    projects = [store.create(name) for name in "abc"]
    for project, updated in zip(
        projects, ("2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z", "2026-01-01T00:00:00.000Z"), strict=True
    ):
        write_json(project.manifest, read_json(project.manifest) | {"updated": updated})
    assert [info.title for info in store.list()] == ["b", "a", "c"]


class TestOut:
    """The folder a command is given."""

    def test_new_existing_and_foreign_folders_are_accepted(self, tmp_path: Path):
        (tmp_path / "notes.txt").write_text("mine")
        for folder in (tmp_path, tmp_path / "new" / "deep", tmp_path / "with space 歌", tmp_path / "-dash"):
            project = Project.at(folder)
            assert project.folder.is_dir()
            assert project.folder.is_absolute()
        assert (tmp_path / "notes.txt").read_text() == "mine"
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["-dash", "new", "notes.txt", "with space 歌"]

    def test_relative_folders_are_taken_from_here(self, tmp_path: Path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert Project.at(Path("out")).folder == tmp_path / "out"

    @pytest.mark.parametrize("place", ["file", "file/below", "x" * 300, "a\0b", "/proc/studio", "deep" + "/d" * 2100])
    def test_impossible_places_are_refused_by_name(self, place: str, tmp_path: Path):
        (tmp_path / "file").write_text("mine")
        with pytest.raises(BadInput) as refused:
            Project.at(tmp_path / place, "--out")
        assert str(refused.value).startswith("--out: ")
        assert "\n" not in str(refused.value)
        assert (tmp_path / "file").read_text() == "mine"

    def test_its_manifest_is_made_when_it_is_first_written(self, tmp_path: Path):
        project = Project.at(tmp_path / "out")
        info = project.update(title="Film", kind="music_video")
        assert (info.id, project.info().title, project.info().kind) == ("out", "Film", "music_video")


class TestArchive:
    def test_an_exported_project_comes_back_with_its_pieces(self, store: ProjectStore, tmp_path: Path):
        project = rendered(store)
        store.export_zip(project.id, tmp_path / "p.zip")
        elsewhere = ProjectStore(tmp_path / "elsewhere")
        imported = elsewhere.import_zip(tmp_path / "p.zip")
        info = imported.info()
        assert (info.title, info.kind, info.job) == ("My song", "music_video", "")
        assert imported.id != project.id
        assert imported.film.read_bytes() == project.film.read_bytes()
        assert Artifacts(imported.folder).find("film", "k") == imported.film
        assert info.request is not None
        assert Path(info.request["audio"]) == imported.inputs / "song-ab12.mp3"
        assert info.request["characters"] == [str(imported.inputs / "character-1-cd34.png")]
        assert info.request["project"] == str(imported.folder)

    def test_links_and_half_written_files_are_not_exported(self, store: ProjectStore, tmp_path: Path):
        (tmp_path / "secret").write_text("secret")
        project = rendered(store)
        (project.folder / "link").symlink_to(tmp_path / "secret")
        (project.folder / ".kinora-0123456789abcdef.partial.mp4").write_text("half")
        store.export_zip(project.id, tmp_path / "p.zip")
        with zipfile.ZipFile(tmp_path / "p.zip") as archive:
            names = archive.namelist()
        assert "link" not in names
        assert not any("partial" in name for name in names)
        assert "final_video.mp4" in names

    def test_an_imported_request_never_points_elsewhere(self, store: ProjectStore, tmp_path: Path):
        project = rendered(store)
        project.update(request={"audio": "/etc/passwd", "characters": [], "project": "/"})
        store.export_zip(project.id, tmp_path / "p.zip")
        assert store.import_zip(tmp_path / "p.zip").info().request is None

    @pytest.mark.parametrize(
        "name",
        [
            "../evil",
            "/evil",
            "inputs/../../evil",
            "C:\\evil",
            "inputs\\..\\..\\evil",
            "a//b",
            "./a",
            "con.",
            "x" * 200,
            "/".join("d" * 20),
            "a\nb",
            "a:stream",
            "inputs/..",
        ],
    )
    def test_names_that_leave_the_folder_are_refused(self, name: str, store: ProjectStore, tmp_path: Path):
        self.refuse(store, tmp_path, {name: b"evil"}, "name")

    def test_links_are_refused(self, store: ProjectStore, tmp_path: Path):
        link = zipfile.ZipInfo("inputs/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        self.refuse(store, tmp_path, {link: b"/etc/passwd"}, "link")

    def test_clashing_names_are_refused(self, store: ProjectStore, tmp_path: Path):
        self.refuse(store, tmp_path, {"Film.mp4": b"a", "film.MP4": b"b"}, "twice")
        self.refuse(store, tmp_path, {"inputs": b"a", "inputs/song.mp3": b"b"}, "file and a folder")

    def test_bombs_are_refused(self, store: ProjectStore, tmp_path: Path):
        small = ProjectStore(tmp_path / "projects", dataclasses.replace(Limits(), upload_bytes=5_000_000))
        self.refuse(small, tmp_path, {"zeros.bin": b"\0" * 20_000_000}, "unpacks to 20 MB")
        self.refuse(store, tmp_path, {f"{n}.txt": b"" for n in range(10_001)}, "10002 files")

    def test_a_file_larger_than_it_says_is_refused(self, store: ProjectStore, tmp_path: Path):
        path = self.archive(tmp_path, {"zeros.bin": b"\0" * 3_000_000})
        data = path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
        path.write_bytes(data)
        with pytest.raises(BadInput):
            store.import_zip(path)
        assert store.list() == []

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
    def test_what_is_no_project_is_refused(self, content: bytes, store: ProjectStore, tmp_path: Path):
        (tmp_path / "p.zip").write_bytes(content)
        with pytest.raises(BadInput, match="file: "):
            store.import_zip(tmp_path / "p.zip")
        assert store.list() == []

    @pytest.mark.parametrize("damage", ["cut", "flip"])
    def test_a_damaged_archive_is_refused_and_leaves_nothing(self, damage: str, store: ProjectStore, tmp_path: Path):
        project = rendered(store)
        store.export_zip(project.id, tmp_path / "p.zip")
        data = bytearray((tmp_path / "p.zip").read_bytes())
        if damage == "flip":
            data[data.index(b"filmfilm") + 9000] ^= 0xFF
        (tmp_path / "p.zip").write_bytes(data[: len(data) // 2] if damage == "cut" else data)
        with pytest.raises(BadInput):
            store.import_zip(tmp_path / "p.zip")
        assert [entry.name for entry in (tmp_path / "projects").iterdir()] == [project.id]

    def test_a_missing_file_or_folder_is_refused(self, store: ProjectStore, tmp_path: Path):
        for path in (tmp_path / "missing.zip", tmp_path):
            with pytest.raises(BadInput):
                store.import_zip(path)

    def test_exporting_to_a_missing_folder_is_named(self, store: ProjectStore, tmp_path: Path):
        with pytest.raises(StorageFailed, match="gone"):
            store.export_zip(rendered(store).id, tmp_path / "gone" / "p.zip")

    def archive(self, tmp_path: Path, extra: dict) -> Path:
        buffer = io.BytesIO()
        stamp = "2026-01-01T00:00:00.000Z"
        manifest = tmp_path / "manifest.json"
        write_json(manifest, {"id": "x", "title": "x", "created": stamp, "updated": stamp})
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(manifest, "project.json")
            for name, content in extra.items():
                archive.writestr(name, content)
        path = tmp_path / "p.zip"
        path.write_bytes(buffer.getvalue())
        return path

    def refuse(self, store: ProjectStore, tmp_path: Path, extra: dict, words: str) -> None:
        path = self.archive(tmp_path, extra)
        before = sorted(str(entry) for entry in tmp_path.parent.rglob("*evil*"))
        with pytest.raises(BadInput, match=words):
            store.import_zip(path)
        assert store.list() == []
        folder = tmp_path / "projects"
        assert not folder.exists() or list(folder.iterdir()) == []
        assert sorted(str(entry) for entry in tmp_path.parent.rglob("*evil*")) == before


def test_leftovers_of_interrupted_deletes_are_swept(store: ProjectStore, tmp_path: Path):
    project = store.create("one")
    left = tmp_path / "projects" / ".kinora-0123456789abcdef.partial"
    left.mkdir()
    (left / "film.mp4").write_bytes(b"x")
    assert [info.id for info in store.list()] == [project.id]
    store.clean_temporary()
    assert not left.exists()
