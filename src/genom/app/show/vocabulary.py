"""The words for Genom's own names, in English and German: tables only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "BASES",
    "CAUSES",
    "CHANNELS",
    "DEVICES",
    "FAMILIES",
    "FEATURES",
    "GROUNDS",
    "OPS",
    "POINTS",
    "PURPOSES",
    "REGIONS",
    "STAGES",
    "UNITS",
    "WEEKDAYS",
    "Names",
]

Names = Mapping[str, tuple[str, str]]  # name → English, German

FAMILIES: Final[Names] = {
    "identity": ("Identity", "Identität"),
    "channels": ("Channels", "Kanäle"),
    "rhythm": ("Rhythm", "Rhythmus"),
    "intent": ("Intent", "Absicht"),
    "value": ("Value", "Wert"),
    "taste": ("Taste", "Geschmack"),
    "price": ("Price", "Preis"),
    "lifecycle": ("Lifecycle", "Lebenszyklus"),
    "trust": ("Trust", "Vertrauen"),
}
CHANNELS: Final[Names] = {
    "unknown": ("unknown", "unbekannt"),
    "web": ("website", "Website"),
    "app": ("app", "App"),
    "pos": ("till", "Kasse"),
    "call_centre": ("call centre", "Callcenter"),
    "email": ("e-mail", "E-Mail"),
    "server": ("server", "Server"),
    "social": ("social media", "soziale Medien"),
    "mail": ("post", "Post"),
}
DEVICES: Final[Mapping[str, tuple[str, str]]] = {
    "desktop": ("computer", "Computer"),
    "phone": ("phone", "Smartphone"),
    "tablet": ("tablet", "Tablet"),
    "tv": ("television", "Fernseher"),
    "watch": ("watch", "Armbanduhr"),
    "console": ("games console", "Spielkonsole"),
}
UNITS: Final[Mapping[str, tuple[str, str, str, str]]] = {  # one and many in English, one and many in German
    "EUR²": ("EUR²", "EUR²", "EUR²", "EUR²"),
    "calls": ("call", "calls", "Anruf", "Anrufe"),
    "categories": ("category", "categories", "Kategorie", "Kategorien"),
    "channels": ("channel", "channels", "Kanal", "Kanäle"),
    "coupons": ("coupon", "coupons", "Gutschein", "Gutscheine"),
    "days": ("day", "days", "Tag", "Tage"),
    "days²": ("day²", "days²", "Tag²", "Tage²"),
    "departments": ("department", "departments", "Abteilung", "Abteilungen"),
    "devices": ("device", "devices", "Gerät", "Geräte"),
    "events": ("event", "events", "Ereignis", "Ereignisse"),
    "hours": ("hour", "hours", "Stunde", "Stunden"),
    "lines": ("line", "lines", "Position", "Positionen"),
    "mean gaps": ("mean gap", "mean gaps", "mittlerer Abstand", "mittlere Abstände"),
    "messages": ("message", "messages", "Nachricht", "Nachrichten"),
    "minutes": ("minute", "minutes", "Minute", "Minuten"),
    "orders": ("order", "orders", "Bestellung", "Bestellungen"),
    "pages": ("page", "pages", "Seite", "Seiten"),
    "pieces": ("piece", "pieces", "Stück", "Stück"),
    "probability": ("probability", "probability", "Wahrscheinlichkeit", "Wahrscheinlichkeit"),
    "products": ("product", "products", "Produkt", "Produkte"),
    "refunds": ("refund", "refunds", "Erstattung", "Erstattungen"),
    "reviews": ("review", "reviews", "Bewertung", "Bewertungen"),
    "share": ("share", "share", "Anteil", "Anteil"),
    "time": ("time", "time", "Zeit", "Zeit"),
    "times": ("time", "times", "Mal", "Mal"),
    "views": ("view", "views", "Ansicht", "Ansichten"),
    "visits": ("visit", "visits", "Besuch", "Besuche"),
    "weeks": ("week", "weeks", "Woche", "Wochen"),
}
PURPOSES: Final[Names] = {
    "service": ("service", "Kundenservice"),
    "security": ("security", "Sicherheit"),
    "measure_aggregate": ("anonymous statistics", "anonyme Statistik"),
    "measure_person": ("personal measurement", "persönliche Messung"),
    "personalise_onsite": ("personalisation in shop and app", "Personalisierung in Shop und App"),
    "recommend": ("product recommendations", "Produktempfehlungen"),
    "email": ("e-mail marketing", "E-Mail-Werbung"),
    "sms_push": ("text and push messages", "SMS und Mitteilungen"),
    "crm_sales": ("advice by sales and service", "Beratung durch Vertrieb und Service"),
    "ads_measure": ("measurement of advertising", "Messung von Werbung"),
    "ads_retarget": ("advertising elsewhere", "Werbung auf anderen Seiten"),
    "lookalike": ("finding similar people", "Suche ähnlicher Personen"),
    "share_partner": ("sharing with partners", "Weitergabe an Partner"),
    "sale_us": ("sale or sharing (US law)", "Verkauf oder Weitergabe (US-Recht)"),
    "model_training": ("training of models", "Training von Modellen"),
    "price": ("personal prices", "persönliche Preise"),
    "score_clv_churn": ("value and churn estimates", "Schätzung von Kundenwert und Abwanderung"),
    "experiment": ("experiments", "Experimente"),
    "special_category": ("special categories of data", "besondere Kategorien personenbezogener Daten"),
    "research_dp": ("protected research", "geschützte Forschung"),
}
POINTS: Final[Names] = {
    "next_offer": ("Next offer", "Nächstes Angebot"),
    "next_product": ("Next product", "Nächstes Produkt"),
}
CAUSES: Final[Names] = {
    "exploration": ("Exploration", "Erprobung"),
    "random control": ("Random control", "Zufallskontrolle"),
    "do nothing": ("Score of doing nothing", "Punktzahl des Nichtstuns"),
    "in shadow: nothing is shown": ("In shadow: nothing is shown", "Im Schatten: nichts wird gezeigt"),
    "no candidate": ("No candidate", "Kein Kandidat"),
    "experiment": ("Experiment: drawn by lot, the same arm each time", "Experiment: ausgelost, jedes Mal derselbe Arm"),
    "you told us": ("The person told us", "Die Person hat es uns gesagt"),
    "Sie haben es uns gesagt": ("The person told us", "Die Person hat es uns gesagt"),
}
FEATURES: Final[Mapping[str, tuple[str, str, str, str]]] = {  # English, German; then as records have it in either
    "own": ("Bought before", "Früher gekauft", "bought before", "früher gekauft"),
    "recent": ("Bought lately", "Zuletzt gekauft", "bought lately", "zuletzt gekauft"),
    "viewed": ("Looked at lately", "Zuletzt angesehen", "looked at lately", "zuletzt angesehen"),
    "popular": ("Popularity", "Beliebtheit", "popularity", "Beliebtheit"),
    "context": ("Popular at this time", "Beliebt um diese Zeit", "popular at this time", "beliebt um diese Zeit"),
    "following": (
        "Often bought next",
        "Wird oft als Nächstes gekauft",
        "often bought next",
        "wird oft als Nächstes gekauft",
    ),
    "due": (
        "Due by own rhythm",
        "Nach eigenem Rhythmus fällig",
        "due by your own rhythm",
        "nach Ihrem Rhythmus fällig",
    ),
    "since": (
        "Time since the last purchase",
        "Zeit seit dem letzten Kauf",
        "time since the last purchase",
        "Zeit seit dem letzten Kauf",
    ),
    "covered": (
        "Products bought lately",
        "Zuletzt gekaufte Produkte",
        "products bought lately",
        "zuletzt gekaufte Produkte",
    ),
    "activity": ("How much is bought", "Umfang der Einkäufe", "how much is bought", "Umfang der Einkäufe"),
    "coupons": ("Coupons redeemed", "Eingelöste Gutscheine", "coupons redeemed", "eingelöste Gutscheine"),
    "category": (
        "Bought in its categories",
        "In diesen Kategorien gekauft",
        "bought in its categories",
        "in diesen Kategorien gekauft",
    ),
    "couponed": ("Bought with coupons", "Mit Gutscheinen gekauft", "bought with coupons", "mit Gutscheinen gekauft"),
    "mailed": ("Offers received", "Erhaltene Angebote", "offers received", "erhaltene Angebote"),
    "campaign": ("The campaign", "Die Kampagne", "the campaign", "die Kampagne"),
    "unknown": ("What is not known", "Was nicht bekannt ist", "what is not known", "was nicht bekannt ist"),
}
STAGES: Final[Names] = {
    "none": ("none", "keiner"),
    "viewed": ("product viewed", "Produkt angesehen"),
    "added": ("product in the cart", "Produkt im Warenkorb"),
    "checkout": ("checkout started", "Bestellvorgang begonnen"),
    "ordered": ("ordered", "bestellt"),
}
OPS: Final[Names] = {
    "count": ("count", "Anzahl"),
    "sum": ("sum", "Summe"),
    "recency": ("time since", "Zeit seither"),
    "first": ("first value", "erster Wert"),
    "last": ("last value", "letzter Wert"),
    "histogram": ("distribution", "Verteilung"),
    "ring": ("pattern", "Muster"),
    "mean": ("mean", "Mittelwert"),
    "ratio": ("ratio", "Verhältnis"),
    "share": ("share", "Anteil"),
    "variance": ("variance", "Varianz"),
    "distinct": ("different values", "verschiedene Werte"),
    "expression": ("formula", "Formel"),
    "declared": ("statement", "Angabe"),
    "prediction": ("prediction", "Vorhersage"),
}
BASES: Final[Names] = {
    "recorded consent": ("recorded consent", "erfasste Einwilligung"),
    "recorded consent that ran out": ("consent that has expired", "abgelaufene Einwilligung"),
    "no consent needed": ("no consent needed", "keine Einwilligung nötig"),
    "assumed in development mode": ("assumed in development mode", "im Entwicklungsmodus angenommen"),
    "denied": ("denied", "abgelehnt"),
    "none": ("none", "keine"),
}
GROUNDS: Final[Names] = {
    "consent": ("consent", "Einwilligung"),
    "explicit_consent": ("explicit consent", "ausdrückliche Einwilligung"),
    "double_opt_in": ("double opt-in", "Double-Opt-in"),
    "soft_opt_in": ("existing customers (soft opt-in)", "Bestandskunden (Soft-Opt-in)"),
    "contract": ("contract", "Vertrag"),
    "legal_duty": ("legal duty", "rechtliche Verpflichtung"),
    "legitimate_interest": ("legitimate interest", "berechtigtes Interesse"),
    "opt_out": ("opt-out", "Widerspruchsrecht (Opt-out)"),
    "none_needed": ("none needed", "keine nötig"),
}
REGIONS: Final[Names] = {
    "eu": ("European Union", "Europäische Union"),
    "us": ("United States", "Vereinigte Staaten"),
    "uk": ("United Kingdom", "Vereinigtes Königreich"),
    "ch": ("Switzerland", "Schweiz"),
}
WEEKDAYS: Final = {"Mon": "Mo", "Tue": "Di", "Wed": "Mi", "Thu": "Do", "Fri": "Fr", "Sat": "Sa", "Sun": "So"}
