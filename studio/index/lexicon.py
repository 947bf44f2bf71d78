"""General English that rules over words rest on: function words, irregular forms, number words, words of one meaning."""
# ruff: noqa: E501, SIM905 - word lists are read as text

from __future__ import annotations

FUNCTION_WORDS = frozenset(
    """a an the this that these those some any each every all both no not never only just also too very really
    exactly actually currently please i me my mine we us our ours you your yours he him his she her hers it its they
    them their theirs one ones who whom whose what which when where why how is am are was were be been being do does
    did doing done has have had having will would shall should can could may might must ought of in on at to from by for
    with without about into onto over under up down out off through during between among against within and or but if
    than then so as because while until there here again more most much many few less least other another same such
    own s t re ve ll d m dont doesnt didnt isnt arent wasnt werent wont cant
    couldnt shouldnt wouldnt hasnt havent hadnt mustnt neednt mightnt aint gonna wanna gotta its im youre theyre thats whats wheres
    whos lets let ever yet still already per via upon toward towards along across around anyone anybody someone
    somebody anything something everyone everything nothing nobody else oh well okay ok yes""".split()
)

_FORMS = """be is am are was were been|go goes going went gone|say said|buy bought|build built|begin began begun|come came|
do did done|draw drew drawn|drive drove driven|eat ate eaten|fall fell fallen|feel felt|find found|fly flew flown|
give gave given|get got gotten|grow grew grown|hold held|hear heard|keep kept|know knew known|lead led|leave left|
lose lost|make made|meet met|pay paid|rise rose risen|run ran|see saw seen|sell sold|send sent|show shown|
sing sang sung|speak spoke spoken|spend spent|stand stood|take took taken|teach taught|tell told|think thought|
wear wore worn|win won|write wrote written|child children|person people|man men|woman women|foot feet|mouse mice|
tooth teeth|break broke broken|bring brought|catch caught|choose chose chosen|drink drank drunk|fight fought|
forget forgot forgotten|freeze froze frozen|hide hid hidden|lie lay lain|mean meant|ride rode ridden|ring rang rung|
forbid forbade forbidden|shoot shot|sit sat|sleep slept|steal stole stolen|swim swam swum|throw threw thrown|understand understood|
wake woke woken|become became|bear bore born|blow blew blown|feed fed|hang hung|light lit|seek sought|shake shook
shaken|slide slid|stick stuck|strike struck|sweep swept|tear tore torn|bake baked baking|use used using|
die died dying|bus buses|gas gases|life lives|knife knives|half halves|shelf shelves|wife wives|
long length longer longest|high height higher highest|deep depth|wide width|strong strength|weigh weight|
hot heat hotter hottest|good better best|bad worse worst|large larger largest|big bigger biggest|small smaller
smallest|fast faster fastest|tall taller tallest|old older oldest age|new newer newest|young younger youngest"""
IRREGULAR = {
    form: forms.split()[0] for forms in _FORMS.replace("\n", " ").split("|") for form in forms.split() if forms.split()
}

UNITS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
} | {word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
ORDINALS = {
    word: value
    for value, word in enumerate(
        """third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
        sixteenth seventeenth eighteenth nineteenth twentieth""".split(),
        3,
    )
}
FIRST_ORDINALS = {"first": 1, "second": 2} | ORDINALS

DERIVED = frozenset(("", "er", "or", "r", "ment", "ion", "ation", "ition", "al", "ly", "ity", "ness", "ist", "ance", "ence", "y", "iv", "ful"))  # fmt: skip

MEANINGS = (
    "begin start commence",
    "end finish conclude close deadline",
    "buy purchase",
    "cost price charge fee",
    "big large huge",
    "small little tiny",
    "fast quick rapid speed",
    "talk speak discuss mention say tell",
    "show display",
    "need require",
    "make create produce manufacture",
    "make build construct",
    "get receive obtain",
    "job profession occupation",
    "firm company business",
    "car automobile",
    "doctor physician",
    "locate place situate venue",
    "live reside",
    "phone telephone",
    "arrive reach",
    "leave depart departure",
    "arrive arrival",
    "increase grow rise growth",
    "decrease fall drop decline shrink",
    "employ hire",
    "lead head direct manage chief run",
    "found establish",
    "happen occur",
    "call name title",
    "help assist",
    "child kid",
    "picture photo image",
    "teach instruct",
    "guest visitor",
    "film movie",
    "holiday vacation",
    "repair fix mend",
    "ill sick",
    "reason cause",
    "choose select pick",
    "give provide offer",
    "find discover",
    "discount sale",
    "wed wedding marry",
    "author write",
    "win victory",
    "temperature hot degree celsius fahrenheit",
    "kilogram kilo kg",
    "metre meter",
    "kilometre kilometer km",
    "litre liter",
    "colour color",
    "percentage percent",
    "release ship launch publish",
    "leaf leaves",
    "shut close closed",
    "cheap cheapest lowest",
    "expensive dear highest",
    "kid child youngster",
    "grandmother grandma granny",
    "grandfather grandpa",
    "mother mum mom",
    "father dad",
    "trainer coach",
    "refrigerator fridge",
    "result outcome passes",
    "rain rainy wet",
    "spice spicy",
    "price admission entry",
    "injury injured added",
    "train practise practice",
    "soak soaked",
    "job work",
    "afraid worried scared",
    "money grant fund",
    "offer bid",
    "contact reach",
    "forbid ban prohibit",
    "allow permit",
    "remove detach",
    "fasten attach tighten",
    "hurt injure",
    "song tune track",
    "wear wearing worn",
    "sign register",
    "destroy ruin",
    "die death dead kill",
    "attend attendance",
    "age old",
)
"""Words of one meaning in the questions people ask of a video, a group a line."""

EVERYDAY = (
    "late delay behind", "broken damage faulty defect fail", "staff employee worker crew personnel team", "weather forecast",
    "cheap discount bargain affordable", "pay cost spend price", "earn salary wage income", "boss manager director head chief",
    "start open launch kick", "end finish done complete ready", "cancel scrap drop abandon", "postpone delay move reschedule",
    "criticise attack slam blame condemn", "praise applaud welcome", "evacuate leave flee", "rescue save", "defeat beat win",
    "opponent rival against", "vote elect ballot", "oppose against reject", "support favor back", "agree accept approve pass",
    "refuse reject decline turn", "donate give gift donation", "fund finance pay sponsor grant", "invent create design develop",
    "discover find describe", "study research investigate", "test try check", "measure record", "advise recommend suggest tip",
    "warn caution careful", "danger risk hazard dangerous", "accident crash collision", "hurt injury wound pain", "ill sick disease",
    "medicine drug pill tablet", "heal recover cure", "sleep stay overnight", "stay hostel hotel accommodation lodge", "trip journey travel tour",
    "ride trip crossing", "board get enter", "ship boat vessel", "plane flight aircraft", "road street route", "path trail track",
    "top summit peak", "shop store market", "sell sale buy", "customer client buyer", "food meal dish eat", "breakfast morning eat",
    "serve feed portion", "boil simmer cook heat", "fry roast brown", "mix stir blend", "cut slice chop", "add put pour", "wash rinse clean",
    "dry set harden", "glue stick paste", "screw bolt fasten", "remove take pull", "fill pour load", "empty drain", "open unlock", "lock secure",
    "choose prefer favourite", "like love enjoy", "hate dislike", "fear afraid scared", "angry cross upset furious", "happy glad delighted",
    "sad sorry unhappy", "surprise shock astonish", "speak language", "home house live", "neighbour next", "marry husband wife wedding",
    "baby newborn", "young youth", "school class lesson course", "exam test midterm", "pupil student", "teach lesson instructor lecturer",
    "win victory champion prize", "match game derby fixture", "goal score", "player squad team", "spectator audience attendance crowd fan",
    "band group", "perform play show concert gig live", "drum drummer", "guitar guitarist", "sing singer vocal", "draw picture illustrate paint",
    "film camera footage shoot", "record sound", "author write", "publish release", "translate translation", "king queen crown royal",
    "war battle fight", "build construct erect", "destroy burn ruin demolish", "fire burn blaze flame", "flood water", "store keep save",
    "delete remove erase", "crash fail bug", "internet online connection web", "app application software", "password login", "phone call ring",
    "weigh heavy weight", "tall height high", "deep depth", "wide width broad", "far distance away", "long length last", "hot warm heat",
    "cold freeze chill", "fast speed quick", "slow speed", "job work profession", "retire leave pension", "tax duty levy", "budget spend",
    "loan credit borrow", "rent lease hire", "profit gain", "loss lose", "grow increase climb jump", "shrink fall drop decline", "cause reason due",
    "purpose aim goal", "problem trouble issue wrong", "solve fix repair", "plan schedule intend", "meet assemble gather", "join attend",
    "visit visitor guest", "guide lead tour", "rule law regulation", "allow permit may", "must require need", "sign contract", "deadline due",
)  # fmt: skip
"""Words that stand for each other in everyday talk, though no dictionary has them as one meaning: a group an entry."""

PHRASES = {
    "go up": "rise", "goes up": "rise", "went up": "rise", "going up": "rise", "gone up": "rise", "go down": "fall",
    "goes down": "fall", "went down": "fall", "going down": "fall", "put off": "postpone", "called off": "cancel",
    "call off": "cancel", "out of order": "broken", "broke down": "broken", "put out": "extinguish", "set up": "establish",
    "gave up": "quit", "give up": "quit", "find out": "discover", "found out": "discover", "look for": "search",
    "looking for": "search", "take place": "happen", "takes place": "happen", "took place": "happen", "fall apart": "break",
    "falls apart": "break", "fell apart": "break", "fallen apart": "break", "turn into": "become", "turned into": "become",
    "bring back": "return", "brought back": "return", "came back": "return",
    "come back": "return", "get rid of": "remove", "throw away": "discard", "sold out": "unavailable", "made of": "material",
    "made from": "material",
}  # fmt: skip
"""Phrases and the one word that says the same."""
