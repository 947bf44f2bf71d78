from __future__ import annotations

import asyncio
import threading

from tabs.following import Attachments, follow
from tabs.music.live import Follower


def progress(done: float) -> tuple[str, dict]:
    return "progress", {"stage": "keyframes", "label": "Drawing", "done": done, "total": 7, "eta_seconds": None}


def test_a_follower_sees_the_job_grow_and_reads_only_what_is_new(desk, values, worker):
    project, job = desk.submit("", "", values)
    follower = Follower(desk, project)
    assert follower.look().screen.view.stages == ()
    worker(job, progress(1))
    assert follower.look().screen.view.stage.done == 1
    worker(job, progress(2), ("notice", {"text": "hello"}))
    look = follower.look()
    assert (look.screen.view.stage.done, look.screen.view.notices) == (2, ("hello",))
    assert look.screen.view.seq == 3
    worker(job, ("cancelled", {}))
    assert follower.look().screen.state == "cancelled"


def test_two_pages_see_the_same(desk, values, worker):
    project, job = desk.submit("", "", values)
    early = Follower(desk, project)
    early.look()
    worker(job, progress(1), ("notice", {"text": "hello"}), progress(3))
    assert early.look().screen == Follower(desk, project).look().screen


def test_a_run_that_begins_anew_starts_from_an_empty_screen(desk, values, worker):
    project, job = desk.submit("", "", values)
    worker(job, progress(5), ("notice", {"text": "old"}), ("failed", {"error": {"message": "no"}}))
    follower = Follower(desk, project)
    assert follower.look().screen.view.error == {"message": "no"}
    desk.studio.resume(job.id)
    view = follower.look().screen.view
    assert (view.notices, view.stages, view.error) == ((), (), None)


def test_a_job_from_elsewhere_appears(desk, values):
    project = desk.draft("Demo", values)
    follower = Follower(desk, project)
    assert follower.look().screen.state == ""
    desk.submit(project, "", values)
    assert follower.look().screen.state == "interrupted"


def test_a_deleted_project_looks_like_none(desk, values):
    project = desk.draft("Demo", values)
    follower = Follower(desk, project)
    follower.look()
    desk.studio.projects.delete(project)
    assert (follower.look().screen.project, follower.look().screen.state) == ("", "")


def test_a_damaged_report_is_said_and_not_hidden(desk, values, worker):
    project, job = desk.submit("", "", values)
    worker(job, ("done", {"result": {}}))
    report = desk.studio.projects.folder(project) / "report.json"
    report.write_text("{")
    follower = Follower(desk, project)
    assert "report.json" in follower.look().screen.view.error["message"]
    report.write_text("{}")
    assert follower.look().screen.state == "done"


def test_a_watch_ends_when_another_one_of_its_page_begins(desk, values):
    pages = Attachments()
    first = pages.attach("page")
    other = pages.attach("other page")
    assert first.wanted
    pages.attach("page")
    assert not first.wanted
    assert other.wanted

    async def run() -> int:
        return len([look async for look in follow(Follower(desk, ""), first)])

    assert asyncio.run(run()) == 0


def test_the_former_watch_sends_its_last_look_before_the_next_one_begins(desk, values):
    project, _ = desk.submit("", "", values)
    sent: list[str] = []

    async def watch(pages: Attachments, shown: str, looks: int) -> None:
        async for look in follow(Follower(desk, shown), pages.attach("page")):
            await asyncio.sleep(0.2)  # the look is on its way to the page
            sent.append(look.screen.project)
            if sent.count(shown) == looks:
                return

    async def run() -> None:
        pages = Attachments()
        former = asyncio.create_task(watch(pages, project, 99))
        await asyncio.sleep(0.1)
        await watch(pages, "", 1)
        await former

    asyncio.run(run())
    assert sent == [project, ""]


def test_many_watching_pages_take_no_threads_of_their_own(desk, values, worker):
    project, job = desk.submit("", "", values)
    worker(job, progress(1))

    async def watch() -> None:
        looks = 0
        async for look in follow(Follower(desk, project), Attachments().attach("page")):
            looks += 1
            if look.screen.view.ended:
                return

    async def run() -> int:
        pages = [asyncio.create_task(watch()) for _ in range(40)]
        await asyncio.sleep(0.6)
        threads = threading.active_count()
        await asyncio.to_thread(worker, job, ("done", {"result": {}}))
        await asyncio.wait_for(asyncio.gather(*pages), 30)
        return threads

    assert asyncio.run(run()) < 40
