"""Writes the pages that repeat what the code knows: ``python docs/make_pages.py`` (``--check`` compares only)."""

from __future__ import annotations

import sys
from pathlib import Path

from sandbox.mocks.faults import ALIASES, FAULTS
from sandbox.model.exchange import PHASES_OF
from sandbox.model.meaning import check_of_error, meaning_of_error

__all__ = ["PAGES", "errors_page"]

HERE = Path(__file__).parent

_EXCEPTIONS = """\
| exception of httpx | kind @ phase |
|---|---|
| `ConnectError` with `gaierror` among its causes | `dns @ connect` |
| `ConnectError` with `SSLError` among its causes, or broken during the handshake | `tls @ connect` |
| `ConnectError` otherwise | `refused @ connect` |
| `ConnectTimeout`, `PoolTimeout` | `connect_timeout`, `pool_timeout @ connect` |
| `WriteTimeout`, `WriteError` | `write_timeout`, `reset @ send` |
| `ReadTimeout` | `read_timeout @ head` or `body` |
| `ReadError`, `CloseError` | `reset @ head` or `body` |
| `RemoteProtocolError`: server disconnected | `disconnected @ head` |
| `RemoteProtocolError`: peer closed the connection | `truncated @ body` |
| `RemoteProtocolError` otherwise, `StreamError`, `CookieConflict` | `protocol @ head` or `body` |
| `LocalProtocolError`, `InvalidURL`, `UnsupportedProtocol` | `unsendable`, `invalid_url`, `unsupported_scheme @ build` |
| `ProxyError` | `proxy @ connect` |
| `DecodingError` | `decoding @ body` |
| `TooManyRedirects` | `too_many_redirects @ redirect` |
| respx's `AllMockedAssertionError` | `unmatched @ sandbox` |
"""


def errors_page() -> str:
    """The closed list of transport errors, the faults that play them, and httpx's exceptions."""
    lines = [
        "# When a call has no response",
        "",
        "<!-- written by docs/make_pages.py -->",
        "",
        "An endpoint's failure is data: a trace then has `response: null` and `error: {kind, phase,",
        "message}` from this closed list. `timeout` in `--answer` is short for `read_timeout`.",
        "",
        "| kind | phases | what it means | what to check next |",
        "|---|---|---|---|",
    ]
    for kind, phases in PHASES_OF.items():
        says, check = meaning_of_error(kind, phases[0]), check_of_error(kind, phases[0])
        lines.append(f"| `{kind}` | {', '.join(phases)} | {says} | {check} |")
    lines += [
        "",
        "## Faults",
        "",
        "What a mock rule (`fault: NAME`) or `--answer STEP=NAME` can play.",
        "",
        "| fault | what it plays | outcome |",
        "|---|---|---|",
    ]
    for name, fault in FAULTS.items():
        outcome = f"`{fault.kind} @ {fault.phase}`" if fault.kind else f"status {fault.status}"
        lines.append(f"| `{name}` | {fault.sentence} | {outcome} |")
    also = ", ".join(f"`{alias}` is `{name}`" for alias, name in ALIASES.items())
    lines += ["", f"Other names: {also}.", "", "## From httpx", ""]
    lines += [
        "Refused, DNS and TLS all arrive as `ConnectError`, so the chain of causes is looked through.",
        "",
        _EXCEPTIONS.rstrip(),
        "",
    ]
    return "\n".join(lines)


PAGES = {"errors.md": errors_page}


def main() -> int:
    """Write or compare every page."""
    stale = []
    for name, make in PAGES.items():
        page = HERE / name
        text = make()
        if "--check" in sys.argv:
            if not page.exists() or page.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            page.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"stale: {', '.join(stale)}; run python docs/make_pages.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
