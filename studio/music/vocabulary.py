"""What a sentence asks to be drawn: settings, hours, weather, mood, things and colours, in the order it names them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

SETTING_WORDS: Mapping[str, str] = {
    "mountains": (
        "mountain mountains peak peaks summit alps alpine hill hills highlands cliff cliffs canyon valley "
        "ridge glacier volcano fjord himalaya berge bergen berg gebirge montagne montagnes montaña montañas "
        "montanha montanhas monti 山"
    ),
    "city": (
        "city cities town downtown street streets skyline skyscraper skyscrapers urban metropolis rooftop "
        "rooftops alley alleys neon tokyo york paris london berlin shibuya avenue boulevard subway bridge "
        "station towers buildings suburb stadt städte strasse straße straßen ville rue ciudad calle cidade "
        "rua città strada 都市 街 城市"
    ),
    "sea": (
        "sea seas ocean oceans beach shore shores coast coastline island harbour harbor lake river bay waves "
        "wave seaside pier lagoon waterfall underwater sail water tide meer strand ozean mer plage océan mar "
        "playa océano praia mare spiaggia 海 海边"
    ),
    "forest": (
        "forest forests wood woods woodland jungle trees tree pine pines birch grove rainforest garden park "
        "meadow field fields orchard leaves wilderness wald wälder wäldern bäume forêt forêts arbres jardin "
        "bosque selva árboles floresta foresta giardino 森 森林"
    ),
    "desert": (
        "desert deserts dune dunes sand sahara mesa badlands oasis cactus wasteland wüste désert desierto deserto 沙漠"
    ),
    "stage": (
        "stage concert gig arena festival spotlight spotlights band microphone podium theatre theater opera "
        "crowd stadium amphitheatre bühne konzert scène escenario concierto palco palcoscenico ステージ 舞台"
    ),
    "club": (
        "club clubs nightclub disco rave dancefloor party bar lounge laser lasers dj warehouse discotheque "
        "boîte discoteca fiesta festa クラブ"
    ),
    "room": (
        "room rooms bedroom kitchen house studio attic window bed sofa indoors inside hotel hallway library "
        "café cafe diner cabin zimmer haus wohnung zimmern chambre maison habitación casa quarto stanza 部屋 房间"
    ),
    "road": (
        "road roads highway freeway motorway drive driving car cars journey route travel roadtrip truck "
        "motorcycle asphalt straße autobahn route voiture carretera coche estrada carro 道 公路"
    ),
    "space": (
        "space galaxy galaxies cosmos cosmic universe planet planets stars nebula moonscape astronaut orbit "
        "spaceship rocket mars saturn interstellar asteroid weltraum espace espacio espaço spazio universo 宇宙 "
        "太空"
    ),
    "abstract": (
        "abstract shapes geometry geometric patterns psychedelic fractal fractals kaleidoscope surreal void "
        "colours colors trippy hypnotic abstrakt abstrait abstracto astratto 抽象"
    ),
}
HOUR_WORDS: Mapping[str, str] = {
    "dawn": "dawn sunrise daybreak morning morgengrauen sonnenaufgang aube amanecer alba 朝 黎明",
    "day": (
        "day daytime noon midday daylight sunny sunshine afternoon tag mittag sonne jour midi soleil día sol "
        "dia giorno 昼"
    ),
    "golden": "golden late-afternoon sunlit sunkissed amber",
    "dusk": (
        "dusk sunset twilight evening sundown nightfall abend sonnenuntergang dämmerung crépuscule soir "
        "atardecer anochecer tramonto entardecer 夕方 黄昏"
    ),
    "night": (
        "night nights midnight stars galaxy moon neon nocturnal moonlight moonlit starlit starry nighttime "
        "nacht mitternacht nuit minuit noche medianoche noite notte 夜 深夜"
    ),
}
WEATHER_WORDS: Mapping[str, str] = {
    "rain": "rain rainy raining drizzle downpour wet shower regen pluie lluvia chuva pioggia 雨",
    "snow": "snow snowy snowing winter blizzard frost frozen ice icy schnee neige nieve neve 雪",
    "fog": "fog foggy mist misty haze hazy smoke smoky nebel brouillard brume niebla névoa nebbia 霧 雾",
    "storm": (
        "storm stormy thunder lightning tempest hurricane tornado thunderstorm sturm gewitter orage tempête "
        "tormenta tempestade tempesta 嵐"
    ),
    "clouds": "cloud clouds cloudy overcast grey-sky wolken nuages nubes nuvens nuvole 雲",
    "clear": "clear cloudless blue-sky",
}
MOOD_WORDS: Mapping[str, str] = {
    "calm": "calm quiet peaceful serene still gentle slow tranquil soft silent ruhig calme tranquilo",
    "warm": (
        "warm love loving tender cosy cozy nostalgic nostalgia home friendship summer hopeful hope liebe "
        "amour amor amore"
    ),
    "tense": ("tense chase running escape danger dangerous fight anger angry urgent rebel rage restless fire furious"),
    "euphoric": (
        "euphoric happy joy joyful ecstatic celebration celebrate dance dancing dancer party freedom free "
        "wild bright triumphant alive fireworks glücklich joie feliz alegría gioia"
    ),
    "melancholy": (
        "melancholy sad sadness lonely alone loneliness lost tears crying heartbreak heartbroken blue missing "
        "goodbye farewell longing traurig einsam triste tristesse solitario saudade"
    ),
    "dark": (
        "dark darkness gothic haunted horror evil shadow shadows sinister death ghost ghosts demon grim noir "
        "dunkel sombre oscuro buio"
    ),
    "dreamy": (
        "dream dreams dreamy dreaming dreamlike ethereal magic magical mystical fantasy floating fairy "
        "enchanted traum rêve sueño sonho sogno 夢"
    ),
}
THING_WORDS: Mapping[str, str] = {
    "moon": "moon moonlight moonlit mond lune luna 月",
    "aurora": "aurora northern-lights",
    "birds": "bird birds seagull seagulls gull gulls crow crows swallows ravens vögel oiseaux pájaros",
    "boat": "boat boats ship ships sail sailing sailboat yacht boot bateau barco barca",
    "lighthouse": "lighthouse leuchtturm phare faro",
    "lanterns": "lantern lanterns candle candles",
    "fireflies": "firefly fireflies glow-worms sparkles",
    "flowers": (
        "flower flowers roses rose poppies tulips sunflowers wildflowers blossom meadow blumen fleurs flores fiori"
    ),
    "petals": "petal petals cherry sakura confetti",
    "palms": "palm palms tropical island oasis california miami",
    "balloon": "balloon balloons hot-air",
    "fireworks": "firework fireworks feuerwerk",
    "embers": "fire bonfire campfire ember embers flame flames burning volcano",
    "rainbow": "rainbow regenbogen",
}
COLOUR_WORDS: Mapping[str, str] = {
    "red": "#d9303a", "crimson": "#b3122e", "orange": "#f0802c", "gold": "#e6ae3c", "yellow": "#f2cf3f",
    "green": "#3f9a5a", "emerald": "#1f9a6c", "turquoise": "#2fb8b0", "teal": "#1f8a92", "cyan": "#2fc4e0",
    "blue": "#2f6fd0", "navy": "#1f3470", "indigo": "#4438a8", "purple": "#7a3fb8", "violet": "#8a4fd8",
    "lavender": "#b8a0e0", "magenta": "#d82fa8", "pink": "#f080b0", "brown": "#7a4f30", "rosa": "#f080b0",
    "rot": "#d9303a", "rouge": "#d9303a", "rojo": "#d9303a", "blau": "#2f6fd0", "bleu": "#2f6fd0",
    "azul": "#2f6fd0", "grün": "#3f9a5a", "vert": "#3f9a5a", "verde": "#3f9a5a",
}  # fmt: skip

_PHRASES: Mapping[str, str] = {
    "golden hour": "golden", "late afternoon": "late-afternoon", "northern lights": "northern-lights",
    "blue sky": "blue-sky", "grey sky": "grey-sky", "gray sky": "grey-sky", "dance floor": "dancefloor",
    "road trip": "roadtrip", "outer space": "space", "night club": "nightclub", "hot air": "hot-air",
    "glow worms": "glow-worms", "new york": "york", "living room": "room", "setting sun": "sunset",
    "rising sun": "sunrise", "house music": "music", "desert island": "island", "milky way": "galaxy",
    "under the stars": "starry", "sun comes up": "sunrise", "sun rises": "sunrise", "first light": "sunrise",
    "sun goes down": "sunset", "sun sets": "sunset",
}  # fmt: skip
_NEGATIONS = frozenset(
    ("no", "not", "without", "never", "nor", "kein", "keine", "ohne", "sans", "sin", "sem", "senza", "non")
)
_JOURNEY = re.compile(
    r"\b(from .+ (to|into|through)|then|until|towards?|afterwards?|finally|waits? for|waiting for|through the night"
    r"|von .+ (zu|zum|bis|ans)|de .+ à)\b"
)
_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


@dataclass(frozen=True)
class Reading:
    """What was found in a sentence, each without repeats and in the order it was named.

    `journey` is true when the places or hours follow one another ("from the city to the sea") rather than share
    one picture ("a city by the sea").
    """

    settings: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    weathers: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    journey: bool = False


def read_sentence(sentence: str) -> Reading:
    """Reads `sentence` by word, not by part of a word: "car" is not in "scarf". Words after "no" or "without" don't
    count. Any language's unknown words are simply not found."""
    text = unicodedata.normalize("NFKC", sentence).casefold()
    for phrase, word in _PHRASES.items():
        text = text.replace(phrase, word)
    tokens = _TOKEN.findall(text)
    wanted = [token for at, token in enumerate(tokens) if not _negated(tokens, at)]
    return Reading(
        settings=_found(wanted, SETTING_WORDS),
        hours=_found(wanted, HOUR_WORDS),
        weathers=_found(wanted, WEATHER_WORDS),
        moods=_found(wanted, MOOD_WORDS),
        things=_found(wanted, THING_WORDS),
        colours=tuple(dict.fromkeys(COLOUR_WORDS[token] for token in wanted if token in COLOUR_WORDS)),
        journey=bool(_JOURNEY.search(text)),
    )


def _negated(tokens: list[str], at: int) -> bool:
    return any(token in _NEGATIONS for token in tokens[max(0, at - 2) : at])


def _found(tokens: list[str], vocabulary: Mapping[str, str]) -> tuple[str, ...]:
    words = {word: name for name, line in vocabulary.items() for word in line.split()}
    names = []
    for token in tokens:
        name = words.get(token) or words.get(token.removesuffix("'s")) or _within(token, words)
        if name:
            names.append(name)
    return tuple(dict.fromkeys(names))


def _within(token: str, words: Mapping[str, str]) -> str | None:
    """Chinese and Japanese have no spaces: look for their words inside the run of characters."""
    if token.isascii():
        return None
    return next(
        (name for word, name in words.items() if not word.isascii() and ord(word[0]) > 0x2E7F and word in token), None
    )
