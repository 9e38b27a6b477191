"""A rule as a sentence, in English and German."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from babel.numbers import format_decimal

from genom.segments.known import Known
from genom.segments.rule import All, AnyOf, AttributeIs, Condition, EventsIn, GeneIs, Not, Rule, Where

__all__ = ["condition_text", "sentence"]

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "and": "and", "or": "or", "not": "not",
        ">=": "is at least", ">": "is more than", "<=": "is at most", "<": "is less than", "=": "is",
        "between": "is between {low} and {high}", "in": "is one of {texts}", "known": "is known",
        "not known": "is not known", "top": "{gene} most of all", "cell": "{gene}: {cell}",
        "at_least": "{event} at least {n} in the last {days}", "at_most": "{event} at most {n} in the last {days}",
        "once": "once", "times": "{n} times", "day": "1 day", "days": "{n} days",
        "segment": "belongs to “{segment}”", "attribute": "says “{attribute}”",
        "channel": "via {channel}", "category": "in “{category}”", "item": "about “{item}”",
        "amount_at_least": "for at least {amount}", "amount_at_most": "for at most {amount}",
        "discounted": "at a reduced price", "not discounted": "at the full price",
        "coupon": "with a coupon", "not coupon": "without a coupon",
    },
    "de": {
        "and": "und", "or": "oder", "not": "nicht",
        ">=": "ist mindestens", ">": "ist mehr als", "<=": "ist höchstens", "<": "ist weniger als", "=": "ist",
        "between": "liegt zwischen {low} und {high}", "in": "ist eines von {texts}", "known": "ist bekannt",
        "not known": "ist nicht bekannt", "top": "{gene}: am stärksten", "cell": "{gene}: {cell}",
        "at_least": "{event} mindestens {n} in den letzten {days}",
        "at_most": "{event} höchstens {n} in den letzten {days}",
        "once": "einmal", "times": "{n}-mal", "day": "24 Stunden", "days": "{n} Tagen",
        "segment": "gehört zu „{segment}“", "attribute": "sagt „{attribute}“",
        "channel": "über {channel}", "category": "in „{category}“", "item": "zu „{item}“",
        "amount_at_least": "für mindestens {amount}", "amount_at_most": "für höchstens {amount}",
        "discounted": "zum reduzierten Preis", "not discounted": "zum vollen Preis",
        "coupon": "mit Gutschein", "not coupon": "ohne Gutschein",
    },
}  # fmt: skip
_UNITS: Final = {
    "en": {"EUR": "EUR", "orders": "", "events": ""},
    "de": {"EUR": "EUR", "orders": "", "events": ""},
}


def sentence(rule: Rule, known: Known, language: str = "en") -> str:
    """The rule in words; groups within groups stand in brackets."""
    text = _text(rule, known, language, outer=True)
    return text[:1].upper() + text[1:]


def condition_text(condition: Condition, known: Known, language: str = "en") -> str:
    """One condition in words."""
    words = _WORDS[language]
    if isinstance(condition, EventsIn):
        return _events(condition, known, language)
    if isinstance(condition, GeneIs):
        gene, said = known.genes.get(condition.gene), _teller(known, condition.gene, language)
        name = gene.label[language] if gene else condition.gene
        if condition.top:
            name = words["top"].format(gene=name)
        elif condition.cell:
            name = words["cell"].format(gene=name, cell=said(condition.cell))
        return _compared(name, condition, language, unit=gene.unit if gene else "", said=said)
    if isinstance(condition, AttributeIs):
        field = known.attributes.get(condition.attribute)
        name = words["attribute"].format(attribute=field.label[language] if field else condition.attribute)
        labels = {value: label[language] for value, label in field.values.items()} if field else {}
        return _compared(name, condition, language, said=lambda value: labels.get(value, value))
    segment = known.segments.get(condition.segment)
    return words["segment"].format(segment=segment.label[language] if segment else condition.segment)


def _text(rule: Rule, known: Known, language: str, *, outer: bool) -> str:
    words = _WORDS[language]
    if isinstance(rule, Not):
        inner = _text(rule.part, known, language, outer=True)
        return f"{words['not']} ({inner})"
    if isinstance(rule, All | AnyOf):
        if len(rule.parts) == 1:
            return _text(rule.parts[0], known, language, outer=outer)
        word = words["and" if isinstance(rule, All) else "or"]
        joined = f" {word} ".join(_text(part, known, language, outer=False) for part in rule.parts)
        return joined if outer else f"({joined})"
    return condition_text(rule, known, language)


def _compared(
    name: str, condition: GeneIs | AttributeIs, language: str, *, said: Callable[[str], str], unit: str = ""
) -> str:
    words, op, value = _WORDS[language], condition.is_, condition.value

    def shown(one: object) -> str:
        if isinstance(one, str):
            return said(one)
        return _number(one, language)

    if op in {"known", "not known"}:
        return f"{name} {words[op]}"
    if op == "between" and isinstance(value, list):
        text = words[op].format(low=shown(value[0]), high=shown(value[1]))
    elif op == "in" and isinstance(value, list):
        text = words[op].format(texts=", ".join(shown(one) for one in value))
    else:
        text = f"{words[op]} {shown(value)}"
    after = "" if isinstance(value, str) or op == "in" else _UNITS[language].get(unit, "")
    return f"{name} {text} {after}".rstrip()


def _teller(known: Known, gene: str, language: str) -> Callable[[str], str]:
    return lambda text: known.said(gene, text, language)


def _events(condition: EventsIn, known: Known, language: str) -> str:
    words = _WORDS[language]
    label = known.events[condition.event][language] if condition.event in known.events else condition.event
    count = condition.at_least if condition.at_least is not None else condition.at_most or 0
    times = words["once"] if count == 1 else words["times"].format(n=count)
    days = words["day"] if condition.days == 1 else words["days"].format(n=_number(condition.days, language))
    event = " ".join([label, *_where(condition.where, known, language)])
    return words["at_least" if condition.at_least is not None else "at_most"].format(event=event, n=times, days=days)


def _where(where: Where, known: Known, language: str) -> list[str]:
    words, said = _WORDS[language], list[str]()
    if where.channel:
        channel = known.channels.get(where.channel, {}).get(language, where.channel)
        said.append(words["channel"].format(channel=channel))
    if where.category:
        said.append(words["category"].format(category=known.called(where.category, language)))
    if where.item:
        said.append(words["item"].format(item=where.item))
    for name in ("amount_at_least", "amount_at_most"):
        if (amount := getattr(where, name)) is not None:
            said.append(words[name].format(amount=_number(amount, language)))
    for name in ("discounted", "coupon"):
        if (flag := getattr(where, name)) is not None:
            said.append(words[name if flag else f"not {name}"])
    return said


def _number(value: object, language: str) -> str:
    return str(format_decimal(float(str(value)), format="#,##0.######", locale=language))
