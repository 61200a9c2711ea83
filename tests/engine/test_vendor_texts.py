"""Each vendor's way to write, from the document to the request: what is sent, and what is told."""

from __future__ import annotations

import pytest

from sandbox.dialects import dialect
from sandbox.engine.casting import Type, cast
from sandbox.engine.check import check_journey
from sandbox.errors import DocumentError
from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from sandbox.model.trace import Trace
from tests.engine.walking import (
    Asked,
    call,
    codes,
    compiled,
    demo_profile,
    fixture,
    go,
    journey,
    notify,
    shown,
    someone,
    tag,
)

CT = {"Content-Type": "application/json"}
EVENT: Json = {"id": "c_1", "qty": 42, "vip": True, "none": None, "doc": '{"a":1}', "amp": "a&b"}


def kustomer(*steps: Json, **fields: Json) -> Json:
    return journey(*steps, dialect="kustomer", **fields)


def sent(trace: Trace) -> tuple[str, dict[str, str], str]:
    request = trace.facts[0].request
    assert request is not None
    return request.url, dict(request.headers), request.body.decode()


def checked(document: Json) -> dict[str, str]:
    found = check_journey(compiled(document), frozenset({"BASE_URL", "APP_TOKEN"}))
    return {one.code: one.message for one in found}


# Kustomer ----------------------------------------------------------------------------------------


def test_a_typed_reference_arrives_typed_and_a_missing_one_not_at_all() -> None:
    body = {"n": "/#steps.1.qty", "text": "{{steps.1.qty}}", "gone": "/#steps.1.gone",
            "null": "/#steps.1.none", "ok": "/#steps.1.vip"}  # fmt: skip
    trace = go(kustomer(call(body=body)), event=EVENT)
    assert sent(trace)[2] == '{"n":42,"text":"42","null":null,"ok":true}'
    assert "value_missing" in codes(trace)


def test_the_whole_trigger_or_a_steps_output_is_the_body() -> None:
    trace = go(kustomer(call(body="/#steps.1")), event={"id": 7, "deep": [1]})
    assert sent(trace)[2] == '{"id":7,"deep":[1]}'
    steps = (call("one"), call("two", body="/#steps.one.body"))
    asked = Asked(Answer(200, (), b'{"externalId": "1234"}'))
    go(kustomer(*steps), asked)
    assert asked.sends[1].request.body == b'{"externalId":"1234"}'


def test_references_in_headers_and_query() -> None:
    step = call(method="GET", query={"q": "/#steps.1.qty", "gone": "/#steps.1.gone"},
                headers={"X-Qty": "/#steps.1.qty", "X-Gone": "/#steps.1.gone"})  # fmt: skip
    url, headers, body = sent(go(kustomer(step), event=EVENT))
    assert url == "http://api.test/hook?q=42"
    assert headers == {"X-Qty": "42"}
    assert body == ""


def test_a_whole_value_uri() -> None:
    steps = (call("one"), call("two", url="/#steps.one.body.next"))
    asked = Asked(Answer(200, (), b'{"next": "https://api.test/page/2"}'), 200)
    go(kustomer(*steps), asked)
    assert asked.sends[1].request.url == "https://api.test/page/2"
    trace = go(kustomer(call(url="/#steps.1.gone")))
    assert trace.facts[0].answer is not None
    assert trace.facts[0].answer.error is not None
    assert trace.facts[0].answer.error.kind == "invalid_url"


def test_double_braces_escape_html_in_a_url_and_it_is_told() -> None:
    trace = go(kustomer(call(url="http://api.test/?q={{steps.1.amp}}")), event=EVENT)
    assert sent(trace)[0] == "http://api.test/?q=a&amp;b"
    assert "kustomer.html_escaped" in codes(trace)
    trace = go(kustomer(call(url="http://api.test/?q={{{encodeURIComponent steps.1.amp}}}")),
               event=EVENT)  # fmt: skip
    assert sent(trace)[0] == "http://api.test/?q=a%26b"
    assert "kustomer.html_escaped" not in codes(trace)


def test_the_generic_action_sends_text_that_is_handlebars() -> None:
    step = call(body_kind="text", headers=CT, body='{ "customerId": "{{steps.1.id}}" }')
    assert sent(go(kustomer(step), event=EVENT))[2] == '{ "customerId": "c_1" }'


def test_data_is_cast_to_an_object() -> None:
    assert sent(go(kustomer(call(body="/#steps.1.doc")), event=EVENT))[2] == '{"a":1}'


def test_variables_are_the_workspaces() -> None:
    step = call(headers={"Authorization": "Bearer {{{variables.APP_TOKEN}}}"})
    _, headers, _ = sent(go(kustomer(step)))
    assert headers["Authorization"] == "Bearer dummy-token"
    assert "dummy" not in str(shown(go(kustomer(step)), "dummy-token"))
    assert "env_undeclared" in checked(kustomer(call(body={"a": "{{{variables.NOPE}}}"})))


@pytest.mark.parametrize(
    ("op", "path", "value", "holds"),
    [
        ("exists", "/#steps.one.body.id", "", True),
        ("exists", "steps.one.body.gone", "", False),
        ("lt", "/#steps.one.response.statusCode", "300", True),
        ("gt", "/#steps.one.response.statusCode", "200", True),
        ("gt", "/#steps.one.response.statusCode", "201", False),
        ("eq", "/#steps.one.response.statusCode", "201", True),
        ("eq", "/#steps.one.body.ok", "true", True),
        ("ne", "/#steps.one.body.ok", "true", False),
        ("eq", "/#steps.one.body.id", "/#steps.1.qty", True),
        ("eq", "/#steps.one.body.id", "{{steps.1.qty}}", True),
        ("eq", "/#steps.one.body.id", "/#steps.1.gone", False),
    ],
)
def test_operands_of_a_condition_are_cast(op: str, path: str, value: Json, holds: bool) -> None:
    branch = {"when": {"path": path, "op": op, "value": value}, "next": "yes"}
    steps = (call("one"), {"id": "if", "kind": "condition", "branches": [branch], "else": "no"},
             tag("yes", next="end"), tag("no"))  # fmt: skip
    trace = go(kustomer(*steps), Asked(Answer(201, (), b'{"id": 42, "ok": true}')), event=EVENT)
    assert trace.facts[-1].step == ("yes" if holds else "no")


@pytest.mark.parametrize(
    ("value", "wanted", "made"),
    [("42", "number", 42), ("4.5", "number", 4.5), ("x", "number", "x"), (42, "string", "42"),
     ("42", "integer", 42), ("4.5", "integer", "4.5"), ("true", "boolean", True),
     ("no", "boolean", "no"), ('{"a":1}', "object", {"a": 1}), ("[1]", "object", "[1]"),
     ("[1]", "array", [1]), ("{", "object", "{"), (None, "string", None), (5, "object", 5)],
)  # fmt: skip
def test_a_parameter_is_cast_to_its_type(value: Json, wanted: Type, made: Json) -> None:
    assert cast(value, wanted) == made


def test_what_is_odd_is_found_before_anybody_walks() -> None:
    body = {"a": "Order /#steps.1.id", "b": "/#steps.[1].id", "c": "/#fn:prseInt,steps.1.id",
            "d": "{{toUpper steps.1.id}}", "e": "/#steps.nope.id"}  # fmt: skip
    trigger = {"kind": "event", "name": "e", "sample": EVENT}
    found = checked(kustomer(call(body=body, headers=CT), trigger=trigger))
    assert set(found) == {
        "kustomer.reference_in_text", "kustomer.bracketed_path", "kustomer.unknown_function",
        "kustomer.helper_assumed", "tag_never_set",
    }  # fmt: skip
    assert "there is no step 'nope'" in found["tag_never_set"]


def test_an_event_field_that_the_sample_lacks() -> None:
    trigger = {"kind": "event", "name": "e", "sample": {"id": 1}}
    document = kustomer(call(body={"a": "/#steps.1.idd"}, headers=CT), trigger=trigger)
    assert "event_field_not_in_sample" in checked(document)


def test_a_template_that_cannot_be_read_is_refused_with_field_and_place() -> None:
    with pytest.raises(DocumentError) as refused:
        compiled(kustomer(call(body={"a": ["{{user.name | upper}}"]})))
    (problem,) = refused.value.problems
    assert problem.path == "steps[0].body.a[0]"
    assert "at character 13" in problem.message
    assert "Handlebars has no filters" in problem.message


# Insider -----------------------------------------------------------------------------------------


def test_insiders_braces_from_the_document_to_the_request() -> None:
    step = call(url="http://api.test/{phone}/x", headers=CT,
                body={"who": "{name}", "amount": "{bought.amount}"},
                save=[{"name": "credit", "path": "$.credit", "type": "number"}])  # fmt: skip
    check = {
        "id": "check",
        "kind": "condition",
        "branches": [{"when": {"path": "credit", "op": "gte", "value": 10}, "next": "rich"}],
        "else": "poor",
    }
    steps = (step, check, notify("{credit} for {name}", "rich", next="end"), tag("poor"))
    trigger = {"kind": "event", "name": "bought", "sample": {"amount": 5}}
    trace = go(journey(*steps, dialect="insider", trigger=trigger),
               Asked(Answer(200, (), b'{"credit": "12"}')),
               person=someone(name="Ada", phone="+655551234567"))  # fmt: skip
    assert sent(trace)[0] == "http://api.test/%2B655551234567/x"
    assert sent(trace)[2] == '{"who":"Ada","amount":"5"}'
    assert trace.facts[-1].output == "12 for Ada"
    assert codes(trace) == []


@pytest.mark.parametrize(
    ("fields", "attributes", "missing"),
    [
        ({"url": "http://mail.test/email/send"}, {}, ["email"]),
        ({"url": "http://mail.test/email/send"}, {"email": "a@b.test"}, []),
        ({"url": "http://api.test/x", "name": "Send an SMS"}, {"sms_optin": False}, ["sms_optin"]),
        ({"url": "http://api.test/x", "name": "Send an SMS"}, {"sms_optin": True}, []),
        ({"url": "http://api.test/x", "notes": "e-mail and SMS"}, {}, ["email", "sms_optin"]),
        ({"url": "http://api.test/{sms_number}"}, {"sms_number": "1"}, []),
        ({"url": "http://api.test/credit"}, {}, []),
    ],
)
def test_a_call_for_a_channel_needs_its_attribute(
    fields: dict[str, Json], attributes: dict[str, Json], missing: list[str]
) -> None:
    document = journey(call(**fields), dialect="insider")
    trace = go(document, person=someone(**attributes))
    told = [one.message for one in trace.findings if one.code == "channel_attribute_missing"]
    assert len(told) == len(missing)
    assert all(name in message for name, message in zip(missing, told, strict=True))
    assert go({**document, "dialect": "kustomer"}).findings == ()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"body": {"a": 1}, "headers": CT}, ""),
        ({"body": {"a": 1}}, "Content-Type is not application/json"),
        ({"headers": CT}, "there is no JSON body"),
        ({"body": {"a": "b"}, "body_kind": "form"}, "no JSON body; Content-Type"),
        ({"method": "PUT", "body": {"a": 1}, "headers": CT}, "the method is PUT"),
        ({"method": "GET"}, "the method is GET"),
    ],
)
def test_insider_asks_for_a_json_post(fields: dict[str, Json], says: str) -> None:
    found = checked(journey(call(**fields), dialect="insider"))
    assert ("insider.json_post" in found) == bool(says)
    assert says in found.get("insider.json_post", "")
    assert "insider.json_post" not in checked(journey(call(**fields), dialect="sprinklr"))


def test_insider_is_no_tool_for_bulk_data() -> None:
    step = call(body={"a": 1}, headers=CT)
    manual = journey(step, dialect="insider", trigger={"kind": "manual"})
    assert "Raw Data Export" in checked(manual)["insider.not_bulk"]
    url = "https://unification.useinsider.com/api/user/v1/upsert"
    own = journey({**step, "url": url}, dialect="insider")
    assert "Upsert API" in checked(own)["insider.not_bulk"]
    assert "insider.not_bulk" not in checked(journey(step, dialect="insider"))


def test_the_addresses_to_allow_and_that_live_calls_leave_from_here() -> None:
    value = dialect("insider").values["request.sources"]
    assert value.value == ["52.213.194.109", "52.19.197.71", "3.248.68.7"]
    assert value.origin == "documented"
    assert "leave from this machine" in value.note


# User.com ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "url", "query", "sends", "told"),
    [
        ("GET", "http://api.test/x?city={{user.city}}", {}, "/x?city=Izmir", False),
        ("GET", "http://api.test/x", {"city": "{{user.city}}"}, "/x?city=Izmir", False),
        ("GET", "http://api.test/{{user.city}}", {}, "/%7B%7Buser.city%7D%7D", True),
        ("POST", "http://api.test/x?city={{user.city}}", {}, "/x?city=%7B%7Buser.city%7D%7D", True),
        ("POST", "http://api.test/x", {"a": "{{user.city}}"}, "/x?a=%7B%7Buser.city%7D%7D", True),
        ("PUT", "http://api.test/{{user.city}}", {}, "/%7B%7Buser.city%7D%7D", True),
        ("POST", "{{env.BASE_URL}}/{{env.APP_TOKEN}}", {}, "/dummy-token", False),
        ("POST", "{{event.base}}/x", {}, "/x", False),
    ],
)
def test_tags_in_the_url_are_for_the_query_of_a_get(
    method: str, url: str, query: dict[str, Json], sends: str, told: bool
) -> None:
    step = call(method=method, url=url, query=query)
    trace = go(journey(step), person=someone(city="Izmir"), event={"base": "http://api.test"})
    assert sent(trace)[0] == f"http://api.test{sends}"
    assert ("url_tag_literal" in codes(trace)) == told
    freed = journey(step, settings={"url.tags": "everywhere"})
    assert "url_tag_literal" not in codes(go(freed, event={"base": "http://api.test"}))


def test_a_get_sends_no_body() -> None:
    assert sent(go(journey(call(method="GET", body={"a": 1}))))[2] == ""


def test_an_unquoted_tag_is_told_with_line_and_column() -> None:
    body = '{"a": "{{user.name}}",\n "b": {{user.score}}}'
    message = checked(journey(call(body=body, headers=CT)))["json_unquoted_tag"]
    assert "line 2, column 7" in message
    assert '"{{user.score}}"' in message


@pytest.mark.parametrize("status", [200, 204, 299, 302, 404, 503])
def test_each_exit_has_several_subsequent_actions(status: int) -> None:
    steps = (
        call(on_success=["good", "thank", "end"], on_failure=["bad", "note", "tell", "excuse"]),
        tag("good"),
        {"id": "thank", "kind": "message", "channel": "push", "to": "{{user.id}}", "text": "Hi"},
        tag("bad"),
        {"id": "note", "kind": "update_attribute", "attribute": "call", "value": "failed"},
        notify("call failed for {{user.id}}", "tell"),
        {"id": "excuse", "kind": "message", "channel": "push", "to": "{{user.id}}", "text": "Oh",
         "next": "end"},
    )  # fmt: skip
    trace = go(journey(*steps), Asked(status))
    taken = [fact.step for fact in trace.facts]
    if status < 300:
        assert taken == ["call", "good", "thank"]
    else:
        assert taken == ["call", "bad", "note", "tell", "excuse"]
        assert trace.after.attributes["call"] == "failed"


def test_delimiters_of_snippet_tags_are_a_setting() -> None:
    document = journey(call(body={"who": "<<user.name>>", "raw": "{{user.name}}"}),
                       settings={"template.open": "<<", "template.close": ">>"})  # fmt: skip
    body = sent(go(document, person=someone(name="Ada")))[2]
    assert '"extra":{"who":"Ada","raw":"{{user.name}}"}' in body


# All of them -------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["usercom", "insider", "insider-glossary", "sprinklr"])
def test_another_vendor_plays_the_journey_in_its_own_syntax(other: str) -> None:
    trace = go(kustomer(call(body={"n": "/#steps.1.qty"})), dialect=other, event=EVENT)
    assert '{"n":42}' in sent(trace)[2]


def test_a_journey_may_keep_the_sandboxes_own_tags() -> None:
    for name in ("kustomer", "insider"):
        document = journey(
            call(body={"n": '{{user.n | default:"x"}}'}),
            dialect=name,
            settings={"template.syntax": "snippet"},
        )
        assert sent(go(document))[2] == '{"n":"x"}'


@pytest.mark.parametrize(
    "name", ["api-call", "contact-sync", "loyalty-credit", "newsletter", "order-update", "win-back"]
)
def test_the_demo_speaks_its_vendors_language_without_a_finding(name: str) -> None:
    plain = fixture(name)
    assert check_journey(plain, frozenset({"BASE_URL", "APP_TOKEN"})) == []
    assert plain.behaviour.syntax == dialect(plain.dialect).value("template.syntax")


def test_a_preview_tells_what_the_texts_are_told() -> None:
    plain = fixture("contact-sync")
    node = plain.call("sync")
    assert node is not None
    values = node.plan.explain(
        plain.scope({"id": "7", "name": "J"}, {"vip": True}, {"BASE_URL": "x"}, {}, "", {}),
        demo_profile("7"), 0, True,
    )  # fmt: skip
    assert ("body.vip", "/#steps.1.vip", "steps.1.vip", True, "boolean", True, "boolean") in values


def test_what_is_read_from_outside_a_block_is_kept_for_it() -> None:
    text = "{{#each steps.1.list}}{{this}}={{../steps.one.body.id}} {{/each}}"
    steps = (call("one"), notify(text))
    trace = go(kustomer(*steps), Asked(Answer(200, (), b'{"id": 7}')), event={"list": ["a", "b"]})
    assert trace.facts[-1].output == "a=7 b=7 "
    person = "{{#each steps.1.list}}{{../user.name}}{{/each}}"
    document = compiled(kustomer(call(body={"who": person})))
    event = {"list": [1]}
    for name in ("Ada", "Bob"):
        assert f'"{name}"' in sent(go(document, person=someone(name=name), event=event))[2]


@pytest.mark.parametrize(
    ("dialect", "until"),
    [
        ("insider", "{steps.1.at}"),
        ("kustomer", "/#steps.call.body.at"),
        ("usercom", "{{event.at}}"),
    ],
)
def test_a_wait_until_is_written_as_the_vendor_writes_it(dialect: str, until: str) -> None:
    wait = {"id": "wait", "kind": "wait", "until": until}
    compiled(journey(call(), wait, dialect=dialect))


def test_a_wait_until_a_text_that_is_no_tag_of_the_vendor_is_refused() -> None:
    wait = {"id": "wait", "kind": "wait", "until": "{event.at}"}
    with pytest.raises(DocumentError, match=r"steps\[0\]\.until: .* is not a date and time"):
        compiled(journey(wait, dialect="usercom"))


# Positions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"a": "{event.n}", "b": "{event.longer_name}",,}', "line 1, column 47"),
        ('{"a": "{event.n}",\n "b": "{event.longer_name}" "c": 1}', "line 2, column 29"),
        ('{"a": "{event.n}"', "line 1, column 18"),
        ('{"a": [{event.n}}', "line 1, column 17"),
    ],
)
def test_json_that_is_broken_is_broken_where_the_author_wrote_it(body: str, place: str) -> None:
    document = journey(call(body=body, headers=CT), dialect="insider")
    assert place in checked(document)["json_invalid"]


def test_a_reference_in_a_list_that_finds_nothing_leaves_null() -> None:
    trace = go(kustomer(call(body={"l": ["/#steps.1.gone", "/#steps.1.qty"]})), event=EVENT)
    assert sent(trace)[2] == '{"l":[null,42]}'
    (told,) = [one.message for one in trace.findings if one.code == "value_missing"]
    assert told == "/#steps.1.gone in body.l[0]: nothing at steps.1.gone"
