"""A secret survives in no rendering; what is no secret is shown as it is, byte for byte."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from sandbox.engine.fold import request_document
from sandbox.masking import MASK, Masker, is_secret_header, is_secret_key
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Answer, Request, Send
from sandbox.model.trace import TraceDocument
from sandbox.spellings import spelling_of
from sandbox.templates.handlebars.javascript import escape_html
from tests.engine.walking import call, go, notify, shown, someone
from tests.engine.walking import journey as real_journey
from tests.engine.walking import neutral as journey

SECRETS = st.builds(
    lambda head, middle, tail: f"Zq7{head}{middle}{tail}Kx",
    st.text("abc ", max_size=4),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
    st.text("/&?=+%\"'\\<>:;@ é€🦊.-", min_size=1, max_size=6),
)
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent": lambda text: quote(text, safe=""),
    "percent, small": lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%3D", "%3d"),
    "percent, path": quote,
    "percent, as a client": lambda text: quote(text, safe="/%:@!$&'()*+,;=~-._"),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON, ASCII": lambda text: json.dumps(text)[1:-1],
    "JSON, ASCII, large": lambda text: json.dumps(text)[1:-1].replace("\\u00e9", "\\u00E9"),
    "JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "HTML": html.escape,
    "HTML of Handlebars": escape_html,
    "HTML, decimal": lambda text: "".join(
        char if char.isalnum() else f"&#{ord(char)};" for char in text
    ),
    "HTML, percent": lambda text: quote(escape_html(text), safe=""),
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form, percent": lambda text: quote(quote_plus(text), safe=""),
    "JSON, twice": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "JSON, percent": lambda text: quote(json.dumps(text)[1:-1], safe=""),
    "regular expression": re.escape,
    "large": str.upper,
    "small": str.lower,
    "large, percent": lambda text: quote(text.upper(), safe=""),
    "large, HTML": lambda text: escape_html(text.upper()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64, for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64, percent": lambda text: quote(base64.b64encode(text.encode()), safe=""),
    "base64, HTML": lambda text: escape_html(base64.b64encode(text.encode()).decode()),
}


def leaks(document: Json, secret: str) -> list[str]:
    """In which spellings a secret stands in a document or in its JSON."""
    texts = [json.dumps(document), json.dumps(document, ensure_ascii=False), *_texts(document)]
    spelt = {name: spell(secret) for name, spell in SPELLINGS.items()}
    return [name for name, form in spelt.items() if any(form in text for text in texts)]


def _texts(value: Json) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def run(secret: str, ask: Callable[[Send], Answer] | None = None, **fields: Json) -> TraceDocument:
    document = journey(
        call(**fields), notify("{{steps.call.body}} {{steps.call.input.uri}}"), dialect="insider"
    )
    return shown(go(document, ask, env={"S": secret}), secret)


PLACES: dict[str, dict[str, Json]] = {
    "path": {"url": "http://api.test/{{env.S}}/x"},
    "inside a path": {"url": "http://api.test/a{{env.S}}b"},
    "raw query": {"url": "http://api.test/?q={{env.S}}"},
    "twice encoded": {"url": "http://api.test/?q={{env.S | urlencode}}"},
    "large": {"body_kind": "text", "body": "a {{env.S | upper}} b"},
    "filtered": {"url": "http://api.test/{{env.S | urlencode}}"},
    "query": {"query": {"q": "{{env.S}}"}},
    "header": {"headers": {"X-Anything": "a {{env.S}}"}},
    "JSON": {"headers": JSON, "body": {"a": ["x{{env.S}}"], "b": "{{env.S}}"}},
    "JSON text": {"headers": JSON, "body": '{"a": {{env.S | json}}}'},
    "form": {"headers": FORM, "body_kind": "form", "body": {"a": "{{env.S}}", "b": ["{{env.S}}"]}},
    "text": {"body_kind": "text", "body": "a {{env.S}} b"},
    "JSON in text": {"body_kind": "text", "body": '{"a": "{{env.S}}"}'},
    "bearer": {"auth": {"kind": "bearer", "token": "{{env.S}}"}},
    "basic": {"auth": {"kind": "basic", "user": "{{env.S}}", "password": "{{env.S}}"}},
    "host": {"url": "http://{{env.S}}/"},
    "scheme": {"url": "{{env.S}}"},
}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=6)
@given(secret=SECRETS)
@example(secret='Zq7 a&b/c?d=e+f%20"g\\hKx')
@example(secret="Zq7\\\\Kx")
@example(secret='Zq7\\"Kx')
@example(secret="Zq7\\nKx")
@example(secret="Zq7" + "y" * 600 + "\u20acKx")
def test_a_secret_that_is_sent_is_never_shown(place: str, secret: str) -> None:
    assert leaks(run(secret, **PLACES[place]), secret) == []


def test_these_tests_would_see_a_leak() -> None:
    secret = "Zq7 a/b=cKx"
    for place in ("path", "query", "header", "JSON", "form", "text", "host"):
        trace = go(journey(call(**PLACES[place]), dialect="insider"), env={"S": secret})
        assert leaks(shown(trace), secret), place


ECHOES: dict[str, Callable[[str], Answer]] = {
    "JSON body": lambda text: Answer(200, (), dump_json({"seen": [text, {"a": f"x{text}y"}]})),
    "JSON body, ASCII": lambda text: Answer(200, (), json.dumps({"seen": text}).encode()),
    "JSON body of PHP": lambda text: Answer(200, (), json.dumps(text).replace("/", "\\/").encode()),
    "JSON keys": lambda text: Answer(200, (), dump_json({text: 1})),
    "JSON in JSON": lambda text: Answer(200, (), dump_json({"data": json.dumps({"a": text})})),
    "broken JSON": lambda text: Answer(200, (), dump_json({"a": text})[:-1]),
    "text body": lambda text: Answer(200, (), f"you sent {text}!".encode()),
    "form body": lambda text: Answer(200, (), f"a={quote_plus(text)}".encode()),
    "HTML body": lambda text: Answer(200, (), f"<p>{html.escape(text)}</p>".encode()),
    "header": lambda text: Answer(200, (("X-Seen", quote(text)),), b""),
    "Location": lambda text: Answer(302, (("Location", f"/next/{quote(text)}?q=1"),), b""),
    "Set-Cookie": lambda text: Answer(200, (("Set-Cookie", f"a={quote(text)}"),), b""),
}


@pytest.mark.parametrize("echo", ECHOES)
@settings(max_examples=6)
@given(secret=SECRETS)
@example(secret='Zq7 a&b/c?d=e+f%20"g\\hé🦊Kx')
def test_a_secret_that_comes_back_is_never_shown(echo: str, secret: str) -> None:
    document = run(
        secret, lambda send: ECHOES[echo](secret), headers={"X-A": "x"}, follow_redirects=False
    )
    assert leaks(document, secret) == []


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(max_examples=10)
@given(secret=SECRETS, before=st.sampled_from(["", "a", "=", "\\", "%", '"', "&amp;", "\n"]))
@example(secret="dG9rZW4=tail`12", before="")
@example(secret="Zq7\\\\\\Kx=", before="\\")
def test_no_spelling_of_a_secret_is_shown(spelling: str, secret: str, before: str) -> None:
    spelt = SPELLINGS[spelling](secret)
    for text in (f"{before}{spelt}", f"{before} {spelt} b", f"{spelt}&{spelt}"):
        assert spelt not in Masker([secret]).text(text)


@pytest.mark.slow
@settings(max_examples=40)
@given(
    secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=24),
    before=st.text("abc:é", max_size=5),
    after=st.text("abc:é", max_size=5),
)
@example(secret="000000", before="a", after="")
def test_base64_of_a_text_that_holds_a_secret_gives_only_its_neighbours(
    secret: str, before: str, after: str
) -> None:
    assume(len(secret.strip()) >= 6)
    code = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    shown = Masker([secret]).text(f'"{code}"')
    kept = [len(part) for part in shown.strip('"').split(MASK)]
    assert len(kept) >= 2
    assert kept[0] <= 4 * len(before.encode()) / 3
    assert kept[-1] <= 4 * (len(after.encode()) + 2) / 3 + 2


def test_a_short_secret_is_found_as_it_is_written_and_where_its_base64_stands_alone() -> None:
    masker = Masker(["tok1"])
    assert masker.text("tok1 TOK1 dG9rMQ== dG9rMQ adG9rMQ") == f"{MASK} TOK1 {MASK} {MASK} adG9rMQ"


def test_white_space_around_a_secret_may_be_gone() -> None:
    assert Masker([" hush hush\n"]).text("<hush hush>< hush hush\n>") == f"<{MASK}><{MASK}>"
    assert Masker([" "]).text("a b") == f"a{MASK}b"


@pytest.mark.parametrize("length", [40, 400])
def test_a_secret_of_backslashes_takes_no_time(length: int) -> None:
    masker = Masker(["a" + "\\" * 30 + '"="b'])
    assert masker.text("a" + "\\" * length + '"?') == "a" + "\\" * length + '"?'


@pytest.mark.slow
@settings(max_examples=25)
@given(secrets=st.lists(SECRETS, max_size=3), texts=st.lists(st.text(max_size=6), max_size=4))
def test_near_the_traces_is_masked_what_is_masked_anywhere(
    secrets: list[str], texts: list[str]
) -> None:
    text = "x" * 999 + "".join(f"{a}{b}" for a, b in zip(texts, [*secrets, ""] * 4, strict=False))
    masked = text
    for secret in sorted(secrets, key=lambda one: (-len(one), one)):
        masked = spelling_of(secret).plain.sub(MASK, masked)
    assert Masker(secrets).text(text) == masked
    parsed: Json = [text, {text: 1}]
    assert Masker(secrets).body(dump_json(parsed).decode(), parsed)[1] == [masked, {masked: 1}]


@given(secret=SECRETS)
def test_a_secret_in_a_followed_redirect_is_never_shown(secret: str) -> None:
    there = f"/next/{quote(secret)}"
    document = run(
        secret,
        lambda send: Answer(200) if send.hop else Answer(307, (("Location", there),)),
        follow_redirects=True,
    )
    assert document["steps"][0]["redirects"]
    assert leaks(document, secret) == []


@pytest.mark.slow
@given(secret=SECRETS)
def test_a_secret_that_becomes_an_attribute_or_an_event_is_never_shown(secret: str) -> None:
    document = journey(
        {"id": "u", "kind": "update_attribute", "attribute": "a", "value": {"x": "{{env.S}}"}},
        {"id": "t", "kind": "add_tag", "tag": "t {{env.S}}"},
        {"id": "m", "kind": "message", "to": "{{env.S}}", "text": "{{user.a}}"},
    )
    trace = go(document, env={"S": secret}, event={"copied": secret}, person=someone(own=secret))
    assert leaks(shown(trace, secret), secret) == []


HANDLEBARS: dict[str, dict[str, Json]] = {
    "escaped": {"body_kind": "text", "body": "a {{env.S}} b"},
    "escaped in JSON": {"headers": JSON, "body": {"a": "{{env.S}}"}},
    "escaped in a query": {"url": "http://api.test/?q={{env.S}}", "query": {"q": "{{env.S}}"}},
    "escaped in a header": {"headers": {"X-Anything": "a {{env.S}}"}},
    "small": {"body_kind": "text", "body": "{{{toLower env.S}}} {{toUpper env.S}}"},
    "base64": {"headers": {"X-A": "{{{base64 env.S}}} {{base64 (concat 'a:' env.S)}}"}},
    "regular expression": {"body_kind": "text", "body": "{{{escapeRegExp env.S}}}"},
    "JSON": {"headers": JSON, "body": {"a": "{{{escape env.S}}} {{{toJSON env.S}}}"}},
    "component": {"url": "http://api.test/?q={{{encodeURIComponent env.S}}}"},
}


@pytest.mark.parametrize("place", HANDLEBARS)
@settings(max_examples=5)
@given(secret=SECRETS)
@example(secret="dG9rZW4=tail`12")
def test_a_secret_that_kustomer_sends_is_never_shown(place: str, secret: str) -> None:
    document = real_journey(call(**HANDLEBARS[place]), dialect="kustomer")
    assert leaks(shown(go(document, env={"S": secret}), secret), secret) == []


def test_a_secret_number_is_masked_where_it_stands_as_a_number() -> None:
    document = journey(call(body={"pin": "{{env.S | number}}"}), dialect="kustomer")
    trace = go(document, env={"S": "48151623"})
    assert trace.facts[0].request.body.decode() == '{"pin":48151623}'  # type: ignore[union-attr]
    assert leaks(shown(trace, "48151623"), "48151623") == []


BODIES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(
        [
            '{"a" :  1}\n',
            "[1.0,  2e5]",
            '{"a":1,"a":2}',
            "a=b&c=%20",
            "<x>&amp;</x>",
            '{"key": "k"}',
        ]
    ),
)


@given(BODIES)
def test_a_body_without_secrets_is_shown_byte_for_byte(text: str) -> None:
    assume("Zq7" not in text)
    request = Request("POST", "http://api.test/", (("Content-Type", "text/plain"),), text.encode())
    document = request_document(request, Masker(["Zq7 secret"]))
    assert document["text"] == text


def test_the_key_of_a_usercom_user_is_not_a_secret() -> None:
    trace = go(journey(call()), person=someone(key="x7NM5xw2eFxl"))
    (step,) = shown(trace, "something else")["steps"]
    request = step["request"]
    assert request is not None
    assert request["body"]["user"]["key"] == "x7NM5xw2eFxl"
    assert '"key":"x7NM5xw2eFxl"' in request["text"]


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("Authorization", "Bearer abc", f"Bearer {MASK}"),
        ("authorization", "Token abc", f"Token {MASK}"),
        ("Authorization", "abc", MASK),
        ("Cookie", "a=b", MASK),
        ("Set-Cookie", "a=b; Path=/", MASK),
        ("Key", "abc", MASK),
        ("X-Api-Key", "abc", MASK),
        ("X-Auth-Token", "abc", MASK),
        ("Content-Type", "application/json", "application/json"),
        ("X-Key-Count", "3", "3"),
        ("Location", "/a?token=abc&x=1", f"/a?token={MASK}&x=1"),
    ],
)
def test_headers_that_carry_credentials_are_masked_by_name(
    name: str, value: str, masked: str
) -> None:
    assert Masker().header(name, value) == masked
    assert Masker(reveal=True).header(name, value) == value
    if masked == MASK:
        assert is_secret_header(name)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ({"password": "x", "name": "y"}, {"password": MASK, "name": "y"}),
        ({"access_token": "x", "token": 5}, {"access_token": MASK, "token": MASK}),
        (
            {"token": "", "secret": None, "apikey": False},
            {"token": "", "secret": None, "apikey": False},
        ),
        ({"tokens": ["x"], "token": ["x", {"a": 1}]}, {"tokens": ["x"], "token": [MASK, {"a": 1}]}),
        ({"headers": {"Authorization": "Bearer x"}}, {"headers": {"Authorization": MASK}}),
        (
            {"cookie": "x", "key": "y", "tokenizer": "z"},
            {"cookie": MASK, "key": "y", "tokenizer": "z"},
        ),
        ([{"client_secret": "x"}], [{"client_secret": MASK}]),
    ],
)
def test_fields_that_carry_credentials_are_masked_by_name(value: Json, masked: Json) -> None:
    assert Masker().json(value) == masked
    text = dump_json(value).decode()
    assert Masker().body(text, value) == (
        dump_json(masked).decode() if masked != value else text,
        masked,
    )
    assert Masker(reveal=True).body(text, value) == (text, value)


def test_query_and_form_fields_are_masked_by_name() -> None:
    assert Masker().url("http://h/?a=1&api_key=x#f") == f"http://h/?a=1&api_key={MASK}#f"
    assert Masker().form("user=a&pass%77ord=b&x=") == f"user=a&pass%77ord={MASK}&x="
    body = b"grant=x&client_secret=hush"
    request = Request("POST", "http://h/", tuple(FORM.items()), body)
    assert request_document(request, Masker())["text"] == f"grant=x&client_secret={MASK}"


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    assert Masker(["abc", "abcdef"]).text("xabcdefx abcx") == f"x{MASK}x {MASK}x"


def test_reveal_changes_nothing() -> None:
    masker = Masker(["hush"], reveal=True)
    assert masker.text("hush") == "hush"
    assert masker.url("http://h/?token=hush") == "http://h/?token=hush"
    assert masker.json({"token": "hush"}) == {"token": "hush"}


@pytest.mark.parametrize("name", ["key", "keyboard", "monkey", "tokens_left", "passport", "author"])
def test_ordinary_names_are_not_secret(name: str) -> None:
    assert not is_secret_key(name)
