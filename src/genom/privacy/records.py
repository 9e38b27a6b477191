"""Records of processing activities (Art. 30 GDPR), written from the configuration: nobody can forget to update them.

The text is Markdown, in English or German.  It carries the hash of what it was written from, so that whoever has signed
it sees that the configuration has changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from genom.errors import BadRequest

__all__ = ["Activity", "Configured", "Outside", "configuration_hash", "records_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One purpose as the records tell it."""

    name: str
    text: Mapping[str, str]
    basis: Mapping[str, str]
    balancing: str
    categories: Sequence[str]
    recipients: Sequence[str]
    consent: tuple[int, int] | None  # months and days that a grant counts, neither = no end; None = none is needed
    read_days: int | None
    storage_days: int | None
    by_category: Mapping[str, tuple[int | None, int | None]]  # days read and stored where they are others
    decision_days: int  # for which records of decisions are stored
    decision_class: str
    minors: str
    special: bool
    dpia: str
    genes: int  # that are computed for it
    points: Sequence[str]  # decision points, by label
    models: Sequence[str]  # questions of models
    segments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Somebody who receives people's data."""

    name: str
    recipient: str
    country: str  # ISO 3166-1 alpha-2
    contract: str  # processor, joint or third_party
    transfer: str  # instrument; empty inside the EEA
    purposes: Sequence[str]
    sent: Sequence[str]  # beside a pseudonym


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """Everything that the records are written from."""

    activities: Sequence[Activity]
    sources: Sequence[tuple[str, str]]  # name, mode of consent
    destinations: Sequence[Outside]
    roles: Mapping[str, Sequence[str]]  # role → rights
    bad_row_days: int
    model_days: int
    tagged: Sequence[str] = ()  # categories and own events that are special categories of data
    things: int = 0  # products and coupons that are
    tagged_for: Sequence[str] = ()  # purposes that events about these serve at most
    regions: tuple[str, Mapping[str, str]] | None = None  # field of events, country → region; None: nobody has one


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Records of processing activities", "Verzeichnis von Verarbeitungstätigkeiten"),
    "intro": (
        (
            "Written by Genom from its configuration (Art. 30 GDPR). Add your name and contact, those of your "
            "representative and of the data-protection officer; have legal bases and periods confirmed by counsel."
        ),
        (
            "Von Genom aus seiner Konfiguration erstellt (Art. 30 DSGVO). Ergänzen Sie Namen und Kontaktdaten Ihres "
            "Unternehmens, einer Vertretung und der oder des Datenschutzbeauftragten; lassen Sie Rechtsgrundlagen und "
            "Fristen juristisch prüfen."
        ),
    ),
    "stale": (
        "**The configuration has changed since this was signed on {at} by {by}.** Read it again and sign it anew.",
        (
            "**Die Konfiguration hat sich geändert, seit dies am {at} von {by} unterschrieben wurde.** Bitte lesen und "
            "unterschreiben Sie es erneut."
        ),
    ),
    "signed": ("Signed on {at} by {by}.", "Am {at} von {by} unterschrieben."),
    "unsigned": ("Nobody has signed this yet.", "Noch hat dies niemand unterschrieben."),
    "hash": ("Configuration", "Konfiguration"),
    "people": ("People concerned", "Betroffene Personen"),
    "customers": ("customers and visitors of the sources below", "Kundinnen, Kunden und Besucher der Quellen unten"),
    "regions": (
        (
            "The legal bases of a person's region count; the region is taken from `{field}` of events of servers: "
            "{countries}. Where it is not known the strictest basis of each purpose counts."
        ),
        (
            "Es gelten die Rechtsgrundlagen der Region einer Person; diese stammt aus `{field}` der Ereignisse von "
            "Servern: {countries}. Ist sie nicht bekannt, gilt für jeden Zweck die strengste Grundlage."
        ),
    ),
    "purpose": ("Purpose", "Zweck"),
    "basis": ("Legal basis", "Rechtsgrundlage"),
    "balancing": ("What was weighed", "Abwägung"),
    "expires": ("A consent counts for", "Eine Einwilligung gilt"),
    "month": ("{n} month", "{n} Monat"),
    "months": ("{n} months", "{n} Monate"),
    "never": ("until it is withdrawn", "bis zum Widerruf"),
    "categories": ("Categories of data", "Datenkategorien"),
    "recipients": ("Recipients", "Empfänger"),
    "nobody": ("nobody outside", "niemand außerhalb"),
    "read": ("Read for", "Gelesen für"),
    "stored": ("Stored for", "Gespeichert für"),
    "records": ("Records of decisions stored for", "Aufzeichnungen von Entscheidungen gespeichert für"),
    "day": ("{n} day", "{n} Tag"),
    "days": ("{n} days", "{n} Tage"),
    "erasure": ("until the person is erased", "bis die Person gelöscht wird"),
    "fading": (
        "without an end; genes fade with their half-lives",
        "ohne Ende; Gene verblassen mit ihrer Halbwertszeit",
    ),
    "class": ("Class of decisions", "Entscheidungsklasse"),
    "minors": ("Known minors", "Bekannte Minderjährige"),
    "allowed": ("allowed", "zugelassen"),
    "refused": ("refused", "ausgeschlossen"),
    "special": ("Special categories (Art. 9)", "Besondere Kategorien (Art. 9)"),
    "yes": ("yes, under explicit consent only", "ja, nur mit ausdrücklicher Einwilligung"),
    "no": ("no", "nein"),
    "dpia": ("Impact assessment", "Datenschutz-Folgenabschätzung"),
    "missing": ("none named", "keine genannt"),
    "used": ("Used by", "Genutzt von"),
    "use": ("{genes} genes, {segments} segments", "{genes} Gene, {segments} Segmente"),
    "sources": ("Sources", "Quellen"),
    "transfers": ("Recipients outside and transfers", "Empfänger außerhalb und Übermittlungen"),
    "none": ("none: nobody is sent anywhere", "keine: Es wird niemand übermittelt"),
    "outside": (
        "{name}: {recipient} ({country}), {contract}; for {purposes}; sends {sent}; transfer: {transfer}",
        "{name}: {recipient} ({country}), {contract}; für {purposes}; übermittelt {sent}; Grundlage: {transfer}",
    ),
    "processor": ("processor", "Auftragsverarbeiter"),
    "joint": ("joint controller", "gemeinsam verantwortlich"),
    "third_party": ("third party", "Dritter"),
    "inside": ("within the EEA", "innerhalb des EWR"),
    "pseudonym": ("a pseudonym", "ein Pseudonym"),
    "email_sha256": ("a hash of the e-mail address", "einen Hash der E-Mail-Adresse"),
    "phone_sha256": ("a hash of the telephone number", "einen Hash der Telefonnummer"),
    "measures": (
        "Technical and organisational measures (Art. 32)",
        "Technische und organisatorische Maßnahmen (Art. 32)",
    ),
    "tags": ("Special categories in the catalogue", "Besondere Kategorien im Sortiment"),
    "nothing": ("no category", "keine Kategorie"),
    "untagged": (
        "Nothing is tagged: check whether products, departments or events tell of health, belief or sexual life.",
        (
            "Nichts ist gekennzeichnet: Prüfen Sie, ob Produkte, Abteilungen oder Ereignisse etwas über Gesundheit, "
            "Überzeugung oder Sexualleben verraten."
        ),
    ),
    "tagged": (
        (
            "Tagged as telling of health, belief, sexual life and the like: {names}; {things} products and coupons. "
            "Events about these serve no other purposes than {purposes}."
        ),
        (
            "Als besondere Kategorien personenbezogener Daten (Art. 9 DSGVO) gekennzeichnet: {names}; {things} "
            "Produkte und Gutscheine. Ereignisse darüber dienen keinen anderen Zwecken als {purposes}."
        ),
    ),
    "roles": ("Roles", "Rollen"),
    "periods": ("Other periods", "Weitere Fristen"),
    "bad": ("rejected events: {n} days", "abgelehnte Ereignisse: {n} Tage"),
    "models": (
        "models made of older data are not served: {n} days",
        "Modelle aus älteren Daten werden nicht eingesetzt: {n} Tage",
    ),
}
_CATEGORIES: Final[Mapping[str, tuple[str, str]]] = {
    "identity": ("identifiers", "Kennungen"),
    "contact": ("names, addresses, e-mail, telephone", "Namen, Anschriften, E-Mail, Telefon"),
    "device": ("device and channel", "Gerät und Kanal"),
    "visits": ("visits and views", "Besuche und Ansichten"),
    "purchases": ("purchases and returns", "Käufe und Retouren"),
    "messages": ("messages received, opened, clicked", "erhaltene, geöffnete, angeklickte Nachrichten"),
    "statements": ("what the person has stated", "eigene Angaben"),
    "decisions": ("decisions and their outcomes", "Entscheidungen und ihre Folgen"),
    "estimates": ("estimates of models", "Schätzungen von Modellen"),
    "special": ("special categories", "besondere Kategorien"),
}
_BASES: Final[Mapping[str, tuple[str, str]]] = {
    "consent": ("consent, Art. 6(1)(a)", "Einwilligung, Art. 6 Abs. 1 lit. a"),
    "explicit_consent": ("explicit consent, Art. 9(2)(a)", "ausdrückliche Einwilligung, Art. 9 Abs. 2 lit. a"),
    "double_opt_in": ("consent, double opt-in", "Einwilligung, Double-Opt-in"),
    "soft_opt_in": ("existing customers (soft opt-in)", "Bestandskunden (§ 7 Abs. 3 UWG)"),
    "contract": ("contract, Art. 6(1)(b)", "Vertrag, Art. 6 Abs. 1 lit. b"),
    "legal_duty": ("legal duty, Art. 6(1)(c)", "rechtliche Verpflichtung, Art. 6 Abs. 1 lit. c"),
    "legitimate_interest": ("legitimate interest, Art. 6(1)(f)", "berechtigtes Interesse, Art. 6 Abs. 1 lit. f"),
    "opt_out": ("opt-out", "Widerspruchsrecht (Opt-out)"),
    "none_needed": ("none needed", "keine nötig"),
}
_MEASURES: Final = (
    (
        (
            "Every event carries the purposes that it may serve; what a person does not permit now cannot be read "
            "(one gate; tests remove it and go red)."
        ),
        (
            "Jedes Ereignis trägt die Zwecke, denen es dienen darf; was jemand jetzt nicht erlaubt, kann nicht gelesen "
            "werden (ein einziges Tor; Tests entfernen es und schlagen fehl)."
        ),
    ),
    (
        "Direct identifiers are encrypted in a vault of their own; everything else knows people by random numbers.",
        "Direkte Kennungen liegen verschlüsselt in einem eigenen Tresor; alles andere kennt nur Nummern.",
    ),
    (
        "Roles with least rights on every page and address; passwords are kept as Argon2id hashes; keys as hashes.",
        "Rollen mit geringsten Rechten auf jeder Seite und Adresse; Passwörter als Argon2id-Hash, Schlüssel als Hash.",
    ),
    (
        "Choices stand in a ledger, deeds in an audit log, each chained by hashes.",
        "Wahlentscheidungen stehen in einem Register, Handlungen in einem Prüfprotokoll, beide durch Hashes verkettet.",
    ),
    (
        "Erasure overwrites bytes in every file and is proven by a byte scan and a signed receipt.",
        "Löschung überschreibt die Bytes in jeder Datei; ein Byte-Scan und eine signierte Quittung weisen das nach.",
    ),
)


def configuration_hash(configured: Configured) -> str:
    """SHA-256 of everything that the records tell, in hexadecimal digits."""
    told = msgspec.to_builtins(configured)
    if configured.regions is None:  # as it was told before there were regions
        del told["regions"]
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


def records_of(configured: Configured, *, language: str, signed: Mapping[str, Any] | None) -> str:
    """The records as Markdown; `signed` says at which time (text), by whom and over which hash they were signed last.

    Raises BadRequest for a language that they do not come in.
    """
    if language not in {"en", "de"}:
        raise BadRequest(f"There is no language {language[:10]!r}.", why="records come in two", fix="use en or de")
    of = int(language == "de")
    word = {name: texts[of] for name, texts in _WORDS.items()}
    now = configuration_hash(configured)
    lines = [f"# {word['title']}", "", word["intro"], "", _signature(signed, now, word), ""]
    lines += [f"{word['hash']}: `{now[:16]}`", "", f"{word['people']}: {word['customers']}", ""]
    lines += _regions(configured, word)
    for number, activity in enumerate(configured.activities, 1):
        lines += [f"## {number}. {activity.name}", "", activity.text[language], "", *_table(activity, of, word), ""]
    lines += [f"## {word['sources']}", "", *(f"- {name} ({mode})" for name, mode in configured.sources), ""]
    lines += [f"## {word['transfers']}", "", *_outside(configured.destinations, word), "", f"## {word['measures']}", ""]
    lines += [f"- {texts[of]}" for texts in _MEASURES]
    lines += ["", f"## {word['tags']}", "", _tagged(configured, word)]
    lines += ["", f"## {word['roles']}", ""]
    lines += [f"- {role}: {', '.join(f'`{right}`' for right in rights)}" for role, rights in configured.roles.items()]
    lines += ["", f"## {word['periods']}", "", f"- {word['bad'].format(n=configured.bad_row_days)}"]
    return "\n".join([*lines, f"- {word['models'].format(n=configured.model_days)}", ""])


def _regions(configured: Configured, word: Mapping[str, str]) -> list[str]:
    if configured.regions is None:
        return []
    field, countries = configured.regions
    told = ", ".join(f"{country} → {region}" for country, region in countries.items())
    return [word["regions"].format(field=field, countries=told), ""]


def _signature(signed: Mapping[str, Any] | None, now: str, word: Mapping[str, str]) -> str:
    if signed is None:
        return word["unsigned"]
    return word["signed" if signed["hash"] == now else "stale"].format(at=signed["at"], by=signed["by"])


def _tagged(configured: Configured, word: Mapping[str, str]) -> str:
    if not configured.tagged and not configured.things:
        return word["untagged"]
    return word["tagged"].format(
        names=", ".join(configured.tagged) or word["nothing"],
        things=configured.things,
        purposes=", ".join(configured.tagged_for),
    )


def _outside(destinations: Sequence[Outside], word: Mapping[str, str]) -> list[str]:
    """Who receives data, on which terms, and what covers a transfer."""
    told = [
        word["outside"].format(
            name=one.name,
            recipient=one.recipient,
            country=one.country,
            contract=word[one.contract],
            purposes=", ".join(one.purposes),
            sent=", ".join([word["pseudonym"], *(word[field] for field in one.sent)]),
            transfer=one.transfer or word["inside"],
        )
        for one in destinations
    ]
    return [f"- {' '.join(text.split())}" for text in told] or [word["none"]]


def _lifetime(consent: tuple[int, int] | None, word: Mapping[str, str]) -> str:
    if consent is None:
        return ""
    months, days = consent
    if months:
        return word["month" if months == 1 else "months"].format(n=months)
    return _days(days, word) if days else word["never"]


def _days(n: int, word: Mapping[str, str]) -> str:
    return word["day" if n == 1 else "days"].format(n=n)


def _part(one: Activity, which: int) -> dict[str, int | None]:
    """The days by category: 0 = read, 1 = stored."""
    return {category: days[which] for category, days in one.by_category.items()}


def _windows(
    usual: int | None, by_category: Mapping[str, int | None], without: str, of: int, word: Mapping[str, str]
) -> str:
    """How long, and for which categories of data it is another time."""

    def said(days: int | None) -> str:
        return _days(days, word) if days else without

    others = [f"{_CATEGORIES[name][of]}: {said(days)}" for name, days in by_category.items() if days != usual]
    return "; ".join([said(usual), *others])


def _table(one: Activity, of: int, word: Mapping[str, str]) -> list[str]:
    rows = [
        ("basis", "; ".join(f"{region}: {_BASES[basis][of]}" for region, basis in one.basis.items())),
        ("balancing", one.balancing),
        ("expires", _lifetime(one.consent, word)),
        ("categories", ", ".join(_CATEGORIES[name][of] for name in one.categories)),
        ("recipients", ", ".join(one.recipients) or word["nobody"]),
        (
            "read",
            _windows(one.read_days, {c: read for c, (read, _) in one.by_category.items()}, word["fading"], of, word),
        ),
        (
            "stored",
            _windows(
                one.storage_days, {c: kept for c, (_, kept) in one.by_category.items()}, word["erasure"], of, word
            ),
        ),
        ("records", _days(one.decision_days, word)),
        ("class", one.decision_class),
        ("minors", word[one.minors]),
        ("special", word["yes" if one.special else "no"]),
        ("dpia", one.dpia or word["missing"]),
        ("used", "; ".join([word["use"].format(genes=one.genes, segments=one.segments), *one.points, *one.models])),
    ]
    return ["| | |", "|---|---|", *(f"| {word[name]} | {' '.join(text.split())} |" for name, text in rows if text)]
