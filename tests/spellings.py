"""Secrets as an attacker would choose them, and every spelling in which one may be read."""

from __future__ import annotations

import html
import json
from typing import Final
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

__all__ = ["SECRETS", "spellings"]

SECRETS: Final = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["Zq9", "pä", "p/", "ab c"]),
    st.text("=&\"' é/+%\\<€😀;#?", min_size=1, max_size=5),
    st.sampled_from(["xK7w", "wörd", "d/e"]),
)


def spellings(secret: str) -> set[str]:
    """As it is, percent-encoded, and escaped as JSON and HTML have it."""
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote(secret, safe="").lower(),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
    }
