"""Recordings of a person become a voice profile: one stage, in the worker, where the networks that judge them live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio.pipelines.message_report import first_that_runs
from studio.requests import VoiceRequest
from studio.store.voices import VoiceStore

if TYPE_CHECKING:
    from studio.contracts import Sound, Transcript
    from studio.pipelines.context import Context


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Returns the new profile's id."""
    from studio.pipelines.voices import VoiceMaker

    request = VoiceRequest.from_json(body)
    card = first_that_runs(context, "transcript")

    def draft(sound: Sound, language: str) -> Transcript | None:
        if card is None:
            return None

        def hear(engine: Any) -> Transcript | None:
            known = language in engine.languages
            return engine.transcribe(sound, language, context.cancel) if known else None

        return context.lease(card, hear)

    with context.stage("voice", "Listening to the voice", 1):
        maker = VoiceMaker(context.settings.limits, draft)
        made = maker.create(request, VoiceStore(context.settings.voices), context.cancel)
    for notice in made.notices:
        context.notice(notice)
    return {"voice": made.profile.id}
