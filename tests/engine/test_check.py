"""What ``check`` finds before anybody walks."""

from __future__ import annotations

import pytest
from hypothesis import given

from sandbox.engine.check import check_journey
from sandbox.errors import DocumentError
from sandbox.model.base import Json
from tests.engine.fixtures import FIXTURES
from tests.engine.journeys import journeys
from tests.engine.walking import call, compiled, fixture, notify, tag
from tests.engine.walking import neutral as journey

CT = {"Content-Type": "application/json"}
WAIT = {"id": "w", "kind": "wait", "for": "1d"}
SPLIT = {"id": "s", "kind": "split", "arms": [{"weight": 1, "next": "x"}]}
EITHER = {"path": "user.x", "op": "exists", "value": True}


def choose(step_id: str, way: str, otherwise: str = "end") -> dict[str, Json]:
    branch = {"when": EITHER, "next": way}
    return {"id": step_id, "kind": "condition", "branches": [branch], "else": otherwise}


def found(document: Json, dialect: str | None = None) -> list[tuple[str, str]]:
    declared = frozenset({"BASE_URL"})
    return [(one.code, one.step) for one in check_journey(compiled(document, dialect), declared)]


@pytest.mark.parametrize("name", sorted(path.stem for path in (FIXTURES / "journeys").iterdir()))
def test_the_demo_has_nothing_to_find(name: str) -> None:
    assert check_journey(fixture(name), frozenset({"BASE_URL", "APP_TOKEN"})) == []


@pytest.mark.parametrize(
    ("steps", "path", "says"),
    [
        ([tag("a", next="bb"), tag("b")], "steps[0].next", "did you mean b?"),
        ([tag("a", next=["b", "nope"]), tag("b")], "steps[0].next", "there is no such step"),
        ([call(on_failure="cal")], "steps[0].on_failure", "did you mean call"),
        ([choose("c", "nowhere", "else")], "steps[0].branches[0].next", "leads to 'nowhere'"),
        ([choose("c", "c", "elsewhere")], "steps[0].else", "leads to 'elsewhere'"),
        ([SPLIT], "steps[0].arms[0].next", "leads to 'x'"),
        ([tag("a", next=["end", "b"]), tag("b")], "steps[0].next", "end can only be the last"),
        ([tag("a", next=["c", "a"]), choose("c", "end")], "steps[0].next", "only be the last"),
        ([], "steps", "at least one step"),
    ],
)  # fmt: skip
def test_a_way_to_nowhere_is_refused_with_the_nearest_step(
    steps: list[dict[str, Json]], path: str, says: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        compiled(journey(*steps))
    assert any(one.path == path and says in one.message for one in refused.value.problems)


def test_every_dangling_way_is_named_at_once() -> None:
    with pytest.raises(DocumentError) as refused:
        compiled(journey(call(on_success="x", on_failure="y", next="z"), choose("c", "q")))
    assert [one.path for one in refused.value.problems] == [
        "steps[0].next", "steps[0].on_success", "steps[0].on_failure", "steps[1].branches[0].next",
    ]  # fmt: skip


def test_a_step_that_no_path_leads_to() -> None:
    assert found(journey(tag("a", next="c"), tag("b"), tag("c"))) == [("step_unreachable", "b")]
    exits = journey(call(on_success="ok", on_failure="bad"), tag("ok", next="end"), tag("bad"))
    assert found(exits) == []
    assert set(found(exits, "insider")) == {("edge_ignored", "call"), ("step_unreachable", "bad")}


@pytest.mark.parametrize(
    ("steps", "loops"),
    [
        ([tag("a", next="a")], ["a"]),
        ([tag("a"), tag("b", next="a")], ["a"]),
        ([tag("a"), WAIT, tag("b", next="a")], []),
        ([choose("c", "a", "b"), tag("a", next="c"), tag("b", next="b")], ["c", "b"]),
        ([tag("a", next=["b", "c"]), tag("b"), tag("c", next="a")], ["a"]),
        ([tag("a"), tag("b")], []),
        ([choose("c", "end", "c")], ["c"]),
    ],
)
def test_a_loop_without_a_wait(steps: list[dict[str, Json]], loops: list[str]) -> None:
    hits = [step for code, step in found(journey(*steps)) if code == "loop_without_wait"]
    assert sorted(hits) == sorted(loops)


@pytest.mark.parametrize(
    "source",
    [
        "{{usr.name}}",
        "{{steps.cal.body}}",
        "{{steps.tagged.body}}",
        "{{steps.call.bdy}}",
        "{{steps.later.body}}",
        "{{keptt}}",
        "{{late}}",
        "{{journey.nam}}",
        "{{run.number}}",
    ],
)
def test_a_tag_that_can_never_be_set(source: str) -> None:
    save = [{"name": "kept", "path": "$.id"}]
    late = [{"name": "late", "path": "$.id"}]
    steps = (
        tag("tagged"),
        call(headers=CT, save=save),
        notify(source),
        call("later", headers=CT, save=late),
    )
    assert found(journey(*steps, dialect="insider")) == [("tag_never_set", "say")]


@pytest.mark.parametrize(
    "source",
    [
        "{{kept}} {{steps.call.body.a}} {{steps.call.response.statusCode}} {{steps.call.input}}",
        "{{steps}} {{steps.call}} {{steps.call.error.kind}}",
        "{{user.x}} {{profile.x}} {{event}} {{trigger}} {{now}} {{run.id}} {{journey.name}}",
        "{{env.BASE_URL}}",
    ],
)
def test_a_tag_that_can_be_set_is_not_found(source: str) -> None:
    save = [{"name": "kept", "path": "$.id"}]
    assert found(journey(call(headers=CT, save=save), notify(source), dialect="insider")) == []


def test_a_later_step_can_be_read_where_a_loop_comes_back() -> None:
    steps = (WAIT, notify("{{steps.call.body}}"), call(headers=CT), choose("c", "w"))
    assert found(journey(*steps, dialect="insider")) == []


def test_one_branch_before_is_enough() -> None:
    steps = (choose("c", "call", "say"), call(headers=CT), notify("{{steps.call.body}}"))
    assert found(journey(*steps, dialect="insider")) == []


def test_conditions_are_looked_at_as_well() -> None:
    when = {"any": [{"path": "steps.call.body", "op": "eq", "value": "{{env.NOPE}}"}]}
    trigger = {"kind": "event", "name": "e", "when": when}
    asks = {
        "id": "c",
        "kind": "condition",
        "branches": [{"when": when, "next": "end"}],
        "else": "end",
    }
    assert set(found(journey(tag("a"), asks, call(), trigger=trigger))) == {
        ("tag_never_set", ""), ("env_undeclared", ""),
        ("step_unreachable", "call"), ("tag_never_set", "c"), ("env_undeclared", "c"),
        ("response_not_exposed", "c"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ('{"a": "{{event.x}}"}', []),
        ('{"a": {{event.x}}}', ["json_unquoted_tag"]),
        ("[{{event.x | json}}, {{event.x | number}}]", []),
        ('{"a": {{event.x | json}}, "b": {{event.x}}}', ["json_unquoted_tag"]),
        ('{"a": "{{event.x | json}}"}', ["json_invalid"]),
        (r'{"a\"b": "{{event.x}} \\", "c": {{event.x}}}', ["json_unquoted_tag"]),
        ('{"a": "{{event.x}}"', ["json_invalid"]),
        ('{"a": 1,}', ["json_invalid"]),
        ("{{event.x}}", []),
        ("just text", []),
        ({"a": "{{event.x}}"}, []),
    ],
)
def test_a_body_of_json_text_that_would_not_be_json(body: Json, codes: list[str]) -> None:
    trigger = {"kind": "event", "name": "e", "sample": {"x": 1}}
    document = journey(call(headers=CT, body=body), trigger=trigger, dialect="insider")
    assert [code for code, _ in found(document)] == codes


@pytest.mark.parametrize(
    ("fields", "dialect", "codes"),
    [
        ({"on_failure": "end"}, "insider", ["edge_ignored"]),
        ({"on_success": "end"}, "sprinklr", ["edge_ignored"]),
        ({"on_success": "end", "on_failure": "end"}, "kustomer", []),
        ({"method": "PATCH"}, "insider", ["method_not_offered"]),
        ({"method": "PATCH"}, "usercom", []),
        ({"method": "GET", "body": {"a": 1}, "headers": CT}, "insider", ["body_not_sent"]),
        ({"body": {"a": 1}}, "insider", ["content_type_missing"]),
        ({"body": {"a": 1}, "headers": {"content-TYPE": "x"}}, "insider", []),
        ({"body": {"a": 1}, "body_kind": "form"}, "insider", []),
        ({"url": "{{env.NOPE}}/x"}, "insider", ["env_undeclared"]),
        ({"auth": {"kind": "bearer", "token": "{{env.NOPE}}"}}, "insider", ["env_undeclared"]),
        ({"query": {"a": ["{{env}}"]}}, "insider", ["env_undeclared"]),
        ({"throttle": {"per_s": 5}}, "insider", []),
        ({"url": "http://api.test/{{event.nope}}"}, "insider", ["event_field_not_in_sample"]),
        ({"url": 'http://api.test/{{event.nope | default:"x"}}'}, "insider", []),
    ],
)
def test_what_a_call_is_told(fields: dict[str, Json], dialect: str, codes: list[str]) -> None:
    assert [code for code, _ in found(journey(call(**fields), dialect=dialect))] == codes


def test_a_message_without_an_address() -> None:
    message = {"id": "m", "kind": "message", "to": " ", "text": "x"}
    assert found(journey(message)) == [("message_no_address", "m")]


def test_errors_come_first() -> None:
    document = journey(
        call(method="PATCH", body={"a": "{{event.x}}"}), notify("{{env.X}}"), dialect="insider"
    )
    checked = check_journey(compiled(document), frozenset())
    order = [("error", "warning", "info").index(one.level) for one in checked]
    assert order == sorted(order)
    assert {0, 1, 2} == set(order)


@pytest.mark.slow
@given(journeys())
def test_any_journey_can_be_checked_under_any_vendor(document: Json) -> None:
    for dialect in (None, "insider", "kustomer"):
        for one in check_journey(compiled(document, dialect), frozenset()):
            assert one.message
            assert one.step in ("", *(step["id"] for step in document["steps"]))
