"""The graph shows the ways that people take, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.dialects import dialect_names
from sandbox.engine.graph import edges_of, graph_of
from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from tests.engine.journeys import ANSWERS, journeys
from tests.engine.walking import Asked, call, compiled, fixture, go, journey, notify, tag

EXITS = journey(call(on_success="ok", on_failure="bad"), tag("ok", next="end"), tag("bad"))


def edges(document: Json, dialect: str | None = None) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.target, edge.kind) for edge in edges_of(compiled(document, dialect))]


@pytest.mark.parametrize(
    ("dialect", "of_the_call"),
    [
        ("usercom", [("ok", "success"), ("bad", "failure")]),
        ("kustomer", [("ok", "success"), ("bad", "failure")]),
        ("insider", [("ok", "either")]),
        ("insider-glossary", [("ok", "success"), ("", "drop")]),
        ("sprinklr", [("ok", "either")]),
    ],
)
def test_the_edges_of_a_call_are_those_the_vendor_has(
    dialect: str, of_the_call: list[tuple[str, str]]
) -> None:
    found = [(target, kind) for source, target, kind in edges(EXITS, dialect) if source == "call"]
    assert found == of_the_call


def test_a_list_is_a_chain() -> None:
    document = journey(call(next=["a", "b"]), tag("c"), tag("a"), tag("b", next="end"))
    assert ("call", "a", "success") in edges(document)
    assert ("a", "b", "next") in edges(document)
    assert ("a", "end", "next") not in edges(document)


def test_a_node_is_called_by_its_name_or_by_what_it_does() -> None:
    labels = {node.id: node.label for node in graph_of(fixture("win-back")).nodes}
    assert labels[""] == "cart_abandoned when event.total > 0"
    assert labels["pause"] == "1d"
    assert labels["half"] == "coupon / reminder"
    assert labels["coupon"] == "Make a coupon"
    assert labels["coupon_failed"] == "coupon_failed"
    plain = graph_of(compiled(journey(call(url="{{env.B}}/x/{{user.id}}"), notify("hi"))))
    assert [node.label for node in plain.nodes[1:]] == ["POST /x/{{user.id}}", "hi"]


@pytest.mark.parametrize(
    ("dialect", "url", "shown"),
    [
        ("usercom", "{{env.B}}/x", "/x"),
        ("usercom", "{{ env.B | default:'http://a' }}/x?y=1", "/x?y=1"),
        ("kustomer", "{{{env.B}}}/customers/{{{steps.1.id}}}", "/customers/{{{steps.1.id}}}"),
        ("kustomer", "{{env.B}}/x", "/x"),
        ("kustomer", "{{&env.B}}/x", "/x"),
        ("kustomer", "{{~{env.B}~}}/x", "/x"),
        ("kustomer", "/#steps.1.url", "/#steps.1.url"),
        ("kustomer", "{{{steps.1.url}}}", "{{{steps.1.url}}}"),
        ("kustomer", "{{#if env.B}}http://a{{/if}}/x", "{{#if env.B}}http://a{{/if}}/x"),
        ("insider", "{env.B}/x", "/x"),
        ("insider", "{{env.B}}/x", "/x"),
        ("sprinklr", "{{env.B}}/x", "/x"),
        ("usercom", "http://api.test/x/{{user.id}}?y=1", "/x/{{user.id}}?y=1"),
        ("usercom", "http://api.test", "/"),
    ],
)
def test_a_call_is_called_by_what_stands_after_the_base_url(
    dialect: str, url: str, shown: str
) -> None:
    plain = graph_of(compiled(journey(call(url=url, method="PUT"), dialect=dialect)))
    assert plain.nodes[1].label == f"PUT {shown}"


@pytest.mark.slow
@given(
    journeys(),
    st.lists(ANSWERS, min_size=1, max_size=5),
    st.sampled_from([None, *dialect_names()]),
)
def test_every_way_that_is_taken_is_an_edge(
    document: Json, answers: list[Answer], dialect: str | None
) -> None:
    made = compiled(document, dialect)
    known = {(edge.source, edge.target) for edge in edges_of(made)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.engine.state.MAX_STEPS", 30)
        trace = go(made, Asked(*answers))
    last = {(fact.step, fact.visit): fact for fact in trace.facts}  # a retry is no way on
    taken = [fact for fact in trace.facts if last[fact.step, fact.visit] is fact]
    if trace.facts:
        assert ("", trace.facts[0].step) in known
    for fact in (one for one in taken if one.kind != "end"):  # an end is where edges stop
        if trace.status in ("dropped", "failed") and fact is trace.facts[-1]:
            continue
        assert (fact.step, fact.next) in known, (fact.step, fact.next)
