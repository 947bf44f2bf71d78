from __future__ import annotations

from pathlib import PurePath

from studio.events import Event
from tabs.job_view import JobView, fold

FOLDER = PurePath("/data/projects/demo")


def story(*lines: tuple[str, dict]) -> list[Event]:
    return [Event("job", seq, kind, data) for seq, (kind, data) in enumerate(lines, 1)]


def progress(stage: str, done: float, total: float, eta: float | None = None) -> tuple[str, dict]:
    return "progress", {"stage": stage, "label": stage.title(), "done": done, "total": total, "eta_seconds": eta}


def keyframe(number: int) -> tuple[str, dict]:
    return "artifact", {"role": "keyframe", "path": str(FOLDER / f"keyframes/{number:02d}.png")}


def test_a_whole_story():
    events = story(
        progress("listen", 0, 1),
        progress("listen", 1, 1, 40.0),
        ("notice", {"text": "a smaller size was taken"}),
        progress("keyframes", 2, 7, 30.0),
        ("preview", {"stage": "keyframes", "path": str(FOLDER / ".studio/previews/keyframe-02.jpg")}),
        keyframe(2),
        keyframe(1),
        ("artifact", {"role": "video", "path": str(FOLDER / "final_video.mp4")}),
        ("artifact", {"role": "report", "path": str(FOLDER / "report.json")}),
        ("done", {"result": {}}),
    )
    view = fold(JobView(), events, FOLDER)
    seen = [(s.name, s.share, s.eta_seconds) for s in view.stages]
    assert seen == [("listen", 1.0, 40.0), ("keyframes", 2 / 7, 30.0)]
    assert view.stage
    assert view.stage.label == "Keyframes"
    assert [k.path for k in view.keyframes] == ["keyframes/01.png", "keyframes/02.png"]
    assert view.preview
    assert view.preview.path == ".studio/previews/keyframe-02.jpg"
    assert view.video
    assert view.video.path == "final_video.mp4"
    assert view.report
    assert view.notices == ("a smaller size was taken",)
    assert (view.ended, view.seq) == ("done", 10)


def test_folding_in_two_goes_is_folding_at_once():
    events = story(progress("listen", 1, 1), keyframe(1), progress("keyframes", 3, 7), keyframe(2), ("cancelled", {}))
    for cut in range(len(events) + 1):
        halves = fold(fold(JobView(), events[:cut], FOLDER), events[cut:], FOLDER)
        assert halves == fold(JobView(), events, FOLDER)


def test_a_keyframe_drawn_again_is_one_picture_with_a_new_version():
    view = fold(JobView(), story(keyframe(1), keyframe(1)), FOLDER)
    assert [k.version for k in view.keyframes] == ["job-2"]


def test_a_job_that_goes_on_is_no_longer_failed_and_speaks_of_its_stage_last():
    failed = story(progress("listen", 1, 1), progress("keyframes", 1, 7), ("failed", {"error": {"message": "no"}}))
    view = fold(JobView(), failed, FOLDER)
    assert view.ended == "failed"
    assert view.error == {"message": "no"}
    view = fold(view, [Event("job", 4, "progress", progress("listen", 1, 1)[1])], FOLDER)
    assert (view.ended, view.error) == ("", None)
    assert [s.name for s in view.stages] == ["keyframes", "listen"]


def test_files_outside_the_project_are_never_shown():
    strange = story(
        ("preview", {"path": "/etc/passwd"}),
        ("artifact", {"role": "video", "path": "/data/projects/other/final_video.mp4"}),
        ("artifact", {"role": "keyframe", "path": "keyframes/01.png"}),
    )
    view = fold(JobView(), strange, FOLDER)
    assert (view.preview, view.video, view.keyframes) == (None, None, ())
