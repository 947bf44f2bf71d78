"""Projects are opened again, renamed, deleted."""

from __future__ import annotations

from tests.browser.conftest import Tab

TITLE = "#title :is(input, textarea)"


def make(tab: Tab, title: str, song, character) -> None:
    tab.new_project(title, song, character)
    tab.hear()
    tab.page.fill("#prompt textarea", "a lighthouse in the rain")
    tab.page.check("#style input[value='film-noir']", force=True)
    tab.page.check("#size input[value='960x540']", force=True)
    tab.render()
    tab.page.click("#cancel")
    tab.wait_for_state("cancelled")


def test_a_project_opened_again_has_everything_it_was_made_from(desk, long_song, character):
    one, page = desk, desk.page
    make(one, "To reopen", long_song, character)
    page.click("#shelf button:has-text('Demo')")
    page.wait_for_function(f"document.querySelector('{TITLE}').value === 'Demo'")
    page.click("#shelf button:has-text('To reopen')")
    page.wait_for_function(f"document.querySelector('{TITLE}').value === 'To reopen'")
    one.wait_for_state("cancelled")
    assert page.input_value("#prompt textarea") == "a lighthouse in the rain"
    assert page.is_checked("#style input[value='film-noir']")
    assert page.is_checked("#size input[value='960x540']")
    page.wait_for_function("document.querySelectorAll('#characters li img').length === 1")
    assert one.complaints == []


def test_rename_and_delete(desk, tab, long_song, character):
    one, other = desk, tab()
    page = one.page
    make(one, "Old name", long_song, character)
    page.click("#rename")
    page.keyboard.type("New <i>name</i>")
    page.keyboard.press("Enter")
    page.wait_for_selector("#shelf button:has-text('New <i>name</i>')")
    other.page.wait_for_selector("#shelf button:has-text('New <i>name</i>')")
    assert page.locator("#shelf button:has-text('Old name')").count() == 0

    page.click("#delete")
    page.click("#keep")
    page.wait_for_selector("#confirm", state="hidden")
    assert page.input_value(TITLE) == "New <i>name</i>"
    folders = set((one.app.data / "projects").iterdir())
    page.click("#delete")
    page.click("#confirm-delete")
    page.wait_for_selector("#shelf button:has-text('New <i>name</i>')", state="detached")
    other.page.wait_for_selector("#shelf button:has-text('New <i>name</i>')", state="detached")
    assert page.input_value(TITLE) != "New <i>name</i>"
    assert len(folders - set((one.app.data / "projects").iterdir())) == 1


def test_deleting_a_project_at_work_ends_its_job_first(desk, long_song, character):
    one = desk
    one.new_project("Doomed", long_song, character)
    one.hear()
    one.render()
    one.page.wait_for_selector("#details .ks-strip img")
    one.page.click("#delete")
    one.page.click("#confirm-delete")
    one.page.wait_for_selector("#shelf button:has-text('Doomed')", state="detached", timeout=30_000)
    assert one.page.locator("#message .ks-bad").count() == 0
