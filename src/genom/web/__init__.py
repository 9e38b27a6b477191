"""What pages share: answers, headers, static files, cookies, forms, texts, formats, templates, streams."""

from genom.web.answers import answer
from genom.web.formats import Formats
from genom.web.forms import Form, form_of
from genom.web.headers import CSP, secured
from genom.web.look import LANGUAGES, THEMES, Look, look_cookies, look_of
from genom.web.origin import check_host, check_origin
from genom.web.static import StaticFolder
from genom.web.streams import Channel, Stream, stream_reply
from genom.web.templates import template_sets
from genom.web.texts import Texts

__all__ = [
    "CSP",
    "LANGUAGES",
    "THEMES",
    "Channel",
    "Form",
    "Formats",
    "Look",
    "StaticFolder",
    "Stream",
    "Texts",
    "answer",
    "check_host",
    "check_origin",
    "form_of",
    "look_cookies",
    "look_of",
    "secured",
    "stream_reply",
    "template_sets",
]
