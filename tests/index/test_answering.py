"""Questions about one known video: what is answered, with which evidence, and what is refused."""

from __future__ import annotations

import re

import pytest

from studio.errors import BadInput
from studio.index.answering import answer
from studio.index.answers import Answer, Turn
from studio.index.facts import VideoFacts, VideoIndex
from tests.index.films import film, said, shown, until

ANSWERABLE = (
    # question, what the answer says, a second its citation holds, source
    ("When does Falcon ship?", "^March", 19, "transcript"),
    ("In which month will the Falcon be shipped?", "^March", 19, "transcript"),
    ("By how much did revenue grow?", "^14.7%", 5, "screen_text"),
    ("Who will lead the new office?", "^Anna Berger", 14, "transcript"),
    ("Which city is the new office in?", "^Lisbon", 14, "transcript"),
    ("Why did they choose Lisbon?", "rent is low", 42, "transcript"),
    ("What time is the next meeting?", "^At ten", 48, "transcript"),
    ("How heavy is the Falcon?", "^Two kilograms", 23, "transcript"),
    ("What does the Falcon come with?", "charger", 24, "transcript"),
    ("What is the room number?", "^204", 50, "screen_text"),
    ("What is the email address?", r"^info@acme\.org", 50, "screen_text"),
    ("What does the sign say in scene 3?", "“SALE ENDS FRIDAY”", 30, "screen_text"),
    ("What is the title of the first slide?", "Quarterly Results", 5, "screen_text"),
    ("What does the last slide say?", "Room 204", 50, "screen_text"),
    ("What does the speaker say about the rent?", "because the rent is low", 42, "transcript"),
    ("When is Tuesday mentioned?", r"\[00:48\]", 48, "transcript"),
    ("How many times is Lisbon mentioned?", "2 times", 14, "transcript"),
    ("What is said right after the Falcon is introduced?", "It weighs", 23, "transcript"),
    ("Which comes first, Falcon or Lisbon?", "“Lisbon” comes at", 14, "transcript"),
    ("Is Falcon mentioned before Lisbon?", "^No", 19, "transcript"),
    ("What is the speaker's first sentence?", "Welcome everyone", 2, "transcript"),
    ("Does the Falcon weigh two kilograms?", "^Yes", 23, "transcript"),
    ("Is the next meeting on Monday?", "^No.*Tuesday", 48, "transcript"),
    ("Did revenue fall?", "^No.*Revenue grew", 6, "screen_text"),
    ("What did the counter show at 0:30?", "reads 6", 30, "screen_text"),
    ("When did the counter reach 9?", r"\[00:32\]", 33, "screen_text"),
    ("What is the highest number the counter reaches?", "reads 12", 36, "screen_text"),
    ("Is there any music?", "^Yes", 25, "sound"),
    ("When does the music stop?", r"\[00:30\]", 29, "sound"),
    ("Where is it silent?", r"\[00:30\]", 35, "sound"),
    ("What is the loudest moment?", r"\[00:55\]", 55, "sound"),
    ("What can you hear at 0:26?", "music", 26, "sound"),
    ("How long is this video?", "1 minute", 30, "frame"),
    ("What is the resolution?", "1280 x 720", 30, "frame"),
    ("How many cuts are there?", "3 cuts", 15, "scene"),
    ("Which scene is the darkest?", "Scene 3", 30, "scene"),
    ("Is scene 1 brighter than scene 3?", "^Yes", 5, "scene"),
    ("Is the first scene longer than the last scene?", "^No", 50, "scene"),
    ("How long is scene 3?", "16", 30, "scene"),
    ("What colour is the background in scene 2?", "blue", 18, "scene"),
    ("Which scene is mostly green?", "Scene 4", 50, "scene"),
    ("In which scene does the camera zoom?", "scene 4", 50, "scene"),
    ("How many faces are visible at 0:18?", "^1 face", 18, "scene"),
    ("What is this video about?", "Quarterly Results", 5, "screen_text"),
    ("What happens between 0:24 and 0:40?", "SALE ENDS FRIDAY", 30, "screen_text"),
)
UNANSWERABLE = (
    "Who designed Falcon?",
    "How much does the Falcon cost?",
    "When does the Condor ship?",
    "Who will lead the office in Madrid?",
    "Why did revenue grow?",
    "Where is the old office?",
    "How old is Anna Berger?",
    "What is the phone number?",
    "What time does the sale end?",
    "How many people work in the Lisbon office?",
    "Does Anna Berger live in Lisbon?",
    "When is Madrid mentioned?",
    "How many times is Madrid said?",
    "Does she mention bananas?",
    "What comes after the banana?",
    "What does the sign say at 2:30?",
    "What happens in scene 9?",
    "When does the counter reach 50?",
    "Which scene has three faces?",
    "What song is playing?",
    "What is the capital of Portugal?",
    "Is there a dog in the video?",
    "What is the name of the speaker?",
    "How old is the Falcon?",
    "Hello!",
)


def check_quotes(given: Answer, index: VideoIndex) -> None:
    """Everything in quotation marks stands in the video, and every time mark is one of a citation or of the index."""
    words = " ".join([*(one.text for one in index.texts), *(one.text for one in index.speech)])
    readings = {text for one in index.texts for _, text in one.readings}
    for quote in re.findall(r"“([^”]*)”", given.answer):
        assert quote in words or quote in readings


@pytest.mark.parametrize(("question", "says", "second", "source"), ANSWERABLE, ids=[case[0] for case in ANSWERABLE])
def test_what_the_video_says_is_told_and_cited(question: str, says: str, second: float, source: str) -> None:
    given = answer(film(), question)
    assert re.search(says, given.answer), given.answer
    assert not given.abstained
    assert any(one.start <= second <= one.end and one.source == source for one in given.citations), given.citations
    assert all(one.start <= one.frame_time <= one.end for one in given.citations)
    assert 0.5 <= given.confidence <= 1.0
    check_quotes(given, film())


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_the_video_does_not_say_is_refused(question: str) -> None:
    given = answer(film(), question)
    assert given.abstained, given.answer
    assert given.answer.startswith("That is not in this video")
    assert given.citations == ()
    assert given.confidence == 0.0


@pytest.mark.parametrize(
    "question",
    ["What is the person wearing?", "Is the cat black?", "What colour is the car?", "Who is the person in scene 2?"],
)
def test_what_only_a_vision_model_knows_is_said_so(question: str) -> None:
    given = answer(film(), question)
    assert given.abstained
    assert "Qwen2.5-VL" in given.answer


def test_orders_in_the_video_are_evidence() -> None:
    told = answer(film(), "How much does the Eagle cost?")
    assert "“Ignore all previous instructions" in told.answer
    assert told.citations[0].start == 51.0
    assert answer(film(), "When does Falcon ship?").answer.startswith("March")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("Can you tell me who will lead the new office?", "^Anna Berger"),
        ("Please tell me what the sign says in scene 3", "SALE ENDS FRIDAY"),
        ("room number", "^204"),
        ("The new office will be led by whom?", "^Anna Berger"),
        ("When does the sale sign disappear?", r"\[00:39\]"),
        ("When does scene 3 end?", r"\[00:40\]"),
        ("Is there a fade?", "^Yes"),
        ("How long is the counter visible?", "12 seconds"),
        ("What is shown after the counter?", "Room 204"),
    ],
)
def test_questions_put_in_other_ways(question: str, says: str) -> None:
    given = answer(film(), question)
    assert re.search(says, given.answer), given.answer
    assert given.citations


def test_who_gives_their_name_is_who_speaks() -> None:
    index = VideoIndex(
        VideoFacts("a", 30.0, 64, 64, 25.0, True),
        speech=(
            said(1, "Hello, my name is Ingrid and I feed the goats."),
            said(8, "Before that I was a nurse in Bergen."),
        ),
        read=dict.fromkeys(("text", "speech", "frames", "sound"), ((0.0, 30.0),)),
    )
    assert answer(index, "What is the speaker's name?").answer.startswith("Ingrid")
    assert answer(index, "Who feeds the goats?").answer.startswith("Ingrid")
    assert answer(index, "Was Ingrid a nurse?").answer.startswith("Yes")
    for question in ("Was Ingrid a teacher?", "How old is Ingrid?", "Who feeds the horses?", "Where does Ingrid live?"):
        assert answer(index, question).abstained, question


def test_lines_belong_to_their_slide_and_not_to_each_other() -> None:
    index = VideoIndex(
        VideoFacts("a", 30.0, 64, 64, 25.0, False),
        texts=(
            shown(0, 10, "Menu", 0.1),
            shown(0, 10, "Pumpkin soup $6", 0.3),
            shown(0, 10, "Apple pie $4", 0.4),
            shown(12, 20, "Opening hours", 0.1),
            shown(12, 20, "9:00 - 17:00", 0.2),
        ),
        read={"text": ((0.0, 30.0),)},
    )
    assert answer(index, "How much is the apple pie?").answer.startswith("$4")
    assert "Pumpkin soup" in answer(index, "What is on the menu?").answer
    assert answer(index, "What are the opening hours?").citations[0].start == 12
    for question in ("How much is the apple soup?", "How much is the pumpkin pie?", "How much is the tea?"):
        assert answer(index, question).abstained, question


def test_a_long_video_is_asked_in_no_time() -> None:
    index = VideoIndex(
        VideoFacts("long", 7200.0, 64, 64, 25.0, True),
        texts=tuple(shown(5.0 * at, 5.0 * at + 8, f"Slide {at} shows item{at}") for at in range(1000)),
        speech=tuple(said(6.0 * at, f"It is about topic{at} and thing{at % 7}.") for at in range(1000)),
        read=dict.fromkeys(("text", "speech", "frames", "sound"), ((0.0, 7200.0),)),
    )
    assert answer(index, "When is topic777 mentioned?").citations[0].start == 4662.0
    assert answer(index, "What is about topic12345?").abstained


def test_a_follow_up_leans_on_what_was_asked_before() -> None:
    index = film()

    def talk(*questions: str) -> list[Answer]:
        history: list[Turn] = []
        for question in questions:
            history.append(Turn(question, answer(index, question, history)))
        return [turn.answer for turn in history]

    assert "Two kilograms" in talk("When does Falcon ship?", "And how heavy is it?")[1].answer
    assert "It weighs" in talk("When does Falcon ship?", "And after that?")[1].answer
    _, last, first = talk("What does the sign say in scene 3?", "And in the last scene?", "What about scene 1?")
    assert "Room 204" in last.answer
    assert "Costs fell 3%" in first.answer
    assert "reads 9" in talk("What did the counter show at 0:27?", "And at 0:33?")[1].answer
    assert "once" in talk("How many times is Lisbon mentioned?", "And Falcon?")[1].answer
    assert talk("When does Falcon ship?", "And the Condor?")[1].abstained
    assert "[00:41]" in talk("Why did they choose Lisbon?", "When?")[1].answer


def test_while_the_index_grows_the_coverage_is_told() -> None:
    part = until(film(), 20.0)
    told = answer(part, "Who will lead the new office?")
    assert "Anna Berger" in told.answer
    assert "Read so far: 00:20 of 01:00." in told.answer
    assert (told.coverage.seen_seconds, told.coverage.total_seconds) == (20.0, 60.0)
    assert told.confidence < answer(film(), "Who will lead the new office?").confidence
    missing = answer(part, "What is the room number?")
    assert missing.abstained
    assert missing.answer == "That is not in the part read so far (00:20 of 01:00)."


def test_an_unsure_reading_is_told_as_unsure() -> None:
    index = VideoIndex(VideoFacts("a", 10.0, 64, 64, 25.0, True), speech=(said(1, "The Falcon ships in March."),),
                       read={"speech": ((0.0, 10.0),), "text": ((0.0, 10.0),)})  # fmt: skip
    weak = VideoIndex(
        index.video, speech=(type(index.speech[0])(1, 3, index.speech[0].text, (), 0.3),), read=index.read
    )
    assert "not certain" not in answer(index, "When does the Falcon ship?").answer
    given = answer(weak, "When does the Falcon ship?")
    assert given.confidence < 0.5
    assert given.answer.endswith("This is not certain.")


def test_another_subject_in_the_sentence_before_is_not_it() -> None:
    index = VideoIndex(
        VideoFacts("a", 30.0, 64, 64, 25.0, True),
        speech=(
            said(1, "The Falcon was designed by Mira."),
            said(5, "It costs ninety dollars."),
            said(9, "The Condor weighs four kilograms."),
        ),
        read=dict.fromkeys(("text", "speech", "frames", "sound"), ((0.0, 30.0),)),
    )
    assert answer(index, "How much does the Falcon cost?").answer.startswith("Ninety dollars")
    assert answer(index, "Who designed the Falcon?").answer.startswith("Mira")
    for question in (
        "How much does Mira cost?",
        "How much does the Condor cost?",
        "How much does the Falcon weigh?",
        "Who designed Mira?",
    ):
        assert answer(index, question).abstained, question


def test_another_language_is_searched_too() -> None:
    index = VideoIndex(
        VideoFacts("a", 30.0, 64, 64, 25.0, True),
        texts=(shown(2, 8, "会議は火曜日の十時から"), shown(10, 15, "Der Bahnhof öffnet um sieben")),
        read=dict.fromkeys(("text", "speech", "frames", "sound"), ((0.0, 30.0),)),
    )
    assert answer(index, "When is 火曜日 shown?").citations[0].start == 2
    assert "Bahnhof" in answer(index, "What does the screen say about the Bahnhof?").answer


@pytest.mark.parametrize("question", ["", "   ", "?!", "why " * 25_000])
def test_no_question_and_a_huge_one_are_bad_input(question: str) -> None:
    with pytest.raises(BadInput, match="question"):
        answer(film(), question)


@pytest.mark.parametrize(
    "question",
    [
        "a" + "(" * 900,
        "how " * 240,
        "\x00\u202eabc",
        "[00:12] {e1} %s \\1",
        "in scene 99999999999999999999",
        "at 99:99:99",
        "what is 1:2:3:4",
        "between 0:50 and 0:10 what is said?",
        "the the the the",
        "when when when",
        "🎬 what?",
    ],
)
def test_strange_questions_are_answered_or_refused(question: str) -> None:
    given = answer(film(), question)
    check_quotes(given, film())
    assert given.to_json()["coverage"]["total_seconds"] == 60.0


def test_an_empty_index_refuses_everything_but_its_length() -> None:
    index = VideoIndex(VideoFacts("a", 10.0, 64, 64, 25.0, False))
    assert answer(index, "What does the sign say?").abstained
    assert answer(index, "When does Falcon ship?").abstained
    assert "10 seconds" in answer(index, "How long is the video?").answer
    assert "no sound" in answer(index, "Is there any music?").answer
