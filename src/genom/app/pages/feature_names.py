"""What models look at, in words: genes, cells of genes, and what is counted of a person and a category or coupon."""

from __future__ import annotations

import re
from typing import Final

from genom.app.node import Node
from genom.app.pages.wording import words_of
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.vocabulary import Names
from genom.errors import UnknownName
from genom.genome import Gene
from genom.words import Channel, Device

__all__ = ["feature_label"]

_CELL: Final = re.compile(r"(.+)\[(\d+)\]")
_SPANS: Final[Names] = {
    "7d": ("last weeks", "letzte Wochen"),
    "30d": ("last months", "letzte Monate"),
    "90d": ("last three months", "letzte drei Monate"),
    "365d": ("last years", "letzte Jahre"),
    "lifetime": ("ever", "insgesamt"),
}
_PAIRS: Final[Names] = {
    "pair.lines": ("Own lines of it", "Eigene Positionen davon"),
    "pair.orders": ("Own orders with it", "Eigene Einkäufe damit"),
    "pair.days_since": ("Days since it was bought", "Tage seit dem letzten Kauf davon"),
    "pair.gap_mean": ("Mean days between its purchases", "Mittlere Tage zwischen Käufen davon"),
    "pair.overdue": (
        "Time since the last purchase, in mean gaps",
        "Zeit seit dem letzten Kauf, in mittleren Abständen",
    ),
    "pair.share": ("Its share of all own lines", "Anteil an allen eigenen Positionen"),
    "pair.value": ("Own spending on it", "Eigene Ausgaben dafür"),
    "pair.related": ("What is bought beside the own purchases", "Was neben den eigenen Käufen gekauft wird"),
    "pair.products": ("Covered products that were bought", "Gekaufte Artikel, die er deckt"),
    "pair.most_of_one": ("Most purchases of one covered product", "Meiste Käufe eines gedeckten Artikels"),
    "pair.category": ("Own purchases in its categories", "Eigene Käufe in seinen Kategorien"),
    "pair.used_before": ("Used by the person before", "Von der Person schon genutzt"),
    "pair.used_alike": ("Similar ones used before", "Ähnliche schon genutzt"),
    "category.popularity": ("Popularity of the category", "Beliebtheit der Kategorie"),
    "category.reach": ("Share of people who buy the category", "Anteil der Personen, die die Kategorie kaufen"),
    "coupon.products": ("Products that the coupon covers", "Artikel, die der Gutschein deckt"),
    "coupon.popularity": ("Popularity of its products", "Beliebtheit seiner Artikel"),
    "coupon.buyers": ("People who bought its products", "Personen, die seine Artikel kauften"),
    "coupon.redeemed": ("How often it was redeemed", "Wie oft er eingelöst wurde"),
    "coupon.redeemed_alike": ("How often similar ones were redeemed", "Wie oft ähnliche eingelöst wurden"),
    "campaign.coupons": ("Coupons of the campaign", "Gutscheine der Kampagne"),
    "campaign.redeemed": ("Redemptions of the campaign", "Einlösungen der Kampagne"),
    "campaign.days_since_start": ("Days since the campaign began", "Tage seit Beginn der Kampagne"),
    "campaign.days_to_end": ("Days until the campaign ends", "Tage bis zum Ende der Kampagne"),
    "person.redemptions": ("Redemptions of the person", "Einlösungen der Person"),
    "person.redemption_days": ("Days since the person's last redemption", "Tage seit der letzten Einlösung der Person"),
    "person.mailings": ("Mailings to the person", "Zusendungen an die Person"),
    "rank": ("Rank among the coupons at hand", "Rang unter den verfügbaren Gutscheinen"),
}


def feature_label(node: Node, name: str, language: str) -> str:
    """A feature in words; its own name if nobody gave it any."""
    if name.startswith("rank."):
        return f"{_PAIRS['rank'][language == 'de']}: {feature_label(node, name.removeprefix('rank.'), language)}"
    stem, _, span = name.rpartition(".")
    if span in _SPANS and stem in _PAIRS:
        return f"{_PAIRS[stem][language == 'de']}, {_SPANS[span][language == 'de']}"
    if name in _PAIRS:
        return _PAIRS[name][language == "de"]
    return _gene_label(node, name, language)


def _gene_label(node: Node, name: str, language: str) -> str:
    cell = _CELL.fullmatch(name)
    try:
        gene = node.world.layout.genes[cell[1] if cell else name]
    except UnknownName:
        return clean(name, most=80)
    return gene.label[language] + (f": {_cell(node, gene, int(cell[2]), language)}" if cell else "")


def _cell(node: Node, gene: Gene, code: int, language: str) -> str:
    if gene.property == "channel" and code in Channel._value2member_map_:
        return names.channel(Channel(code).name.lower(), language)
    if gene.property == "device" and code in Device._value2member_map_:
        return names.device(Device(code).name.lower(), language)
    term = node.world.term(gene.property, code)
    return words_of(node, language)(gene, term) if term else str(code)
