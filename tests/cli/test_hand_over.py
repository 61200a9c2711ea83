"""``export journey ID --as markdown``: the page for the endpoint's developers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sandbox.model.base import Json
from tests.cli.console import Console
from tests.cli.test_workspace import write

JOURNEYS = ["api-call", "newsletter", "loyalty-credit", "contact-sync", "order-update", "win-back"]


def page(sandbox: Console, journey: str, *more: str) -> str:
    return sandbox.ok("export", "journey", journey, "--as", "markdown", *more).out


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_demo_journey_has_its_page(sandbox: Console, journey: str) -> None:
    text = page(sandbox, journey)
    assert text.startswith("# ")
    assert text.endswith("|\n")
    assert text.count("```") % 2 == 0
    assert "dummy-token" not in text
    assert "$APP_TOKEN" in text
    for heading in ("### Request", "### Fields", "### Try it", "### Your answer"):
        assert heading in text
    widths = [
        {line.count("|") - line.count("\\|") for line in block.splitlines()}
        for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    ]
    assert all(len(one) == 1 for one in widths)  # no cell breaks its table


def test_what_calls_it_and_when(sandbox: Console) -> None:
    text = page(sandbox, "newsletter")
    assert "when the event `newsletter_register` happens" in text
    assert "Called after `consent` (newsletter\\_consent = true)." in text
    assert "time number 3" in page(sandbox, "loyalty-credit")


def test_both_samples_are_what_is_rendered(sandbox: Console) -> None:
    text = page(sandbox, "newsletter", "--profile", "7")
    samples = [json.loads(one) for one in re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)]
    words = ("render", "newsletter", "call", "--profile", "7", "--as", "json")
    with_user = sandbox.ok(*words).json["request"]["body"]
    without = sandbox.ok(*words, "--no-user-info").json["request"]["body"]
    assert samples == [with_user, without]


def test_fields_tell_where_from_type_and_example(sandbox: Console) -> None:
    text = page(sandbox, "newsletter", "--profile", "7")
    assert '| `extra.variable_1` | `{{event.variable_1}}` | string | `"value_1"` |' in text
    assert "| `user.id` | `the user info: the stored attribute id` | number | `7` |" in text
    assert "| `user.phone_number` | `the user info: user.phone_number` | null | `null` |" in text
    assert "| `path` | `the platform: setting path` | number | `6` |" in text


def test_what_this_person_lacks_is_a_field_all_the_same(sandbox: Console, tmp_path: Path) -> None:
    body: Json = {
        "name": "/#steps.1.name", "email": "/#steps.1.email",
        "deep": {"only": "/#steps.1.only", "list": ["/#steps.1.none"]},
    }  # fmt: skip
    calls: Json = [
        {"id": "call", "kind": "call_api", "method": "POST", "url": "http://api.test/x",
         "query": {"ref": "/#steps.1.ref"}, "body": body},
        {"id": "whole", "kind": "call_api", "method": "POST", "url": "http://api.test/y",
         "body": "/#steps.call.body.gone"},
        {"id": "get", "kind": "call_api", "method": "GET", "url": "http://api.test/z",
         "body": {"never": "/#steps.1.never"}},
    ]  # fmt: skip
    trigger: Json = {"kind": "manual", "sample": {"name": "Ada"}}
    journey: Json = {"id": "lacks", "dialect": "kustomer", "trigger": trigger, "steps": calls}
    sandbox.ok("import", write(tmp_path, journey))
    text = page(sandbox, "lacks")
    lacking = "missing for this person: left out"
    assert '| `name` | `/#steps.1.name` | string | `"Ada"` |' in text
    assert f"| `query.ref` | `/#steps.1.ref` | {lacking} |   |" in text
    assert f"| `email` | `/#steps.1.email` | {lacking} |   |" in text
    assert f"| `deep.only` | `/#steps.1.only` | {lacking} |   |" in text
    assert "| `deep.list[0]` | `/#steps.1.none` | missing for this person | `null` |" in text
    assert f"| `(the whole body)` | `/#steps.call.body.gone` | {lacking} |   |" in text
    assert "`never`" not in text  # a GET sends no body


@pytest.mark.parametrize(
    ("journey", "answer", "then"),
    [
        ("newsletter", "302 with a Location", "goes the failure path to tag\\_failed"),
        ("loyalty-credit", "500 and every other 5xx", "goes on as after a success"),
        ("contact-sync", "nothing in time", "is lost: the platform fails the run"),
    ],
)
def test_what_happens_to_the_customer(
    sandbox: Console, journey: str, answer: str, then: str
) -> None:
    lines = page(sandbox, journey).splitlines()
    (first, *_) = [line for line in lines if answer in line]
    assert first.endswith(f"| failure | {then} |")


@pytest.mark.parametrize(
    ("dialect", "method", "more", "follows", "endless"),
    [
        ("kustomer", "GET", {}, True, "is lost: the platform fails the run"),
        ("kustomer", "POST", {}, False, ""),
        ("usercom", "POST", {"follow_redirects": True, "on_failure": "bad"}, True,
         "goes the failure path to bad"),
        ("kustomer", "GET", {"follow_redirects": False}, False, ""),
    ],
)  # fmt: skip
def test_a_redirect_that_leads_somewhere_is_no_loop(
    sandbox: Console, tmp_path: Path, dialect: str, method: str, more: Json, follows: bool,
    endless: str,
) -> None:  # fmt: skip
    journey: Json = {
        "id": "moved", "dialect": dialect, "trigger": {"kind": "manual"},
        "steps": [{"id": "call", "kind": "call_api", "method": method, "url": "http://api.test/x",
                   **more},
                  {"id": "ok", "kind": "add_tag", "tag": "ok", "next": "end"},
                  {"id": "bad", "kind": "add_tag", "tag": "bad"}],
    }  # fmt: skip
    sandbox.ok("import", write(tmp_path, journey))
    text = page(sandbox, "moved")
    led = (
        "| 301, 302, 303, 307 or 308 with a Location that leads somewhere | what its target "
        "answers | goes on as the target's answer says: the redirect is followed |"
    )
    assert (led in text) is follows
    assert ("302 with a Location" in text) is not follows
    assert ("At most 20 redirects in a row (assumed)" in text) is follows
    lines = [one for one in text.splitlines() if "redirects without end, more than 20" in one]
    assert [one.endswith(f"| failure | {endless} |") for one in lines] == [True] * follows


def test_every_rule_has_its_origin(sandbox: Console) -> None:
    rules = page(sandbox, "newsletter").partition("## Rules of the platform")[2]
    rows = [line for line in rules.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 8
    assert all(re.search(r"\| (documented|reported|assumed|set in this journey) \|", row)
               for row in rows)  # fmt: skip


def test_a_setting_of_the_journey_is_told_as_one(sandbox: Console, tmp_path: Path) -> None:
    journey = sandbox.ok("export", "journey", "newsletter").json
    journey["settings"] = {"timeout_s": 5}
    journey["steps"][1] |= {"retry": {"on": [503], "times": 2, "delay": "1m"}}
    sandbox.ok("import", write(tmp_path, journey), "--replace")
    text = page(sandbox, "newsletter")
    assert "Answer within 5 s (set in this journey)." in text
    assert "Sent again after 503: up to 2 times" in text


def test_markup_in_names_stays_text(sandbox: Console, tmp_path: Path) -> None:
    odd: Json = {
        "id": "odd", "name": "A | <b>*bold*</b>", "dialect": "insider",
        "trigger": {"kind": "manual"}, "notes": "<script>",
        "steps": [{"id": "call", "kind": "call_api", "url": "http://api.test/x",
                   "headers": {"X-A": "a|b`c"}, "body": {"t": "```\n| x |"}}],
    }  # fmt: skip
    sandbox.ok("import", write(tmp_path, odd))
    text = page(sandbox, "odd")
    assert text.startswith("# A \\| \\<b\\>\\*bold\\*\\</b\\>\n")
    assert "<" not in re.sub(r"\\<", "", text)
    assert "| `X-A` | ``a\\|b`c`` |" in text


def test_only_a_journey_has_a_page(sandbox: Console) -> None:
    told = sandbox.refused("export", "profile", "7", "--as", "markdown")
    assert "only a journey" in told
    assert "journey" in sandbox.refused("export", "journey", "nesletter", "--as", "markdown")
    told = sandbox.refused("export", "journey", "newsletter", "--profile", "7")
    assert "--as markdown" in told


def test_an_unknown_person_is_refused(sandbox: Console) -> None:
    words = ("export", "journey", "newsletter", "--as", "markdown", "--profile", "nobody")
    assert "profile 'nobody'" in sandbox.refused(*words)


def test_the_url_as_it_is_written_tells_no_credential(sandbox: Console, tmp_path: Path) -> None:
    url = "https://api.test/{{user.id}}?api_key=literal-1&token={{env.APP_TOKEN}}&n=1"
    body: Json = {"password": "literal-2", "note": "{{env.APP_TOKEN}}"}
    step = {"id": "call", "kind": "call_api", "method": "POST", "url": url, "body": body}
    document = {"id": "mine", "dialect": "usercom", "trigger": {"kind": "manual"}, "steps": [step],
                "settings": {"url.tags": "everywhere"}}  # fmt: skip
    sandbox.ok("import", write(tmp_path, document))
    text = page(sandbox, "mine")
    assert "literal-" not in text
    written = "https://api.test/{{user.id}}?api_key=••••&token={{env.APP_TOKEN}}&n=1"
    assert f"Written as `{written}`." in text
    assert "api_key=••••&token=$APP_TOKEN&n=1" in text
    assert '"note": "$APP_TOKEN"' in text
