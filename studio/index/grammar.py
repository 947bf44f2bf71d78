"""The grammar of questions about a video: their kinds as patterns, and the words that belong to each kind."""
# ruff: noqa: E501 - a pattern is read as one line

from __future__ import annotations

import re

from studio.index.lexicon import FIRST_ORDINALS
from studio.index.words import stem


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


_VIDEO = r"(?:video|clip|film|movie|recording|footage)"
_WHOLE = rf"(?:the|this)\s+(?:whole\s+|entire\s+|full\s+)?{_VIDEO}"
SAY = r"(?:sa(?:y|ys|id|ying)|mention(?:s|ed|ing)?|talk(?:s|ed|ing)?|sp(?:eak|eaks|oken|oke|eaking)|discuss(?:es|ed|ing)?|utter(?:s|ed)?|tells?|told|hear|heard|refer(?:s|red)?(?:\s+to)?|explain(?:s|ed)?|announce[sd]?|bring\s+up|come[s]?\s+up|introduce[sd]?)"  # fmt: skip
SHOW = r"(?:sho(?:w|ws|wn|wing|wed)(?:\s+up)?|appear(?:s|ed|ing)?|display(?:s|ed)?|se(?:e|en)|visible|written|read|pop(?:s|ped)?\s+up|come[s]?\s+(?:up|on)|on\s+(?:the\s+)?screen|in\s+(?:the\s+)?(?:picture|view))"  # fmt: skip
_ONE = r"(?:he|she|they|it|we|you|one|someone|somebody|anyone|anybody|the\s+(?:speakers?|narrator|presenters?|woman|man|girl|boy|person|people|voice|host|hosts|teacher|lecturer|video|clip|film|speech|audio|transcript))"  # fmt: skip
_BOARD = r"(?:signs?|slides?|captions?|titles?|texts?|banners?|screens?|headlines?|headings?|tickers?|subtitles?|labels?|posters?|boards?|letters|lettering|lower\s+thirds?|credits?|message|words?|writing|inscription)"  # fmt: skip
_ORDINAL_WORD = "last|final|opening|" + "|".join(FIRST_ORDINALS) + r"|\d+(?:st|nd|rd|th)"

FRAME = _stems(
    """timestamp video clip film movie footage recording scene shot part moment point time times second seconds
    minute minutes screen frame picture see seen hear heard appear show shown display visible say said mention mentioned
    talk speak speaker narrator presenter according tell told word words text written write read sign slide caption
    title banner line sentence people person thing first last begin start end stop total whole entire overall many often
    long video's give name describe kind type sort question answer find know explain discuss happen state exact precise
    come goes go get number voice host"""
)
"""Words that point at the video instead of at what is in it."""

SOUND = _stems(
    """music song melody silence silent quiet noise noisy sound soundtrack audio loud loudest loudness quietest
    speech speaking talking background play playing volume track bang"""
)
LOOK = _stems(
    """dark darker darkest bright brighter brightest brightness light lighter lightest colour color colours colored
    main dominant dominate background mostly predominant common motion movement move moving moves action
    static still calm camera pan panning panned tilt tilting zoom zooming fade fades cut cuts longer shorter
    longest shortest short length duration busiest liveliest dynamic most least left right up down in out
    transition kind image look"""
)
LOOK_TRIGGER = _stems(
    """dark darker darkest bright brighter brightest brightness lighter lightest colour color motion movement move
    static still calm camera pan tilt zoom fade longer shorter longest shortest busiest liveliest dynamic
    action"""
)
FACE = _stems("""face faces people person persons human humans anyone someone anybody somebody man woman""")
COUNTER = _stems(
    """counter timer countdown score scoreboard clock count number reading value digit stopwatch odometer meter
    tally"""
)
COUNTER_WORDS = COUNTER | _stems(
    """reach hit pass show read change changes stand count go highest lowest largest smallest final initial maximum
    minimum biggest start up display equal become turn increase decrease value step"""
)

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.I))
    for kind, pattern in (
        ("duration", rf"\bhow\s+long\s+(?:is|does|was|did)\s+{_WHOLE}\b(?!\s+(?:show|talk|say|play))|\b(?:duration|running\s*time|length)\s+(?:of|for)\s+{_WHOLE}|^(?:what\s+is\s+|what's\s+)?(?:the\s+)?(?:duration|runtime|running\s+time|{_VIDEO}'?s?\s+(?:length|duration))\W*$|\bhow\s+many\s+(?:seconds|minutes)\s+(?:long\s+)?(?:is|does|are\s+in)\s+{_WHOLE}|\b(?:what\s+is\s+)?{_WHOLE}'s\s+(?:length|duration)"),
        ("resolution", r"\b(?:resolution|dimensions|aspect\s+ratio|how\s+many\s+pixels|frame\s+size|picture\s+size|pixel\s+size)\b|\b(?:portrait|vertical)\s+or\s+(?:landscape|horizontal)\b|\b(?:landscape|horizontal)\s+or\s+(?:portrait|vertical)\b"),
        ("frame_rate", r"\bframe\s*rate\b|\bfps\b|\bframes\s+(?:per|a)\s+second\b"),
        ("look", r"\b(?:which|what)\s+(?:scene|shot|one)\b.*\b(?:long|short)(?:er|est)\b|\b(?:longest|shortest)\s+(?:scene|shot)\b|^how\s+long\s+(?:is|does|was)\W*(?:last)?\W*$|^(?:is|does|was)\b.*\b(?:longer|shorter)\s+than\W*(?:.*\b(?:scene|shot|one)\b.*)?$"),
        ("scene_count", r"\b(?:how\s+many|number\s+of|count(?:\s+the)?)\s+(?:different\s+|distinct\s+|separate\s+)?(?:scenes?|shots?(?!\s+(?:did|does|do|have|has|had|on|were\s+\w+ed)\b(?!\s+(?:the|this|it)\s+(?:video|clip|film)))|cuts?|(?:scene\s+)?transitions?|scene\s+changes?|fades?)\b|^(?:is|are|does|do)\b.*\b(?:any\s+(?:cuts?|fades?|transitions?)|fades?(?:\s+(?:anywhere|at\s+all|somewhere))?\W*$|a\s+(?:cut|fade))"),
        ("scene_time", r"^(?:when|(?:at|from)\s+(?:what|which)\s+(?:time|second|moment)|how\s+late)\s+(?:exactly\s+)?(?:does|do|did|is|was)\s*(?:the\s+)?(?P<relation>start|begin|end|finish|stop|come|appear|over|shown|seen)?(?:\s+(?:of|on|up))?\W*$"),
        ("when_cut", r"\b(?:when|at\s+what\s+time|time\s+of|where)\b.*\b(?:(?:first|last|next|second|third)\s+(?:cut|fade)|fades?\W*$|(?:scene|shot)s?\s+changes?|cuts?\s+happen|cuts)\b|\bwhere\s+are\s+the\s+cuts\b"),
        ("summary", rf"\bsummar(?:y|ise|ize|ies)\b|\bwhat\s+(?:is|was)\s+(?:{_WHOLE}|it|this)\s+about\b|\bwhat's\s+(?:{_WHOLE}|it|this)\s+about\b|\b(?:(?:main|key)\s+(?:topic|subject|point|idea|theme|message|takeaway|fact)s?|takeaways?|highlights|topic\s+of|gist|overview|tl;?dr|in\s+a\s+nutshell)\b|^(?:please\s+)?describe\s+(?:{_WHOLE}|it)\b|\bwhat\s+(?:happens|is\s+happening|goes\s+on)\s+in\s+{_WHOLE}\W*$|\bwhat\s+does\s+{_WHOLE}\s+(?:cover|deal\s+with|talk\s+about|discuss)\W*$"),
        ("compare_order", r"\b(?:which|what)\s+(?:\w+\s+){0,2}?(?:comes?|came|is|was|appears?|appeared)\s+(?:\w+\s+)?(?P<relation>first|earlier|later|last)\s*[,:]\s*(?P<topic>.+?),?\s+or\s+(?P<other>.+?)\W*$"),
        ("compare_order", rf"^(?:is|was|are|were|does|do|did)\s+(?P<topic>.+?)\s+(?:(?:{SAY}|{SHOW}|come[s]?|happen[s]?)\s+)?(?P<relation>before|after|earlier\s+than|later\s+than)\s+(?P<other>.+?)\W*$"),
        ("order", rf"\b(?:what|which)\s+(?:\w+\s+){{0,2}}?(?:(?:is|are|was|gets)\s+)?(?:{SAY}|{SHOW}|comes?|came|happens?|happened|follows?|next)\s+(?:on\s+(?:the\s+)?screen\s+)?(?:next\s+|right\s+|directly\s+|immediately\s+|just\s+|shortly\s+)?(?P<relation>after|before|following|prior\s+to)\s+(?P<topic>.+?)\W*$"),
        ("order", rf"\b(?:what|which)\s+(?:does|do|did)\s+{_ONE}\s+(?:{SAY}|{SHOW})\s+(?:about\s+)?(?:next\s+|right\s+|directly\s+|immediately\s+|just\s+)?(?P<relation>after|before)\s+(?P<topic>.+?)\W*$"),
        ("order", r"\bwhat\s+(?P<relation>follows|precedes)\s+(?P<topic>.+?)\W*$"),
        ("edge_item", rf"\b(?:what|which)\s+(?:is|was|are|were)\s+the\s+(?:very\s+)?(?P<relation>first|last|final|opening|closing)\s+(?P<topic>thing|words?|sentence|text|title|slide|sign|caption|line|message)\s*(?:that\s+(?:is|was)\s+)?(?:{SAY}|{SHOW})?(?:\s+(?:in|of|on|by)\s+.+?)?\W*$"),
        ("edge_item", rf"\b(?:what|which)\s+(?:is|was|are|were)\s+(?:the\s+)?(?:speaker|narrator|presenter|host)s?['’]s?\s+(?P<relation>first|last|final|opening|closing)\s+(?P<topic>words?|sentence|line|thing)\W*$|\b(?:what|which)\s+(?:is|was|are|were)\s+the\s+(?:very\s+)?(?P<nth>first|last|final|opening|closing)\s+(?P<late>thing|words?|sentence|line)\s+(?:that\s+)?{_ONE}\s+{SAY}\W*$"),
        ("edge_item", rf"^what\s+(?:is|was|does|do|did)\s+(?:{_ONE}\s+)?(?P<topic>{SAY}|{SHOW})\s+(?:at\s+)?(?P<relation>first|last)\W*$"),
        ("heard", r"\bwhat\s+(?:can|could|do|does|is|are|did)\s+(?:be\s+|you\s+|we\s+|i\s+|one\s+|to\s+be\s+)?hear[d]?\W*$|\bwhat\s+(?:does|do)\s+it\s+sound\s+like\W*$|\bwhat\s+(?:kind\s+of\s+)?sounds?\s+(?:is|are|can)\b"),
        ("gone", r"^(?:when|at\s+(?:what|which)\s+(?:time|second|moment))\s+(?:does|do|did|is|are)\s+(?P<topic>.+?)\s+(?:disappears?|vanish(?:es)?|gone|go\s+away|removed|leave\s+the\s+screen)(?:\s+from\s+.*)?\W*$"),
        ("text_in", rf"\bwhat\s+(?:the|this|that)\s+(?:(?P<topic>[\w'&-]+)\s+)?{_BOARD}\s+(?:says?|reads?|shows?)\W*$"),
        ("text_in", rf"\b(?:{_ORDINAL_WORD})\s+{_BOARD}\b(?!\s+(?:of|about)\s+(?!the\b|this\b))"),
        ("text_in", rf"\b(?:slide|screen|{_VIDEO})(?:['’]s)?\s+(?:title|headline|heading)\W*$|\b(?:title|headline|heading)\s+(?:of|on)\s+(?:the\s+)?(?:{_ORDINAL_WORD})?\s*(?:slide|screen|{_VIDEO})\W*$"),
        ("count", rf"\bhow\s+(?:many\s+times|often|frequently)\s+(?:(?:is|are|was|were|does|do|did|has|have)\s+)?(?:{_ONE}\s+)?(?:(?:{SAY}|{SHOW})\s+)?(?:about\s+|of\s+)?(?P<topic>.+?)(?:\s+(?:get|gets|been|is|are|be))?(?:\s+(?:{SAY}|{SHOW}))?(?:\s+(?:in|on|during)\s+(?:the\s+)?(?:{_VIDEO}|screen|transcript|speech|picture))?\W*$"),
        ("count", rf"\bcount\s+(?:how\s+often|the\s+(?:times|mentions|occurrences)(?:\s+of)?)\s+(?P<topic>.+?)(?:\s+(?:is|are)\s+(?:{SAY}|{SHOW}))?\W*$"),
        ("when", rf"\b(?:when|at\s+(?:what|which)\s+(?:time|point|moment|second|timestamp)|what\s+(?:time|moment|timestamp)|where(?:\s+in\s+(?:the|this)\s+{_VIDEO})?|in\s+(?:which|what)\s+(?:scene|shot|part)|(?:which|what)\s+(?:scene|shot))\s+(?:exactly\s+)?(?:(?:is|are|was|were|does|do|did|can|has|have|gets?)\s+)?(?:{_ONE}\s+)?(?P<relation>first|last)?\s*(?:{SAY}|{SHOW})\s+(?:about\s+|of\s+|the\s+words?\s+)?(?P<topic>.+?)(?:\s+for\s+the\s+(?P<nth>first|last|final)\s+time|\s+(?P<late>first|last))?\W*$"),
        ("when", rf"\b(?:when|at\s+(?:what|which)\s+(?:time|point|moment|second|timestamp)|where\s+in\s+(?:the|this)\s+{_VIDEO}|in\s+(?:which|what)\s+(?:scene|shot|part)|(?:which|what)\s+(?:scene|shot))\s+(?:exactly\s+)?(?:is|are|was|were|does|do|did|can|has|have)\s+(?P<topic>.+?)\s+(?:be\s+|been\s+|get\s+|gets\s+)?(?P<relation>first|last)?\s*(?:{SAY}|{SHOW})(?:\s+(?:in|on|during)\s+(?:the\s+)?(?:{_VIDEO}|screen))?(?:\s+for\s+the\s+(?P<nth>first|last|final)\s+time|\s+(?P<late>first|last))?\W*$"),
        ("duration_of", rf"\bhow\s+long\s+(?:is|does|was|did|are|do)\s+(?P<topic>.+?)\s+(?:{SHOW}|stay(?:s|ed)?(?:\s+{SHOW})?|remain(?:s|ed)?(?:\s+{SHOW})?)\W*$"),
        ("said_in", rf"^(?:and\s+)?what(?:'s|\s+is|\s+was|\s+are|\s+gets|\s+do|\s+does|\s+did)?\s+(?:being\s+)?(?:{_ONE}\s+)?(?:say|says|said|saying|talk(?:ed|ing|s)?\s+about|talk|spoken|spoken\s+about|mentioned|mention|heard|tell(?:\s+us)?|discuss(?:ed)?)\W*$"),
        ("said_about", rf"\bwhat\s+(?:does|do|did|is|was|are|were|gets|has|have)\s+(?:{_ONE}\s+)?(?:been\s+)?{SAY}\s+(?:about|of|on|regarding|concerning)\s+(?P<topic>.+?)\W*$"),
        ("text_in", rf"\bread\s+(?:out\s+)?(?:all\s+)?(?:me\s+)?(?:the\s+|any\s+)?(?:{_BOARD}|on-?screen\s+text|what\s+is\s+written)\b|\b(?:what|which)\s+(?:do|does|did|is|are|was|were)\s+(?:(?:written|shown|displayed|on)\s+)?(?:on\s+)?(?:the|this|that|any)\s+(?:(?P<topic>(?!first\b|last\b)[\w'&-]+(?:\s+[\w'&-]+)?)\s+)?{_BOARD}\s*(?:{SAY}|{SHOW}|in\s+the\s+(?:picture|{_VIDEO}))?\W*$|\b(?:what|which)\s+(?:{_BOARD}|on-?screen\s+text|text)\s+(?:is|are|was|were|does|do|can|appears?)\b(?:\s+(?:be|you|we|i|there))?\s*(?:{SAY}|{SHOW})?\W*$|\bwhat(?:'s|\s+is|\s+was)?\s+(?:is\s+)?(?:written|displayed|on\s+(?:the\s+)?screen)(?:\s+(?:on|in|at)\s+the\s+(?:{_BOARD}|picture))?\W*$|\b(?:on-?screen|visible|written)\s+text\W*$|\bwhat(?:'s|\s+is)\s+the\s+(?:on-?screen\s+)?(?:text|caption|headline)\W*$"),
        ("happens", r"\bwhat(?:'s|\s+is)?\s+(?:happens|happened|happening|going\s+on|goes\s+on|occurs|(?:to\s+be\s+)?(?:seen|shown|visible))\W*$|\bwhat\s+(?:can|do|did|does)\s+(?:be\s+|you\s+|we\s+|i\s+|it\s+|one\s+)?(?:seen?|show|happen|occur)\W*$|^describe\b\W*(?:what\s+\w+|the\s+(?:scene|shot|picture))?\W*$|^(?:and\s+)?what\s+(?:is|was)\W*$"),
        ("exists", rf"^(?:is|are|was|were|does|do|did|has|have|can)\s+(?:there\s+)?(?:{_ONE}\s+)?(?:ever\s+|anywhere\s+)?(?:{SAY})\s+(?:about\s+|of\s+|anything\s+about\s+|the\s+words?\s+)?(?P<topic>.+?)\W*$"),
        ("exists", rf"^(?:is|are|was|were|does|do|did|has|have)\s+(?:the\s+words?\s+)?(?P<topic>.+?)\s+(?:ever\s+|anywhere\s+|get\s+)?(?:{SAY}|{SHOW})(?:\s+(?:in|on|during|by)\s+.*)?\W*$"),
    )
)  # fmt: skip
