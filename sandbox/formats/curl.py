"""A request as a curl command, and back.

Options follow curl's manual (curl.se/docs/manpage.html).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from sandbox.errors import InputError
from sandbox.formats.curl_import import ImportedCall, from_curl
from sandbox.formats.named_secrets import NamedRequest, name_secrets
from sandbox.model.trace import RequestDocument

__all__ = ["ImportedCall", "from_curl", "to_curl"]

_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What would steer the terminal that the command is shown in, or pasted into."""
_PLAIN = re.compile(r"[\w :/.,=@%+-]*", re.ASCII)


def to_curl(request: RequestDocument, secrets: Mapping[str, str] | None = None) -> str:
    """A command for POSIX shells that sends this request: method, URL, headers, exact body.

    A value with control characters is written ``$'…'`` (POSIX.1-2024; bash, zsh and ksh long
    before), so that the command can be shown and pasted.

    Args:
        request: the request; what is masked in it stays masked.
        secrets: value → name of the variable; a value found anywhere is written ``$NAME``, and
            masked where it stands in another spelling, as are credentials without a variable.
            Of a Basic header, which hides it in base64, ``-u`` is made. None shows everything.

    Raises:
        InputError: when the body holds a character that no argument can.
    """
    method, url = request["method"].upper(), request["url"]
    named = NamedRequest(request, {}) if secrets is None else name_secrets(request, secrets)
    headers, text = named.document["headers"], named.document["text"]
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
    lines = [f"{head} {_word(named.parts(named.document['url']))}"]
    for name, value in headers.items():
        if named.credentials and name.lower() == "authorization":
            lines.append(f"-u {_word(named.parts(named.credentials))}")
            continue
        header = f"{name}: {value}" if value else f"{name};"
        lines.append(f"-H {_word(named.parts(header))}")
    if text:
        if not any(name.lower() == "content-type" for name in headers):
            # Without this, curl would call every body a form.
            lines.append("-H 'Content-Type:'")
        lines.append(f"--data-raw {_word(named.parts(text))}")
    return " \\\n  ".join(lines)


def _word(parts: list[str]) -> str:
    """One argument, quoted: text and names of variables in turn."""
    if len(parts) == 1:
        return _quoted(parts[0])
    plain = all(_PLAIN.fullmatch(part) for part in parts[::2])
    apart = all(not re.match(r"\w", part) for part in parts[2::2])
    if plain and apart:
        inner = "".join(f"${part}" if at % 2 else part for at, part in enumerate(parts))
        return f'"{inner}"'
    return "".join(
        f'"${part}"' if at % 2 else _quoted(part) for at, part in enumerate(parts) if part
    )


def _quoted(text: str) -> str:
    if not _STEERS.search(text):
        return shlex.quote(text)
    inner = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{_STEERS.sub(_escape, inner)}'"


def _escape(found: re.Match[str]) -> str:
    # Octal has exactly three digits; \x would go on into the digits that follow.
    code = ord(found[0])
    return f"\\{code:03o}" if code < 128 else f"\\u{code:04x}"
