"""Shortened words whose full stop is theirs, not the sentence's. Lower case, without the last stop."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONTINUING = {
    "any": _words("dr prof st mr mrs ms no nr vs fig vol pp ph etc approx"),
    "en": _words(
        "messrs sr jr gen lt col capt sgt cpl maj cmdr adm rev hon pres gov sen rep supt mt ft ave blvd rd dept est "
        "e.g i.e cf al ca max min jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat "
        "sun inc ltd co corp bros a.m p.m u.s u.k u.n ph.d b.a m.a"
    ),
    "de": _words(
        "hr fr frl ing dipl z.b d.h u.a u.u u.ä o.ä i.d.r s.o s.u bzw usw ca evtl ggf inkl vgl str tel abs art bd jh "
        "jan feb mär apr jun jul aug sept sep okt nov dez mio mrd geb gest z d u i b h a"
    ),
    "fr": _words("m mm mme mlle me mgr ste p.ex p ex c.-à-d av apr j.-c env tél bd boul art chap janv févr"),
    "es": _words("sr sra srta sres dra d dª ud uds vd p.ej p ej ee uu ee.uu núm pág av avda cap art tel aprox"),
    "it": _words("sig sigg dott ing avv arch geom on p.es es ecc pag cap art tel n sec ca"),
    "pt": _words("sr sra srta dra d p.ex ex pág cap art tel av núm aprox eng adv exmo"),
    "ru": _words("г ул д кв стр см ср рис табл им проф акад тов гр т тыс руб коп обл р пр пл н э до т.е т.к и.о"),
}

CLOSING = {
    "en": _words("etc inc ltd co corp jr sr a.m p.m u.s u.k u.n ph.d b.a m.a st ave rd blvd no al"),
    "de": _words("usw u.ä o.ä etc"),
    "fr": _words("etc apr j.-c"),
    "es": _words("etc uu ee.uu"),
    "it": _words("ecc etc"),
    "pt": _words("etc"),
    "ru": _words("г руб коп тыс др пр"),
}
"""Those that may end a sentence; before a capital letter they are taken to."""

MONTHS_AND_PARTS = _words(
    "Januar Jänner Februar März April Mai Juni Juli August September Oktober November Dezember Jahrhundert "
    "Jahrhunderts Jahrtausend Klasse Stock Etage Platz Mal Tag Kapitel Auflage Weltkrieg "
    "Geburtstag Lebensjahr Minute Runde"
)
