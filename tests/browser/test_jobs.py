"""A render goes its own way: pages come, go, reload and look on together."""

from __future__ import annotations

import re


def test_a_reload_halfway_and_a_second_browser_see_the_render_go_on(tab, long_song, character):
    one = tab()
    one.new_project("Long one", long_song, character)
    one.hear()
    one.render()
    one.page.wait_for_selector("#details .ks-strip img")
    words = one.page.inner_text("#screen .ks-eta")
    assert words == "" or re.fullmatch(r"(a few seconds|about [\d.]+ (second|minute|hour)s?) left", words)
    one.open()
    one.wait_for_state("running")
    assert one.page.input_value("#title :is(input, textarea)") == "Long one"

    two = tab()
    two.page.click("#shelf button:has-text('Long one')")
    two.wait_for_state("running")
    for browser in (one, two):
        browser.page.wait_for_function("document.querySelectorAll('.ks-strip img').length === 7", timeout=90_000)
        browser.page.wait_for_selector("#screen .ks-frame img")
        browser.page.wait_for_selector("#screen .ks-progress strong:has-text('Animating')")
    assert not two.page.is_enabled("#render")

    two.page.click("#cancel")
    for browser in (one, two):
        browser.wait_for_state("cancelled", seconds=10)
        assert browser.page.is_visible("#resume")
        assert browser.page.is_enabled("#render")
    one.page.wait_for_selector("#shelf button:has-text('Long one') [data-state=cancelled]")

    one.page.click("#resume")
    one.wait_for_state("running")
    two.wait_for_state("running")
    one.page.click("#cancel")
    one.wait_for_state("cancelled")
    assert one.complaints == two.complaints == []
