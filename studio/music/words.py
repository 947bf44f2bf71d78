"""The words that name what can be drawn: English first, then German, French, Spanish, Portuguese, Italian, Japanese and
Chinese. A word stands under one name of a table; several tables may know it."""

from __future__ import annotations

from collections.abc import Mapping

SETTING_WORDS: Mapping[str, str] = {
    "mountains": (
        "mountain mountains peak peaks summit alps alpine hill hills highlands cliff cliffs canyon valley "
        "ridge glacier volcano fjord himalaya berge bergen berg gebirge montagne montagnes montaña montañas "
        "montanha montanhas monti 山 everest rockies mountainside mountaintop hilltop hillside ravine gorge "
        "plateau foothills hügel tal gipfel schlucht alpen colline collines sommet vallée falaise colina "
        "colinas cumbre valle cerro collina vetta vale 山々 山脈 丘 谷 峡谷 高原"
    ),
    "city": (
        "city cities town downtown street streets skyline skyscraper skyscrapers urban metropolis rooftop "
        "rooftops alley alleys neon tokyo york paris london berlin shibuya avenue boulevard subway bridge "
        "station towers buildings suburb stadt städte strasse straße straßen ville rue ciudad calle cidade "
        "rua città strada 都市 街 城市 village metro taxi crosswalk sidewalk pavement billboards manhattan "
        "brooklyn chicago seoul shanghai mumbai venice rome madrid istanbul vegas city-lights dorf gasse "
        "gassen hochhaus hochhäuser dächer dach brücke bahnhof innenstadt stadtlichter rues toit toits "
        "immeubles ruelle pont gare calles edificios ciudades azotea puente pueblo ruas prédios strade tetti "
        "palazzi 町 都会 東京 渋谷 新宿 大阪 京都 路地 ビル 高層ビル 摩天楼 屋上 駅 電車 ネオン 通り 街角 城 高楼"
    ),
    "sea": (
        "sea seas ocean oceans beach shore shores coast coastline island harbour harbor lake river bay waves "
        "wave seaside pier lagoon waterfall underwater sail water tide meer strand ozean mer plage océan mar "
        "playa océano praia mare spiaggia 海 海边 surf surfer surfing tides cove dock docks marina reef coral "
        "mermaid seashore riverbank canal waterfront pond fluss hafen küste wellen insel ufer wasserfall "
        "vagues île lac rivière fleuve rivage côte bord-de-mer olas isla lago río costa puerto ondas ilha rio "
        "onde isola fiume 海辺 海岸 浜辺 ビーチ 波 湖 川 港 島 水中 大海 河"
    ),
    "forest": (
        "forest forests wood woods woodland jungle trees tree pine pines birch grove rainforest garden park "
        "meadow field fields orchard leaves wilderness wald wälder wäldern bäume forêt forêts arbres jardin "
        "bosque selva árboles floresta foresta giardino 森 森林 bamboo glade clearing canopy moss vineyard "
        "prairie countryside farm farmland grass grassland savanna savannah willow oak oaks redwoods taiga "
        "thicket baum wiese wiesen garten dschungel blumenwiese feld felder waldweg arbre champ champs bois "
        "clairière sous-bois arbol árbol prado jardín campo campos hierba mata bosco alberi prato 林 木々 庭 公園 "
        "草原 野原 花畑 ジャングル 树林 草地"
    ),
    "desert": (
        "desert deserts dune dunes sand sahara mesa badlands oasis cactus wasteland wüste désert desierto "
        "deserto 沙漠 arid barren outback sandstorm cacti mojave wüsten düne dünen sanddünen sable duna dunas "
        "sabbia deserti 砂漠 砂丘 荒野"
    ),
    "stage": (
        "stage concert gig arena festival spotlight spotlights band microphone podium theatre theater opera "
        "crowd stadium amphitheatre bühne konzert scène escenario concierto palco palcoscenico ステージ 舞台 "
        "performing performer audience encore mic orchestra recital auditorium cabaret publikum scheinwerfer "
        "konzertbühne projecteurs foule público micrófono folla pubblico コンサート ライブ 劇場 演唱会"
    ),
    "club": (
        "club clubs nightclub disco rave dancefloor party bar lounge laser lasers dj warehouse discotheque "
        "boîte discoteca fiesta festa クラブ dancehall nightlife strobe strobes discoball mirrorball techno "
        "tanzfläche diskothek diskokugel boîte-de-nuit fête piste discothèque antro balada ディスコ ダンスフロア "
        "パーティー 夜总会"
    ),
    "room": (
        "room rooms bedroom kitchen house studio attic window bed sofa indoors inside hotel hallway library "
        "café cafe diner cabin zimmer haus wohnung zimmern chambre maison habitación casa quarto stanza 部屋 房间 "
        "bathroom apartment loft basement couch armchair fireplace office classroom school hospital "
        "restaurant bookstore church cathedral schlafzimmer wohnzimmer küche fenster bett drinnen keller "
        "salon cuisine fenêtre intérieur appartement dormitorio cocina ventana cama janela finestra "
        "letto 窓 寝室 台所 カフェ 図書館 ベッド 室内 卧室 屋内"
    ),
    "road": (
        "road roads highway freeway motorway drive driving car cars journey route travel roadtrip truck "
        "motorcycle asphalt autobahn voiture carretera coche estrada carro 道 公路 roadside interstate "
        "convertible cadillac biker motorbike bus hitchhiker railroad railway train weg reise landstraße "
        "fahrt fahren zug autofahrt chemin voyage conduire voitures camino viaje autopista coches conducir "
        "caminho viagem viaggio autostrada macchina 道路 高速道路 ハイウェイ 車 ドライブ 旅 旅行 バイク"
    ),
    "space": (
        "space galaxy galaxies cosmos cosmic universe planet planets stars nebula moonscape astronaut orbit "
        "spaceship rocket mars saturn interstellar asteroid weltraum espace espacio espaço spazio universo 宇宙 "
        "太空 astronauts cosmonaut lunar comet comets asteroids starship ufo alien aliens jupiter supernova "
        "wormhole satellite celestial starfield weltall galaxie planeten sterne raumschiff sternenhimmel "
        "planète étoiles fusée galaxia planeta estrellas astronauta nave estrelas stelle pianeta 銀河 惑星 星雲 "
        "ロケット 宇宙船 月面 火星 星球"
    ),
    "abstract": (
        "abstract shapes geometry geometric patterns psychedelic fractal fractals kaleidoscope surreal void "
        "colours colors trippy hypnotic abstrakt abstrait abstracto astratto 抽象 swirls spirals mandala glitch "
        "prism hallucination hallucinations vortex formen geometrisch muster formes motifs formas forme 幾何学 "
        "万華鏡"
    ),
}
HOUR_WORDS: Mapping[str, str] = {
    "dawn": (
        "dawn sunrise daybreak morning morgengrauen sonnenaufgang aube amanecer alba 朝 黎明 sunup "
        "sonnenaufgangs frühmorgens morgens morgen aurore matin lever-soleil madrugada manhã amanhecer "
        "mattina 夜明け 明け方 日の出 朝焼け 早朝 清晨 日出"
    ),
    "day": (
        "day daytime noon midday daylight sunny sunshine afternoon tag mittag sonne jour midi soleil día sol "
        "dia giorno 昼 noonday lunchtime sonnenschein tagsüber nachmittag journée après-midi mediodía "
        "tarde-soleada meio-dia mezzogiorno 昼間 正午 真昼 日中 白天 中午"
    ),
    "golden": "golden late-afternoon sunlit sunkissed amber golden-light goldstunde",
    "dusk": (
        "dusk sunset twilight evening sundown nightfall abend sonnenuntergang dämmerung crépuscule soir "
        "atardecer anochecer tramonto entardecer 夕方 黄昏 gloaming dusky blue-hour abends abendrot zwielicht "
        "abenddämmerung coucher-soleil soirée couchant ocaso tarde crepúsculo sera 夕暮れ 夕日 夕焼け 日没 傍晚 日落"
    ),
    "night": (
        "night nights midnight stars galaxy moon neon nocturnal moonlight moonlit starlit starry nighttime "
        "nacht mitternacht nuit minuit noche medianoche noite notte 夜 深夜 tonight starlight streetlights "
        "moonless starless nachts nächtlich sternenhimmel nocturne nuits noches nocturna noites 真夜中 夜空 夜中 夜晚 "
        "星空 今夜"
    ),
}
WEATHER_WORDS: Mapping[str, str] = {
    "rain": (
        "rain rainy raining drizzle downpour wet shower regen pluie lluvia chuva pioggia 雨 rains puddle "
        "puddles umbrella umbrellas monsoon pouring drizzling regnerisch verregnet pluvieux lluvioso llueve "
        "chuvosa piovoso 梅雨 下雨"
    ),
    "snow": (
        "snow snowy snowing winter blizzard frost frozen ice icy schnee neige nieve neve 雪 snowfall snowflake "
        "snowflakes snowstorm wintry icicle arctic frosty christmas verschneit schneit schneesturm eis "
        "enneigé enneigée hiver glace nevado invierno hielo inverno neva 吹雪 冬 雪景色 下雪"
    ),
    "fog": (
        "fog foggy mist misty haze hazy smoke smoky nebel brouillard brume niebla névoa nebbia 霧 雾 smog steam "
        "vapour vapor sandstorm neblig dunst rauch brumeux fumée neblina humo fumaça neblinas fumo 霞 煙"
    ),
    "storm": (
        "storm stormy thunder lightning tempest hurricane tornado thunderstorm sturm gewitter orage tempête "
        "tormenta tempestade tempesta 嵐 storms typhoon cyclone gale thunderclouds blitz blitze donner "
        "unwetter éclairs foudre tonnerre relámpago relámpagos rayos trueno fulmini 雷 台風 稲妻 暴风雨 暴雨"
    ),
    "clouds": (
        "cloud clouds cloudy overcast grey-sky wolken nuages nubes nuvens nuvole 雲 wolkig bewölkt nuageux "
        "nublado nuvoloso 曇り 曇り空 云 多云"
    ),
    "clear": "clear cloudless blue-sky klarer-himmel wolkenlos dégagé despejado sereno 晴れ 快晴 青空 晴天",
}
MOOD_WORDS: Mapping[str, str] = {
    "calm": (
        "calm quiet peaceful serene still gentle slow tranquil soft silent ruhig calme tranquilo stille "
        "friedlich leise paisible tranquille silence silencieux tranquila silencio calma silenzio quieto 静か "
        "穏やか 静寂"
    ),
    "warm": (
        "warm love loving tender cosy cozy nostalgic nostalgia home friendship summer hopeful hope liebe "
        "amour amor amore sommer warme verliebt amoureux été verano enamorados verão  愛 恋 夏 懐かしい"
    ),
    "tense": (
        "tense chase running escape danger dangerous fight anger angry urgent rebel rage restless fire "
        "furious flucht verfolgung wut gefahr wütend fuite poursuite colère huida persecución rabia peligro "
        "fuga rabbia 追跡 怒り 危険"
    ),
    "euphoric": (
        "euphoric happy joy joyful ecstatic celebration celebrate dance dancing dancer party freedom free "
        "wild bright triumphant alive fireworks glücklich joie feliz alegría gioia tanzt tanzen tanz tänzerin "
        "freude feiern freiheit frei danse danser heureux heureuse liberté fêter baila bailar baile bailando "
        "felices libertad dança dançar balla ballare libertà 踊る 踊り 楽しい 嬉しい 幸せ 自由 ダンス 跳舞"
    ),
    "melancholy": (
        "melancholy sad sadness lonely alone loneliness lost tears crying heartbreak heartbroken blue missing "
        "goodbye farewell longing traurig einsam triste tristesse solitario saudade einsame einsamer allein "
        "verloren sehnsucht tränen abschied seul seule larmes adieu mélancolie sola solo lágrimas soledad "
        "adiós sozinho lacrime addio 悲しい 寂しい 孤独 涙 失恋 悲伤"
    ),
    "dark": (
        "dark darkness gothic haunted horror evil shadow shadows sinister death ghost ghosts demon grim noir "
        "dunkel sombre oscuro buio düster schatten finster unheimlich ombre ombres ténèbres sombra sombras "
        "oscuridad oscura tenebroso ombra buia 闇 暗い 影 黑暗"
    ),
    "dreamy": (
        "dream dreams dreamy dreaming dreamlike ethereal magic magical mystical fantasy floating fairy "
        "enchanted traum rêve sueño sonho sogno 夢 träume träumt verträumt zauberhaft magie magisch rêves "
        "rêver magique sueños mágico mágica soñar sonhos sogni magico 幻想 魔法 梦"
    ),
}
THING_WORDS: Mapping[str, str] = {
    "moon": "moon moonlight moonlit mond lune luna 月 vollmond mondlicht pleine-lune lua 満月 满月",
    "aurora": "aurora northern-lights nordlicht nordlichter polarlicht polarlichter aurores auroras オーロラ 极光",
    "birds": (
        "bird birds seagull seagulls gull gulls crow crows swallows ravens vögel oiseaux pájaros eagle eagles "
        "doves möwe möwen oiseau aves pájaro uccelli 鳥 カモメ 鸟"
    ),
    "boat": (
        "boat boats ship ships sail sailing sailboat yacht bateau barco barca e schiff segelboot "
        "bateaux voilier barcos velero barche nave 船 ボート 舟"
    ),
    "lighthouse": "lighthouse leuchtturm phare faro 灯台 灯塔",
    "lanterns": (
        "lantern lanterns candle candles laterne laternen kerzen lanternes bougies linternas faroles velas "
        "lanterne 提灯 灯籠 ランタン 灯笼"
    ),
    "fireflies": "firefly fireflies glow-worms sparkles glühwürmchen lucioles luciérnagas lucciole 蛍 萤火虫",
    "flowers": (
        "flower flowers roses rose poppies tulips sunflowers wildflowers blossom meadow blumen fleurs flores "
        "fiori lilies daisies lavender-field blume rosen fleur flor rosas fiore 花 薔薇 バラ"
    ),
    "petals": (
        "petal petals cherry sakura confetti blütenblätter pétales pétalos petali kirschblüten cerisiers 桜 花びら 樱花"
    ),
    "palms": "palm palms tropical island oasis california miami palmen palmiers palmeras palmeiras ヤシ 椰子",
    "balloon": "balloon balloons hot-air ballon heißluftballon montgolfière globo 気球",
    "fireworks": "firework fireworks feuerwerk feux-artifice fuegos-artificiales 花火 烟花",
    "embers": (
        "fire bonfire campfire ember embers flame flames burning volcano feuer lagerfeuer flammen feu flammes "
        "fuego fogata hoguera fogo fuoco 火 焚き火 炎"
    ),
    "rainbow": "rainbow regenbogen arc-en-ciel arcoíris arco-iris arcobaleno 虹 彩虹",
}
COLOUR_WORDS: Mapping[str, str] = {
    "red": "#d9303a",
    "crimson": "#b3122e",
    "orange": "#f0802c",
    "gold": "#e6ae3c",
    "yellow": "#f2cf3f",
    "green": "#3f9a5a",
    "emerald": "#1f9a6c",
    "turquoise": "#2fb8b0",
    "teal": "#1f8a92",
    "cyan": "#2fc4e0",
    "blue": "#2f6fd0",
    "navy": "#1f3470",
    "indigo": "#4438a8",
    "purple": "#7a3fb8",
    "violet": "#8a4fd8",
    "lavender": "#b8a0e0",
    "magenta": "#d82fa8",
    "pink": "#f080b0",
    "brown": "#7a4f30",
    "rosa": "#f080b0",
    "rot": "#d9303a",
    "rouge": "#d9303a",
    "rojo": "#d9303a",
    "blau": "#2f6fd0",
    "bleu": "#2f6fd0",
    "azul": "#2f6fd0",
    "scarlet": "#c8242c",
    "maroon": "#7a1f2c",
    "burgundy": "#7a1a30",
    "coral": "#f58070",
    "mint": "#8fd8b8",
    "lime": "#9fd83f",
    "lilac": "#c0a0e0",
    "copper": "#b87040",
    "rote": "#d9303a",
    "roten": "#d9303a",
    "roter": "#d9303a",
    "rotes": "#d9303a",
    "blaue": "#2f6fd0",
    "blauen": "#2f6fd0",
    "blauer": "#2f6fd0",
    "grüne": "#3f9a5a",
    "grünen": "#3f9a5a",
    "gelb": "#f2cf3f",
    "gelbe": "#f2cf3f",
    "lila": "#7a3fb8",
    "türkis": "#2fb8b0",
    "bleue": "#2f6fd0",
    "verte": "#3f9a5a",
    "jaune": "#f2cf3f",
    "rose-pâle": "#f080b0",
    "doré": "#e6ae3c",
    "dorée": "#e6ae3c",
    "roja": "#d9303a",
    "amarillo": "#f2cf3f",
    "morado": "#7a3fb8",
    "naranja": "#f0802c",
    "dorado": "#e6ae3c",
    "vermelho": "#d9303a",
    "rosso": "#d9303a",
    "giallo": "#f2cf3f",
    "blu": "#2f6fd0",
    "viola": "#7a3fb8",
    "赤": "#d9303a",
    "赤い": "#d9303a",
    "青": "#2f6fd0",
    "青い": "#2f6fd0",
    "緑": "#3f9a5a",
    "紫": "#7a3fb8",
    "黄色": "#f2cf3f",
    "金色": "#e6ae3c",
    "ピンク": "#f080b0",
    "オレンジ": "#f0802c",
    "红": "#d9303a",
    "蓝": "#2f6fd0",
    "绿": "#3f9a5a",
    "grün": "#3f9a5a",
    "vert": "#3f9a5a",
    "verde": "#3f9a5a",
}

PHRASES: Mapping[str, str] = {
    "golden hour": "golden", "late afternoon": "late-afternoon", "northern lights": "northern-lights",
    "blue sky": "blue-sky", "grey sky": "grey-sky", "gray sky": "grey-sky", "dance floor": "dancefloor",
    "road trip": "roadtrip", "outer space": "space", "night club": "nightclub", "hot air": "hot-air",
    "glow worms": "glow-worms", "new york": "york", "living room": "room", "setting sun": "sunset",
    "rising sun": "sunrise", "house music": "music", "desert island": "island", "milky way": "galaxy",
    "under the stars": "starry", "sun comes up": "sunrise", "sun rises": "sunrise", "first light": "sunrise",
    "sun goes down": "sunset", "sun sets": "sunset",
    "blue hour": "blue-hour", "blaue stunde": "blue-hour", "heure bleue": "blue-hour", "hora azul": "blue-hour",
    "goldene stunde": "golden", "heure dorée": "golden", "hora dorada": "golden", "sin city": "city",
    "coucher du soleil": "sunset", "coucher de soleil": "sunset", "lever du soleil": "sunrise",
    "lever de soleil": "sunrise", "puesta de sol": "sunset", "puesta del sol": "sunset", "salida del sol": "sunrise",
    "pôr do sol": "sunset", "nascer do sol": "sunrise", "sonne geht auf": "sunrise", "sonne geht unter": "sunset",
    "ciel bleu": "blue-sky", "cielo azul": "blue-sky", "blauer himmel": "blue-sky", "blauem himmel": "blue-sky",
    "feux d'artifice": "feux-artifice", "feu d'artifice": "feux-artifice", "fuegos artificiales": "fuegos-artificiales",
    "boîte de nuit": "nightclub", "salle de concert": "concert", "bord de mer": "seaside", "aurores boréales": "aurora",
    "city lights": "city", "rock band": "band", "rubber band": "rubber", "sea of people": "crowd",
    "in the sun": "sunny", "middle of the night": "midnight", "open road": "road", "train station": "station",
}  # fmt: skip
"""Read before single words: they mean something else together."""

UNRELATED: frozenset[str] = frozenset(
    (
        "火星",
        "火山",
        "北海道",
        "東海道",
        "月曜",
        "火曜",
        "電車",
        "列車",
        "自転車",
        "道具",
        "花火",
        "火花",
        "夜店",
        "海外",
        "花嫁",
        "星空",
        "夜明け",
    )
)
"""Runs of characters in which a shorter word's characters stand without its meaning."""
