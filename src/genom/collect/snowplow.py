"""Snowplow's tracker protocol: payloads of strings become events in Segment's form.

What has no place in that form stays in the event's context under `snowplow`, as it came; nothing is dropped but
what `SP-Anonymous` forbids to keep.

Source: Snowplow, "Snowplow tracker protocol"; derived_tstamp = collector_tstamp - (dvce_sent - dvce_created), or ttm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from genom.collect.iglu import Described, entities, event_within, unpacked
from genom.collect.pages import campaign_of, page_of, said
from genom.collect.rejected import Rejected
from genom.collect.snowplow_shop import ACTION, VENDOR, deeds, item, older, order

__all__ = ["GENOM", "Payload", "Sender", "events_of"]

Payload = Mapping[str, str]
Json = dict[str, Any]

GENOM: Final = "io.genom"
"""Vendor of the one entity that is ours: `iglu:io.genom/context/jsonschema/1-0-0`, what Genom's context knows beyond
Snowplow's."""
_OURS: Final = ("consent", "userHash", "decision_id", "externalIds", "channel", "traits")
_CHANNELS: Final = {"web": "web", "mob": "app", "app": "app", "srv": "server"}  # by platform
_DEVICES: Final = {"tv": "tv", "cnsl": "console"}
_BROWSERS: Final = frozenset(_CHANNELS) - {"srv"}
_ANONYMISED: Final = ("ip", "nuid", "tnuid")  # what a collector may not keep of whoever is anonymous
_SNOWPLOW: Final = "com.snowplowanalytics.snowplow"
_SCREENS: Final = frozenset({"com.snowplowanalytics.mobile", _SNOWPLOW})
_DIRECT: Final = ("email", "phone", "firstName", "first_name", "lastName", "last_name")
_ADDRESSES: Final = {"shipping_full_address": "shipping", "billing_full_address": "billing"}
_STRUCTURED: Final = {
    "se_ca": "se_category", "se_ac": "se_action", "se_la": "se_label", "se_pr": "se_property", "se_va": "se_value",
}  # fmt: skip
_PING: Final = {"pp_mix": "min_x", "pp_max": "max_x", "pp_miy": "min_y", "pp_may": "max_y"}
_LATEST: Final = 253_402_300_799_999  # ms, the end of the year 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What a request says beside its payloads."""

    user_agent: str = ""
    referrer: str = ""  # the page that a browser names
    anonymous: bool = False  # it came with `SP-Anonymous`


def events_of(payload: Payload, sender: Sender, items: Sequence[Payload] = ()) -> list[Json]:
    """The events of one payload, at least one; `items`: the `ti` that belong to a `tr`.  Raises Rejected.

    >>> events_of({"e": "pv", "p": "web", "duid": "d1", "page": "Beer", "eid": "e1"}, Sender())[0]["anonymousId"]
    'd1'
    """
    rest = dict(payload)
    if sender.anonymous:
        for key in _ANONYMISED:
            rest.pop(key, None)
    about = _contexts(rest)
    calls, about = _calls(rest, about, items)
    context = _context(rest, about, sender)
    common = _common(rest, about, context)
    if rest:
        context["snowplow"] = rest | context.get("snowplow", {})
    return [_event(common, call, context, number) for number, call in enumerate(calls)]


def _event(common: Json, call: Json, context: Json, number: int) -> Json:
    """The event of a call; those after the first have ids of their own, the same each time that they come."""
    own = {key: value for key, value in common.items() if value}
    if number:
        own |= {"messageId": f"{own['messageId']}-{number + 1}"} if "messageId" in own else {}
        context = {key: value for key, value in context.items() if key != "snowplow"}  # the first has all of it
    further = call.pop("context", {})
    return own | call | {"context": _within(context, further)}


def _within(context: Json, further: Json) -> Json:
    """Two contexts as one: what stands in both holds what both say."""
    both = {key: context[key] | value for key, value in further.items() if type(context.get(key)) is dict}
    return context | further | both


def _contexts(rest: dict[str, str]) -> list[Described]:
    plain, packed = rest.pop("co", ""), rest.pop("cx", "")
    found = entities(plain, ".co") if plain else []
    return found + (entities(unpacked(packed, ".cx"), ".cx") if packed else [])


def _calls(
    rest: dict[str, str], about: list[Described], items: Sequence[Payload]
) -> tuple[list[Json], list[Described]]:
    """What was called, without what all calls have in common; takes its keys out of `rest`."""
    match rest.get("e"):
        case "pv":
            call = {"type": "page", "name": rest.get("page") or None, "properties": _page(rest)}
            calls = [{key: value for key, value in call.items() if value}]
        case "pp":
            seen = {to: _whole(rest.pop(key)) for key, to in _PING.items() if key in rest}
            calls = [_track("Page Ping", _page(rest) | seen)]
        case "se":
            name = rest.get("se_ac", "")
            calls = [_track(name, {to: rest.pop(key) for key, to in _STRUCTURED.items() if key in rest})]
        case "tr":
            calls = [_track(*order(rest, items))]
        case "ti":
            calls = [_track(*item(rest))]
        case "ue":
            return _self_described(rest, about)
        case other:
            what = f"is {str(other)[:40]!r}" if other else "is missing"
            raise Rejected("collect.unknown-type", ".e", what, "send pv, pp, se, tr, ti or ue")
    del rest["e"]
    return calls, about


def _track(name: str, properties: Json) -> Json:
    return {"type": "track", "event": name, "properties": properties}


def _self_described(rest: dict[str, str], about: list[Described]) -> tuple[list[Json], list[Described]]:
    plain, packed = rest.get("ue_pr"), rest.get("ue_px")
    if not plain and not packed:
        raise Rejected("collect.self-describing", ".ue_pr", "is missing", "send ue_pr, or ue_px in base64")
    found = event_within(plain, ".ue_pr") if plain else event_within(unpacked(packed or "", ".ue_px"), ".ue_px")
    del rest["e"], rest["ue_pr" if plain else "ue_px"]
    data = found.data if type(found.data) is dict else {} if found.data is None else {"data": found.data}
    schema: Json = {"context": {"snowplow": {"schema": found.schema}}}
    if found.vendor == VENDOR and found.name == ACTION:
        made, about = deeds(data, about)
        return [_track(name, properties) | _addresses(properties, schema) for name, properties in made], about
    if found.name == "screen_view" and found.vendor in _SCREENS:
        name = {"name": data["name"]} if type(data.get("name")) is str else {}
        return [{"type": "screen", "properties": data} | name | schema], about
    own = older(found.name, data) if found.vendor == _SNOWPLOW else (found.name, data)
    return [_track(*own) | schema], about


def _addresses(properties: Json, schema: Json) -> Json:
    """Where somebody lives is no property: it goes the way of all direct identifiers."""
    found = {to: properties.pop(key) for key, to in _ADDRESSES.items() if properties.get(key) is not None}
    return {"context": schema["context"] | {"traits": {"address": found}}} if found else schema


def _page(rest: Mapping[str, str]) -> Json:
    """The page, for a call about it; the context takes it out of the payload."""
    return said(url=rest.get("url", ""), title=rest.get("page", ""), referrer=rest.get("refr", ""))


def _context(rest: dict[str, str], about: Iterable[Described], sender: Sender) -> Json:
    """What Segment's context has a place for."""
    platform = rest.get("p", "")
    library, _, version = rest.pop("tv", "").partition("-")
    context: Json = {
        "library": said(name=f"snowplow-{library}" if library else "", version=version),
        "channel": _CHANNELS.get(platform, ""),
        "userAgent": rest.pop("ua", "") or (sender.user_agent if platform in _BROWSERS else ""),
        "ip": rest.pop("ip", ""),
        "locale": rest.pop("lang", ""),
        "timezone": rest.pop("tz", ""),
        "device": said(type=_DEVICES.get(platform, "")),
        "screen": _screen(rest),
    }
    url = rest.pop("url", "") or (sender.referrer if platform == "web" else "")
    context["page"] = page_of(url, title=rest.pop("page", ""), referrer=rest.pop("refr", ""))
    context["campaign"] = campaign_of(context["page"])
    context = {key: value for key, value in context.items() if value}
    for one in about:
        _add(context, one)
    return context


def _screen(rest: dict[str, str]) -> Json:
    """Width and height of a resolution such as 1920x1080; another text stays where it was."""
    wide, _, high = rest.get("res", "").partition("x")
    if not (_is_whole(wide) and _is_whole(high)):
        return {}
    del rest["res"]
    return {"width": int(wide), "height": int(high)}


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _whole(text: str) -> int | str:
    return int(text) if _is_whole(text) else text


def _add(context: Json, one: Described) -> None:
    """An entity: ours is laid into the context, what is known of a device too; everything else is kept as it came."""
    data = one.data
    if type(data) is not dict:
        _keep(context, one.schema, data)
        return
    if one.vendor == GENOM and one.name == "context":
        context |= {key: data[key] for key in _OURS if key in data}
        data = {key: value for key, value in data.items() if key not in _OURS}
        if not data:
            return
    elif one.name in ("mobile_context", "desktop_context"):
        _describe(context, data, mobile=one.name == "mobile_context")
    direct = {key: data[key] for key in _DIRECT if key in data}
    if direct:
        known = context.get("traits")
        context["traits"] = direct | (known if type(known) is dict else {})
        data = {key: value for key, value in data.items() if key not in direct}
    _keep(context, one.schema, data)


def _keep(context: Json, schema: str, data: Any) -> None:
    kept = context.setdefault("snowplow", {}).setdefault("contexts", [])
    kept.append({"schema": schema, "data": data})


def _describe(context: Json, data: Json, *, mobile: bool) -> None:
    """The device and its system; `ios` and `android` name a kind of device here, as in Segment's own libraries."""
    text = {key: value for key, value in data.items() if type(value) is str}
    device = said(manufacturer=text.get("deviceManufacturer", ""), model=text.get("deviceModel", ""))
    device["type"] = text.get("osType", "").lower() if mobile else "desktop"
    context["device"] = device | context.get("device", {})
    context["os"] = said(name=text.get("osType", ""), version=text.get("osVersion", ""))


def _common(rest: dict[str, str], about: Iterable[Described], context: Json) -> Json:
    """Who it was, when, and which message it is."""
    sessions = [one.data for one in about if one.name == "client_session" and type(one.data) is dict]
    users = [one.data for one in about if one.vendor == VENDOR and one.name == "user" and type(one.data) is dict]
    known = [user.get("id") for user in users if user.get("is_guest") is not True]
    common: Json = {
        "messageId": rest.pop("eid", ""),
        "anonymousId": rest.pop("duid", "") or next((one.get("userId") for one in sessions), ""),
        "userId": rest.pop("uid", "") or next(iter(known), ""),
    }
    kept = context.setdefault("snowplow", {})
    if ttm := rest.get("ttm"):  # the true time needs no correction
        common["timestamp"] = _moment(ttm)
        kept |= {key: rest.pop(key) for key in ("ttm", "dtm", "stm") if key in rest}
    elif dtm := rest.pop("dtm", ""):
        common["timestamp"] = _moment(dtm)
        common["sentAt"] = _moment(rest.pop("stm", ""))
    if not kept:
        del context["snowplow"]
    return common


def _moment(text: str) -> str:
    """Unix ms as clients of Segment write a time; another text as it is, for the event's own check to refuse.

    >>> _moment("1763719872345"), _moment("soon")
    ('2025-11-21T10:11:12.345Z', 'soon')
    """
    if not _is_whole(text) or int(text) > _LATEST:
        return text
    at, ms = divmod(int(text), 1_000)
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03}Z"
