"""What a person reads about themselves, in English and German: no codes, nothing that only we understand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["COUNTED", "DAYS", "FAMILIES", "GROUNDS", "PHRASES", "REASONS", "SENTENCES", "Words", "say"]

Words = Mapping[str, tuple[str, str]]  # name → English, German

FAMILIES: Final[Words] = {
    "taste": ("What you like", "Was Sie mögen"),
    "intent": ("What you are looking for", "Wonach Sie gerade suchen"),
    "rhythm": ("When you shop", "Wann Sie einkaufen"),
    "value": ("What you spend", "Was Sie ausgeben"),
    "price": ("Prices and discounts", "Preise und Rabatte"),
    "channels": ("Where we meet", "Wo wir uns begegnen"),
    "lifecycle": ("How we stay in touch", "Wie wir in Kontakt bleiben"),
    "trust": ("Service and delivery", "Service und Zustellung"),
    "identity": ("How long we have known you", "Seit wann wir Sie kennen"),
}
"""In the order in which people care."""

SENTENCES: Final[tuple[tuple[str, str, str], ...]] = (  # what is read, English, German; {v} is the value in words
    ("taste.category.histogram.365d", "You buy most often: {v}.", "Am häufigsten kaufen Sie: {v}."),
    ("taste.lines.last_categories", "Your last purchases were: {v}.", "Zuletzt haben Sie gekauft: {v}."),
    ("taste.viewed_department.histogram.7d", "You recently looked around here: {v}.",
     "Kürzlich haben Sie sich hier umgesehen: {v}."),
    ("taste.lines.repeat_share", "{v} of your last products you had bought before.",
     "{v} Ihrer letzten Produkte hatten Sie schon einmal gekauft."),
    ("intent.viewed_category.last", "The last thing you looked at: {v}.", "Zuletzt angesehen haben Sie: {v}."),
    ("intent.views.count.7d", "In the last weeks you looked at about {v}.",
     "In den letzten Wochen haben Sie etwa {v} angesehen."),
    ("intent.adds.count.7d", "In the last weeks you put something into your basket about {v}.",
     "In den letzten Wochen haben Sie etwa {v} etwas in den Warenkorb gelegt."),
    ("intent.searches.count.7d", "In the last weeks you searched about {v}.",
     "In den letzten Wochen haben Sie etwa {v} gesucht."),
    ("rhythm.orders.count.lifetime", "We have noted {v} of yours.", "Wir haben {v} von Ihnen vermerkt."),
    ("rhythm.order.recency", "Your last purchase was {v}.", "Ihr letzter Einkauf war {v}."),
    ("rhythm.orders.gap_mean", "On average {v} pass between two purchases.",
     "Zwischen zwei Einkäufen vergehen im Durchschnitt {v}."),
    ("rhythm.weekday.histogram.365d", "You mostly shop on {v}.", "Sie kaufen meist am {v} ein."),
    ("rhythm.hour_of_day.histogram.365d", "Your usual hour: {v}.", "Ihre übliche Uhrzeit: {v}."),
    ("value.order_value.sum.lifetime", "In all you have spent {v} with us.",
     "Insgesamt haben Sie bei uns {v} ausgegeben."),
    ("value.orders.mean_amount", "One of your last purchases was worth {v} on average.",
     "Einer Ihrer letzten Einkäufe war im Durchschnitt {v} wert."),
    ("value.last_order.last", "Your last purchase was worth {v}.", "Ihr letzter Einkauf war {v} wert."),
    ("value.refunds.count.lifetime", "You have had {v}.", "Sie haben {v} erhalten."),
    ("price.saved.sum.lifetime", "Discounts have saved you {v}.", "Durch Rabatte haben Sie {v} gespart."),
    ("price.discounted_orders.count.lifetime", "A discount was part of {v}.", "Ein Rabatt gehörte zu {v}."),
    ("price.redemptions.count.lifetime", "You have used {v}.", "Sie haben {v} eingelöst."),
    ("price.last_saving.last", "Your last discount was {v}.", "Ihr letzter Rabatt betrug {v}."),
    ("channels.mix.histogram.365d", "We mostly meet here: {v}.", "Wir begegnen uns vor allem hier: {v}."),
    ("channels.order.last", "Your last purchase was made here: {v}.", "Ihren letzten Einkauf machten Sie hier: {v}."),
    ("lifecycle.first_order.first", "Your first purchase was on {v}.", "Ihr erster Einkauf war am {v}."),
    ("lifecycle.messages.count.lifetime", "We have sent you {v}.", "Wir haben Ihnen {v} geschickt."),
    ("lifecycle.opens.count.lifetime", "You opened our mail {v}.", "Sie haben unsere Post {v} geöffnet."),
    ("lifecycle.clicks.count.lifetime", "You followed a link in our mail {v}.",
     "Sie sind {v} einem Link in unserer Post gefolgt."),
    ("trust.calls.count.lifetime", "You have called us {v}.", "Sie haben uns {v} angerufen."),
    ("trust.cancellations.count.lifetime", "You have cancelled an order {v}.",
     "Sie haben {v} eine Bestellung storniert."),
    ("trust.bounces.count.lifetime", "Mail to you came back {v}.", "Post an Sie kam {v} zurück."),
    ("trust.denied_coupons.count.lifetime", "A voucher of yours was not accepted {v}.",
     "Ein Gutschein von Ihnen wurde {v} nicht angenommen."),
    ("identity.first_seen.first", "We first noticed you on {v}.", "Zum ersten Mal bemerkt haben wir Sie am {v}."),
    ("identity.last_seen.last", "We last noticed you on {v}.", "Zuletzt bemerkt haben wir Sie am {v}."),
    ("identity.signed_up.first", "You registered on {v}.", "Registriert haben Sie sich am {v}."),
    ("identity.sign_ins.count.lifetime", "You have signed in {v}.", "Sie haben sich {v} angemeldet."),
)  # fmt: skip

REASONS: Final[Words] = {  # what a decision read → why it spoke for {thing}
    "taste.category.histogram.365d": ("You often buy in this category: {thing}.",
                                      "Sie kaufen oft in dieser Kategorie: {thing}."),
    "taste.lines.last_categories": ("You bought something like this recently: {thing}.",
                                    "So etwas haben Sie kürzlich gekauft: {thing}."),
    "taste.department.histogram.30d": ("You have lately bought in departments that fit: {thing}.",
                                       "Sie haben zuletzt in passenden Abteilungen gekauft: {thing}."),
    "taste.viewed_department.histogram.7d": ("You recently looked around in departments that fit: {thing}.",
                                             "Sie haben sich kürzlich in passenden Abteilungen umgesehen: {thing}."),
    "intent.viewed_category.last": ("You looked at something like this: {thing}.",
                                    "So etwas haben Sie sich angesehen: {thing}."),
    "popular": ("Many of our customers buy this: {thing}.",
                   "Viele unserer Kundinnen und Kunden kaufen das: {thing}."),
    "context": ("Many of our customers buy this around this time: {thing}.",
                "Viele unserer Kundinnen und Kunden kaufen das um diese Zeit: {thing}."),
    "following": ("This is often bought after what you bought last: {thing}.",
                  "Das wird oft nach dem gekauft, was Sie zuletzt gekauft haben: {thing}."),
    "due": ("By your usual rhythm you may need this again: {thing}.",
            "Nach Ihrem üblichen Rhythmus könnten Sie das wieder brauchen: {thing}."),
    "since": ("It also counted how long ago you last bought this: {thing}.",
              "Eine Rolle spielte auch, wann Sie das zuletzt gekauft haben: {thing}."),
    "covered": ("You recently bought products that belong to this: {thing}.",
                "Sie haben kürzlich Produkte gekauft, die hierzu gehören: {thing}."),
    "activity": ("It also counted how much you have bought with us.",
                 "Eine Rolle spielte auch, wie viel Sie bei uns gekauft haben."),
    "coupons": ("It also counted how many vouchers you have used.",
                "Eine Rolle spielte auch, wie viele Gutscheine Sie eingelöst haben."),
    "you told us": ("You have told us that you like this: {thing}.",
                    "Sie haben uns gesagt, dass Sie das mögen: {thing}."),
    "other": ("It also counted what we know of this: {what}.",
              "Eine Rolle spielte auch, was wir hierzu wissen: {what}."),
}  # fmt: skip

GROUNDS: Final[Words] = {
    "contract": (
        "Without it we could not fulfil your orders. It ends when you have your account deleted.",
        "Ohne das könnten wir Ihre Bestellungen nicht ausführen. Es endet, wenn Sie Ihr Konto löschen lassen.",
    ),
    "legal_duty": (
        "The law obliges us to do this, so it needs no consent.",
        "Das Gesetz verpflichtet uns dazu; es braucht keine Einwilligung.",
    ),
    "legitimate_interest": (
        "This needs no consent, but you may object: switch it off and it ends.",
        "Das braucht keine Einwilligung, Sie dürfen aber widersprechen: Schalten Sie es aus, dann endet es.",
    ),
    "opt_out": (
        "This is on where the law allows it until you switch it off.",
        "Das ist an, wo das Gesetz es erlaubt, bis Sie es ausschalten.",
    ),
    "none_needed": ("This needs no consent.", "Das braucht keine Einwilligung."),
}

PHRASES: Final[Words] = {
    "like": ("You like: {what}.", "Sie mögen: {what}."),
    "dislike": ("You are not interested in: {what}.", "Sie interessieren sich nicht für: {what}."),
    "answer": ("{label}: {what}.", "{label}: {what}."),
    "once": ("once", "einmal"),
    "times": ("{n} times", "{n}-mal"),
    "hour": ("{a} to {b} o'clock", "{a} bis {b} Uhr"),
    "bought": ("you bought this", "das haben Sie gekauft"),
    "viewed": ("you looked at this", "das haben Sie angesehen"),
    "needs": (
        "It has an effect only if one of these is on too: {what}.",
        "Es wirkt nur, wenn auch eines hiervon an ist: {what}.",
    ),
    "shop": ("noted by the shop", "vom Shop vermerkt"),
    "own": ("told by you on these pages", "von Ihnen auf diesen Seiten gesagt"),
    "source": ("from the source “{source}”", "aus der Quelle „{source}“"),
    "elsewhere": ("Other ways", "Andere Wege"),
}

COUNTED: Final[Mapping[str, tuple[str, str, str, str]]] = {  # what a sentence counts: one, many; ein, viele
    "orders": ("purchase", "purchases", "Einkauf", "Einkäufe"),
    "discounted_orders": ("purchase", "purchases", "Einkauf", "Einkäufen"),
    "views": ("product", "products", "Produkt", "Produkte"),
    "refunds": ("refund", "refunds", "Erstattung", "Erstattungen"),
    "redemptions": ("voucher", "vouchers", "Gutschein", "Gutscheine"),
    "messages": ("message", "messages", "Nachricht", "Nachrichten"),
}
"""Counts of things; all others are counts of times."""

DAYS: Final[Words] = {
    "Mon": ("Monday", "Montag"),
    "Tue": ("Tuesday", "Dienstag"),
    "Wed": ("Wednesday", "Mittwoch"),
    "Thu": ("Thursday", "Donnerstag"),
    "Fri": ("Friday", "Freitag"),
    "Sat": ("Saturday", "Samstag"),
    "Sun": ("Sunday", "Sonntag"),
}


def say(words: Words, name: str, language: str, **values: str) -> str:
    """A phrase in a language.

    >>> say(PHRASES, "times", "de", n="3")
    '3-mal'
    """
    return words[name][language == "de"].format(**values)
