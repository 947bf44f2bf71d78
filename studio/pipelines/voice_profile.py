"""Recordings of a person become a voice profile: one stage, in the worker, where the networks that judge them live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio.errors import LoadFailed
from studio.requests import VoiceRequest
from studio.store.voices import VoiceStore

if TYPE_CHECKING:
    from studio.contracts import Sound, Transcript
    from studio.pipelines.context import Context


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Returns the new profile's id."""
    from studio.pipelines.voices import VoiceMaker, voice_reference

    request = VoiceRequest.from_json(body)

    def draft(sound: Sound, language: str) -> Transcript | None:
        """By the first recogniser that runs here and knows the language, the default one before the others."""

        def hear(engine: Any) -> Transcript | None:
            known = language in engine.languages
            return engine.transcribe(sound, language, context.cancel) if known else None

        for card in sorted(context.registry.cards("transcript"), key=lambda card: not card.default):
            if not context.registry.availability(card)[0]:
                continue
            try:
                transcript = context.lease(card, hear)
            except LoadFailed as error:
                context.notice(f"{card.title} could not write down what the voice says: {error}")
                continue
            if transcript is not None:
                return transcript
        context.notice(
            f"What the voice says was not written down: no recogniser here knows the language {language}. "
            "Give its words, so that an engine that clones voices can go by them."
        )
        return None

    with context.stage("voice", "Listening to the voice", 1):
        maker = VoiceMaker(context.settings.limits, draft)
        made = maker.create(request, VoiceStore(context.settings.voices), context.cancel)
    for notice in made.notices:
        context.notice(notice)
    with context.stage("match", "Getting to know the voice", 1):
        card, _ = context.registry.choose("speech", None, substitutes=True)
        reference = voice_reference(made.profile)
        context.lease(card, lambda engine: engine.prepare(reference, made.profile.language, context.cancel))
    return {"voice": made.profile.id}
