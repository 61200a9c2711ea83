"""A request as a curl command, and back.

Options follow curl's manual (curl.se/docs/manpage.html).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from urllib.parse import quote

from sandbox.errors import InputError
from sandbox.formats.curl_import import ImportedCall, from_curl
from sandbox.model.trace import RequestDocument

__all__ = ["ImportedCall", "from_curl", "to_curl"]

_MASK = "••••"
_PLAIN = re.compile(r"[\w :/.,=@%+-]*", re.ASCII)


def to_curl(request: RequestDocument, secrets: Mapping[str, str] | None = None) -> str:
    """A command for POSIX shells that sends this request: method, URL, headers, exact body.

    Args:
        request: the request; what is masked in it stays masked.
        secrets: value → name of the variable; a value found anywhere is written ``$NAME``, and
            masked where it stands in another spelling (percent-encoded, escaped in JSON).

    Raises:
        InputError: when the body holds a character that no argument can.
    """
    named = {value: name for value, name in (secrets or {}).items() if value}
    method, url, text = request["method"].upper(), request["url"], request["text"]
    if "\x00" in text:
        raise InputError("a body with a NUL character cannot be written as a curl command")
    words: list[list[str]] = []
    if method == "HEAD" and not text:
        words.append(["--head"])
    elif method != ("POST" if text else "GET"):
        words.append(["-X", method])
    if re.search(r"[\[\]{}]", url):
        words.append(["--globoff"])
    if re.search(r"/\.{1,2}(/|$)", url.partition("?")[0]):
        words.append(["--path-as-is"])
    head = " ".join(["curl", *(word for pair in words for word in pair)])
    lines = [f"{head} {_word(_hide(url, named, lambda one: quote(one, safe='')), named)}"]
    for name, value in request["headers"].items():
        header = f"{name}: {value}" if value else f"{name};"
        lines.append(f"-H {_word(header, named)}")
    if text:
        if not any(name.lower() == "content-type" for name in request["headers"]):
            # Without this, curl would call every body a form.
            lines.append("-H 'Content-Type:'")
        lines.append(f"--data-raw {_word(_hide(text, named, _in_json), named)}")
    return " \\\n  ".join(lines)


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _hide(text: str, named: Mapping[str, str], spelt: Callable[[str], str]) -> str:
    """Masks secrets that a variable could not stand for, because they are spelt differently."""
    for value in sorted(named, key=len, reverse=True):
        other = spelt(value)
        if other != value:
            text = text.replace(other, _MASK)
    return text


def _word(text: str, named: Mapping[str, str]) -> str:
    """One argument, quoted; secrets as variables."""
    found = [value for value in named if value in text]
    if not found:
        return shlex.quote(text)
    pattern = "|".join(re.escape(value) for value in sorted(found, key=len, reverse=True))
    parts = re.split(f"({pattern})", text)
    plain = all(_PLAIN.fullmatch(part) for part in parts[::2])
    apart = all(not re.match(r"\w", part) for part in parts[2::2])
    if plain and apart:
        inner = "".join(f"${named[part]}" if at % 2 else part for at, part in enumerate(parts))
        return f'"{inner}"'
    return "".join(
        f'"${named[part]}"' if at % 2 else shlex.quote(part)
        for at, part in enumerate(parts)
        if part
    )
