"""Who is no person: programs that fetch pages and open messages, by what they call themselves."""

from __future__ import annotations

import re
from typing import Final

from genom.collect.memo import Memo

__all__ = ["is_machine", "opens_for_everybody"]

_WORDS: Final = re.compile(
    r"bot\b|bot[/\-_;]|crawl|spider|slurp|scanner|scrape|fetcher|preview|monitor|uptime|pingdom|archiver|validator"
    r"|headless|phantomjs|selenium|puppeteer|playwright|facebookexternalhit|whatsapp/|feed|rss|reader/"
    r"|^(?:curl|wget|java|ruby|perl|php|python|go-http-client|okhttp|axios|node-fetch|libwww|lwp|apache-httpclient)\b"
    r"|python-requests|python-urllib|httpclient|http_client|\+https?://|\bmimecast|\bbarracuda|\bproofpoint",
    re.IGNORECASE | re.ASCII,
)
_LONGEST: Final = 512  # characters that are looked at
_PROXY: Final = frozenset({"mozilla/5.0", "mozilla/5.0 (windows nt 5.1; rv:11.0) gecko firefox/11.0"})
"""What mail programs' own servers say that load every picture of every message, whether or not anybody reads it."""

_MACHINE: Final[Memo[str, bool]] = Memo(lambda agent: bool(_WORDS.search(agent)), most=4_096)


def is_machine(agent: str) -> bool:
    """Whether a browser says by its own words that it is none; one that calls itself a browser is taken for one.

    >>> is_machine("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), is_machine("curl/8.5")
    (True, True)
    >>> is_machine("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36")
    False
    """
    return _MACHINE[agent[:_LONGEST]]


def opens_for_everybody(agent: str) -> bool:
    """Whether an open says nothing of its recipient: a machine, or a mail program's server that opens everything.

    >>> opens_for_everybody("Mozilla/5.0"), opens_for_everybody("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)")
    (True, False)
    """
    return is_machine(agent) or agent.strip().lower() in _PROXY
