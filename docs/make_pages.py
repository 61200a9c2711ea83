"""Writes the pages that repeat what the code knows: ``python docs/make_pages.py`` (``--check`` compares only)."""

from __future__ import annotations

import sys
from pathlib import Path

from sandbox.mocks.faults import ALIASES, DELIVERIES, FAULTS, Fault
from sandbox.model.exchange import PHASES_OF
from sandbox.model.meaning import check_of_error, meaning_of_error
from sandbox.serve.rules_asking import HEADERS

__all__ = ["PAGES", "errors_page", "faults_page"]

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
    """The closed list of transport errors, and httpx's exceptions."""
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
        "Each of them can be played by a mock rule or with `--answer STEP=FAULT`: the list is in",
        "[faults](faults.md).",
        "",
        "## From httpx",
        "",
    ]
    lines += [
        "Refused, DNS and TLS all arrive as `ConnectError`, so the chain of causes is looked through.",
        "",
        _EXCEPTIONS.rstrip(),
        "",
    ]
    return "\n".join(lines)


_FAULTS = """\
What a mock rule says with `fault: NAME`, and the command line with `--answer STEP=NAME`. The list is closed: another name is refused,
with the nearest ones. Every fault has been held against the same thing on a real socket: kind, phase, bytes that came and outcome are
the same in every delivery that plays it.
"""

_DELIVERIES = """\
## Deliveries

| delivery | how | where |
|---|---|---|
{rows}

Nothing chooses a delivery by hand. In a run a rule's plain status goes the short way, as a response object behind one respx route; a fault
of bytes or time goes through httpcore and h11 over a scripted network. There is no socket and nothing sleeps: a read that would wait longer
than the step's time-out ends in httpx's own exception, and the virtual clock moves by exactly that time-out. A drip below the
time-out is no error, however long it takes: httpx has no total deadline.

`proxy_407` and `pool_timeout` are no matter of bytes: they stay exceptions. What a listener cannot play is refused when `sandbox serve --rules` starts, by the rule's id and with the reason. `--skip-unservable` leaves
these rules out instead and names them.

## What else an item may say

A fault of the body breaks an answer, and the item may say which: `status`, `headers`, and `json` or `text`. Without them it is a small JSON
object with status 200; its content type is JSON unless the item names another.

| field | for | meaning; without it |
|---|---|---|
| `after_bytes` | {after} | how many bytes of the body come first; half of them |
| `drip: {{bytes, every_ms}}` | {drip} | pieces of so many bytes, each after a pause; at once (under `drip` 4 bytes every 200 ms) |
| `bytes_per_s` | {speed} | the speed of the body; at once (under `bandwidth` 100 bytes a second) |

```yaml
- {{id: half, match: {{step: call}}, respond: {{items: [{{fault: reset_mid_body, after_bytes: 10, json: {{id: 7, name: Ada}}}}]}}}}
- {{id: drip, match: {{step: call}}, respond: {{items: [{{fault: drip, drip: {{bytes: 1, every_ms: 900}}, text: "slow but whole"}}]}}}}
```

Latency comes before all of it. The length is the server's business: `Content-Length`, `Transfer-Encoding` and `Connection` of an item are not
sent as written. A body whose headers say gzip or deflate is compressed on its way by the listener.

## For tools outside: `sandbox serve --rules NAME`

```sh
sandbox serve --rules flaky                     # the rules on http://127.0.0.1:8767, beside the trigger API
sandbox serve --rules my.yaml --rules-port 0 --json   # any free port; the first line names it as rules_url
curl -i http://127.0.0.1:8767/v1/contacts/7
curl -i -x http://127.0.0.1:8767 http://api.example.com/v1/contacts/7     # as a proxy: rules see the real host
```

A raw HTTP/1.1 listener on 127.0.0.1 writes the same bytes, resets included (RST), and waits in real time. It keeps connections, and answers
pipelined requests in order. Each answer names its rule in `X-Sandbox-Rule`. A rule that looks at the host sees the `Host` header, or the
URL when the listener is used as a proxy; with `X-Forwarded-Proto: https` the URL counts as https. A caller may say what a run would know:

| header | says |
|---|---|
{headers}

- No rule matched: status **501** (a 404 could be the endpoint's own), with JSON that names the three nearest rules and what differed. A
  request that the sandbox cannot take is 400.
- One run lasts from start to Ctrl-C, unless `X-Sandbox-Run` says otherwise; windows count from the start. Expectations are judged in runs, not here.
- Bounds: 64 KB of head, 1 MB of body, 256 connections, 15 s for a silent client, ten minutes for a connection that is held; 1,000 runs and
  100,000 counts are remembered.
"""


def faults_page() -> str:
    """The catalogue, its deliveries, and the listener."""
    lines = [
        "# Faults",
        "",
        "<!-- written by docs/make_pages.py -->",
        "",
        _FAULTS,
        "| fault | phase | what it plays | outcome | exception of httpx | deliveries |",
        "|---|---|---|---|---|---|",
    ]
    for name, fault in FAULTS.items():
        raised = f"`{fault.raised}`" if fault.raised else "none"
        where = "all" if len(fault.deliveries) == len(DELIVERIES) else ", ".join(fault.deliveries)
        lines.append(
            f"| `{name}` | {fault.phase} | {fault.sentence} | {_outcome(fault)} | {raised} | {where} |"
        )
    also = ", ".join(f"`{alias}` is `{name}`" for alias, name in ALIASES.items())
    where_used = {
        "pure": "`sweep`, cohorts",
        "respx": "every mocked run",
        "wire": "every mocked run",
        "server": "`sandbox serve --rules`",
    }
    rows = "\n".join(f"| {name} | {how} | {where_used[name]} |" for name, how in DELIVERIES.items())
    headers = "\n".join(f"| `{name.title()}` | {what} |" for name, what in HEADERS.items())
    lines += ["", f"Other names: {also}.", ""]
    page = _DELIVERIES.format(
        rows=rows,
        headers=headers,
        after=_taking("after_bytes"),
        drip=_taking("drip"),
        speed=_taking("bytes_per_s"),
    )
    return "\n".join(lines) + "\n" + page


def _outcome(fault: Fault) -> str:
    if fault.kind is not None:
        return f"`{fault.kind} @ {fault.phase}`"
    if fault.followed is not None:
        kind, phase = fault.followed
        return f"status {fault.status}; followed: `{kind} @ {phase}`"
    if "drip" in fault.name or fault.name == "bandwidth":
        return f"status {fault.status}, late; `read_timeout @ body` when a pause is longer than is waited"
    return f"status {fault.status}"


def _taking(field: str) -> str:
    return ", ".join(f"`{name}`" for name, fault in FAULTS.items() if field in fault.parameters)


PAGES = {"errors.md": errors_page, "faults.md": faults_page}


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
