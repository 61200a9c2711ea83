from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import InputError
from sandbox.formats.curl import from_curl, to_curl
from sandbox.formats.http import to_http_bytes
from sandbox.model.base import Json
from sandbox.model.journey import CallApi
from sandbox.model.trace import RequestDocument

URL = "https://api.example.com/hook"


def request(
    method: str = "POST",
    url: str = URL,
    headers: dict[str, str] | None = None,
    text: str = "",
) -> RequestDocument:
    return {"method": method, "url": url, "headers": headers or {}, "body": None, "text": text}


JSON = {"Content-Type": "application/json"}


def test_the_command_reads_well() -> None:
    command = to_curl(
        request(headers={**JSON, "Authorization": "Bearer s3cr3t!"}, text='{"name":"O\'Neil"}'),
        {"s3cr3t!": "APP_TOKEN"},
    )
    assert command == (
        "curl https://api.example.com/hook \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        '  -H "Authorization: Bearer $APP_TOKEN" \\\n'
        '  --data-raw \'{"name":"O\'"\'"\'Neil"}\''
    )


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (request("GET"), f"curl {URL}"),
        (request("DELETE"), f"curl -X DELETE {URL}"),
        (request("HEAD"), f"curl --head {URL}"),
        (request("POST"), f"curl -X POST {URL}"),
        (request("GET", url=f"{URL}?a=[1]&b=2"), f"curl -X GET --globoff '{URL}?a=[1]&b=2'"),
        (request("GET", url=f"{URL}/../x"), f"curl --path-as-is {URL}/../x"),
        (request("GET", headers={"X-Empty": ""}), f"curl {URL} \\\n  -H 'X-Empty;'"),
    ],
)
def test_methods_and_odd_urls(sent: RequestDocument, expected: str) -> None:
    assert to_curl(sent) == expected.replace("curl -X GET --globoff", "curl --globoff")


def test_secrets_stand_as_variables_and_never_in_another_spelling() -> None:
    secrets = {'p"w/1': "PW", "tok": "TOKEN", "": "EMPTY"}
    command = to_curl(
        request(
            url=f"{URL}?key=p%22w%2F1&t=tok",
            headers={"X-Key": 'p"w/1$HOME', "X-T": "atokb"},
            text='{"key":"p\\"w/1","t":"tok"}',
        ),
        secrets,
    )
    assert 'p"w/1' not in command
    assert "p%22w%2F1" not in command
    assert 'p\\"w/1' not in command
    assert "'X-Key: '\"$PW\"'$HOME'" in command
    assert "'X-T: a'\"$TOKEN\"b" in command
    assert "••••" in command


def test_a_body_with_nul_is_refused() -> None:
    with pytest.raises(InputError, match="NUL"):
        to_curl(request(text="a\x00b"))


IMPORTS: list[tuple[str, dict[str, Json]]] = [
    (f"curl {URL}", {"method": "GET", "url": URL}),
    (
        f"$ curl -sSL -o /dev/null {URL} | jq .",
        {"method": "GET", "url": URL, "follow_redirects": True},
    ),
    (f"curl -XDELETE --url '{URL}?a=1&b=2'", {"method": "DELETE", "url": f"{URL}?a=1&b=2"}),
    (f"curl {URL}?a=1&b=2 -I", {"method": "HEAD", "url": f"{URL}?a=1&b=2"}),
    (
        f"curl -G {URL} -d a=1 --data-urlencode 'q=a b&c'",
        {"method": "GET", "url": f"{URL}?a=1&q=a%20b%26c"},
    ),
    (
        f"curl {URL} -d a=1 -d 'b=x%20y' -d a=2",
        {
            "method": "POST",
            "url": URL,
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": "a=1&b=x%20y&a=2",
            "body_kind": "text",
        },
    ),
    (
        f"curl {URL} -d 'a=1&b=x+y'",
        {
            "method": "POST",
            "url": URL,
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": "a=1&b=x+y",
            "body_kind": "text",
        },
    ),
    (
        f"curl {URL} -d a=1 --data-urlencode 'b=x y&z' -d a=",
        {
            "method": "POST",
            "url": URL,
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": "a=1&b=x%20y%26z&a=",
            "body_kind": "text",
        },
    ),
    (
        f"curl {URL} -d a=1 -d a=2 --data-urlencode 'b=x y&z'",
        {
            "method": "POST",
            "url": URL,
            "body": {"a": ["1", "2"], "b": "x y&z"},
            "body_kind": "form",
        },
    ),
    (
        f'curl {URL} -d "a=$A" --data-urlencode "b=x $B"',
        {
            "method": "POST",
            "url": URL,
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": "a={{{env.A}}}&b=x%20{{{encodeURIComponent env.B}}}",
            "body_kind": "text",
        },
    ),
    (
        f"curl --json '{{\"a\": [1, null]}}' {URL} -X put",
        {
            "method": "PUT",
            "url": URL,
            "headers": {"Content-Type": "application/json", "Accept": "application/json"},
            "body": {"a": [1, None]},
            "body_kind": "json",
        },
    ),
    (
        f"curl \\\n  -H 'content-type: application/json; charset=utf-8' \\\n"
        f'  --data-raw $\'{{"a":"it\\\'s\\n\\u00e9"}}\' \\\n  {URL}',
        {
            "method": "POST",
            "url": URL,
            "headers": {"content-type": "application/json; charset=utf-8"},
            "body_kind": "text",
            "body": '{"a":"it\'s\né"}',
        },
    ),
    (
        f'curl -u me:p:w -A agent -e http://r -b "a=1; b=2" -m 2.5 {URL}',
        {
            "method": "GET",
            "url": URL,
            "headers": {"User-Agent": "agent", "Referer": "http://r", "Cookie": "a=1; b=2"},
            "auth": {"kind": "basic", "user": "me", "password": "p:w"},
            "timeout_s": 2.5,
        },
    ),
    (
        "curl https://u:p%40@h.example/x#part",
        {
            "method": "GET",
            "url": "https://h.example/x",
            "auth": {"kind": "basic", "user": "u", "password": "p@"},
        },
    ),
    ("curl localhost:8000/x", {"method": "GET", "url": "http://localhost:8000/x"}),
    (
        'curl "$BASE/x" -H "Authorization: Bearer ${TOKEN}" -H \'X: $no\'',
        {
            "method": "GET",
            "url": "{{{env.BASE}}}/x",
            "headers": {"Authorization": "Bearer {{{env.TOKEN}}}", "X": "$no"},
        },
    ),
    (
        f'curl ^"{URL}?a=1^&b=2^" ^\n  -H ^"content-type: application/json^" ^\n'
        f'  --data-raw ^"^{{^\\^"a^\\^":^\\^"x y^\\^"^}}^"',
        {
            "method": "POST",
            "url": f"{URL}?a=1&b=2",
            "headers": {"content-type": "application/json"},
            "body": {"a": "x y"},
            "body_kind": "json",
        },
    ),
    (
        f'curl.exe "{URL}" ^\r\n -H "content-type: application/json" -d "{{\\"a\\":1}}"',
        {
            "method": "POST",
            "url": URL,
            "headers": {"content-type": "application/json"},
            "body": {"a": 1},
            "body_kind": "json",
        },
    ),
    (
        f"curl {URL} -H 'Host: x' -H ':authority: y' -H 'Accept:' -H 'A: 1' -H 'a: 2' --compressed",
        {"method": "GET", "url": URL, "headers": {"A": "1, 2"}},
    ),
]


@pytest.mark.parametrize(("command", "call"), IMPORTS, ids=[text[:40] for text, _ in IMPORTS])
def test_commands_that_people_paste(command: str, call: dict[str, Json]) -> None:
    found = from_curl(command).call
    assert found == call
    CallApi.parse({"id": "call", "kind": "call_api", **found})


@pytest.mark.parametrize(
    ("command", "warning"),
    [
        (f"curl -k {URL}", "certificates"),
        (f"curl --proxy http://p {URL}", "--proxy http://p"),
        (f"curl {URL} -d '{{\"a\":1}}'", "looks like JSON"),
        (f"curl {URL} -H 'content-type: application/json' -d '{{a}}'", "not JSON"),
        (f"curl {URL} -u me", "no password"),
        (f"curl {URL} -H 'Host: x'", "Host"),
        (f"curl {URL} -H 'A: 1' -H 'a: 2'", "more than once"),
        ("curl example.com", "no scheme"),
        (f"curl {URL} > out.json", "> out.json"),
        (f"curl {URL}\ncurl {URL}", "left out what follows"),
    ],
)
def test_what_is_left_out_is_said(command: str, warning: str) -> None:
    assert any(warning in one for one in from_curl(command).warnings)


def test_the_shells_variables_are_named() -> None:
    assert from_curl(f'curl {URL}/"$ID" -u me:${{PW}} -d "$ID"').variables == ["ID", "PW"]


@pytest.mark.parametrize(
    "command",
    [
        f"curl {URL} -U me:hush", f"curl {URL} -x http://me:hush@proxy", f"curl -u hush {URL}",
        f"curl {URL} -H 'Authorization hush'", f"curl {URL} -H 'Authorization: hush",
        f"curl {URL} -H Authorization: Bearer hush", "curl example.test/x?token=hush",
        f"curl {URL}; curl -u me:hush", f"curl {URL} && TOKEN=hush curl", f"curl {URL} -E a:hush",
    ],
)  # fmt: skip
def test_no_message_says_a_credential(command: str) -> None:
    try:
        said = from_curl(command).warnings
    except InputError as wrong:
        said = [str(wrong)]
    assert said
    assert "hush" not in " ".join(said)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "nothing in it"),
        ("wget https://x", "begins with 'wget'"),
        ("curl", "no URL"),
        (f"curl {URL} -d @payload.json", "the file payload.json"),
        (f"curl {URL} --data-binary @-", "the file -"),
        (f"curl {URL} --data-urlencode name@file.txt", "the file file.txt"),
        (f"curl {URL} -F file=@x.png", "multipart"),
        (f"curl {URL} -T x", "files"),
        (f"curl {URL} -b jar.txt", "jar.txt"),
        (f"curl {URL} -X PURGE", "PURGE"),
        (f"curl {URL} --teleport", "--teleport"),
        (f"curl {URL} -sÿ", "-ÿ"),
        (f"curl {URL} -H", "-H needs a value"),
        (f"curl {URL} -H 'nonsense'", "Name: value"),
        (f"curl {URL} -H 'A: b", "never closed"),
        (f'curl {URL} -H "A: $(date)"', "only a shell"),
        (f"curl {URL} -d `cat x`", "only a shell"),
        (f"curl {URL} https://other", "2 URLs"),
        (f"curl --digest -u a:b {URL}", "digest"),
        (f"curl -m soon {URL}", "seconds"),
    ],
)
def test_what_cannot_be_imported_is_named(command: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        from_curl(command)
    assert message in caught.value.message


NAMES = st.from_regex(r"X-[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(str.strip)
BODIES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=40)
PATHS = st.text("abcXYZ019-._~%20!$&'()*+,;=:@/[]{}?", max_size=20)
TYPES = st.sampled_from(
    ["application/json", "text/plain", "application/x-www-form-urlencoded", "application/ld+json"]
)
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])


@st.composite
def requests(draw: st.DrawFn) -> RequestDocument:
    headers = draw(st.dictionaries(NAMES, VALUES, max_size=3))
    lower = {name.lower(): name for name in headers}
    headers = {name: headers[name] for name in lower.values()}
    if draw(st.booleans()):
        headers["Content-Type"] = draw(TYPES)
    body = draw(
        st.just("")
        | BODIES
        | st.builds(json.dumps, st.dictionaries(BODIES, st.integers() | BODIES, max_size=3))
        | st.lists(st.tuples(st.text("ab ", min_size=1), st.text("x&=é "))).map(
            lambda pairs: "&".join(f"{name.strip()}={value}" for name, value in pairs)
        )
    )
    url = f"https://api.example.com/{draw(PATHS)}"
    return request(draw(METHODS), url, headers, body)


@given(requests())
def test_a_command_reads_back_as_the_same_request(sent: RequestDocument) -> None:
    call = from_curl(to_curl(sent)).call
    assert call["method"] == sent["method"]
    assert call["url"] == sent["url"]
    assert call.get("headers", {}) == sent["headers"]
    match call.get("body_kind"):
        case "json":
            assert call["body"] == json.loads(sent["text"])
        case "form":
            fields = [
                (name, one)
                for name, value in call["body"].items()
                for one in (value if isinstance(value, list) else [value])
            ]
            assert fields == parse_qsl(sent["text"], keep_blank_values=True)
        case _:
            assert call.get("body", "") == sent["text"]


@given(st.text("ab1'\\\\\x1b\x07\x7f\x9b\r\n\t\u202eé", min_size=1))
def test_a_command_is_safe_to_paste_and_still_exact(body: str) -> None:
    command = to_curl(request(text=body, headers={"Content-Type": "text/plain"}))
    assert all(char in "\n\té" or char.isprintable() for char in command)
    assert from_curl(command).call["body"] == body


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_reads_the_same_body() -> None:
    body = "\x1b]0;owned\x07 1\x1b1 \x9bm 'q' \\ \r \x7f\u202eend"
    command = to_curl(request(text=body, headers={"Content-Type": "text/plain"}))
    printed = subprocess.run(
        ["bash", "-c", f"curl() {{ printf %s \"${{@: -1}}\"; }}; {command}"],
        env={"LC_ALL": "C.UTF-8"}, capture_output=True, check=True, timeout=20,
    ).stdout  # fmt: skip
    assert printed == body.encode()


@given(st.text("curl -XHd'\"\\$^&|;@#\n ab{}=:/.%", max_size=50).map("curl ".__add__))
def test_any_command_is_imported_or_refused_with_a_message(text: str) -> None:
    try:
        from_curl(text)
    except InputError as wrong:
        assert wrong.message


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    ("method", "headers", "text"),
    [
        ("POST", {"Content-Type": "application/json"}, '{"a":"it\'s $HOME \\"x\\" é\\n"}'),
        ("PUT", {"X-Empty": "", "X-B": "a'b"}, "@not-a-file\nsecond line"),
        ("GET", {}, ""),
        ("DELETE", {}, "x=1"),
    ],
)
def test_curl_itself_sends_what_was_meant(method: str, headers: dict[str, str], text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        sent = request(method, f"http://127.0.0.1:{port}/a/../b?x=[1]&y={{z}}", headers, text)
        received: list[bytes] = []

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                data = b""
                want = len(to_http_bytes(sent).partition(b"\r\n\r\n")[2])
                while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < want:
                    data += connection.recv(65536)
                received.append(data)
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        subprocess.run(["sh", "-c", to_curl(sent) + " -s"], check=True, timeout=20)
        thread.join(20)
    head, _, body = received[0].partition(b"\r\n\r\n")
    want_head, _, want_body = to_http_bytes(sent).partition(b"\r\n\r\n")
    assert body == want_body
    lines = head.split(b"\r\n")
    assert lines[0] == want_head.split(b"\r\n")[0]
    added = {line.partition(b":")[0].lower() for line in lines[1:]} - {
        line.partition(b":")[0].lower() for line in want_head.split(b"\r\n")[1:]
    }
    assert added <= {b"accept", b"user-agent"}
    for name, value in headers.items():
        assert f"{name}: {value}".rstrip().encode() in [line.rstrip() for line in lines]
