"""``/#error``: what an error case reads; and spellings that are nearly right."""

from __future__ import annotations

import json

import pytest

from sandbox.engine.check import check_journey
from sandbox.engine.compile import compile_journey
from sandbox.errors import DocumentError
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Send
from tests.formats.kustomer.test_workflow import TRUE, notes_of, rest, run, small, taken_in

SILENT = Answer(error=Fail("read_timeout", "head", "no answer within 30 s"), took_ms=30_000)
REPORT = {
    "why": "/#error.message",
    "kind": "/#error.kind",
    "theirs": "/#error.stack",
    "told": "it was {{error.kind}}",
}


def with_error_case(*more: dict[str, Json], data: Json = None) -> dict[str, Json]:
    first = {**rest("call"), "errorCases": [{"target": "report", "condition": TRUE}]}
    return small(first, *more, rest("report", data=REPORT if data is None else data))


def test_an_error_case_reads_the_error_with_its_own_root() -> None:
    bodies: list[Json] = []

    def ask(send: Send) -> Answer:
        if send.step == "report":
            bodies.append(json.loads(send.request.body))
        return SILENT if send.step == "call" else Answer(200, (), b"{}")

    one = taken_in(with_error_case())
    trace = run(one, ask)
    assert trace.status == "completed"
    assert bodies == [
        {"why": "no answer within 30 s", "kind": "read_timeout", "told": "it was read_timeout"}
    ]
    assert "value_missing" in {finding.code for finding in trace.findings}  # /#error.stack
    assert {note.grade for note in notes_of(one, "error")} == {"approximated"}
    assert check_journey(compile_journey(one.journey), frozenset()) is not None


def test_without_an_error_the_root_is_empty_and_a_status_is_none() -> None:
    document = small(rest("call"), rest("after", data={"kind": "/#error.kind", "a": 1}))
    document["steps"][0]["transitions"] = [{"target": "after", "condition": TRUE}]
    sent: list[Json] = []

    def ask(send: Send) -> Answer:
        sent.append(json.loads(send.request.body))
        return Answer(503, (), b"{}")

    run(taken_in(document), ask)
    assert sent[1] == {"a": 1}


def test_the_root_is_the_vendors_alone() -> None:
    assert "error" not in {note.what for note in taken_in(small(rest())).notes}
    one = taken_in(with_error_case())
    other = one.journey.model_copy(update={"dialect": "usercom"})
    codes = {finding.code for finding in check_journey(compile_journey(other), frozenset())}
    assert "tag_never_set" in codes


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (rest(data={"a": "{{{steps.1.x"}),
         "steps[0].params.data.a: a tag that is not closed with }}} at character 1"),
        ({**rest(), "params": {"url": "http://a.test", "method": "GET"}},
         "steps[0].params.uri: is required; is it 'url' here? the vendor calls it uri"),
        ({**rest(), "params": {"uri": "http://a.test", "mehtod": "GET"}},
         "steps[0].params.method: is required; is it 'mehtod' here?"),
    ],
)  # fmt: skip
def test_refused_where_it_stands_in_the_workflow(step: dict[str, Json], says: str) -> None:
    with pytest.raises(DocumentError) as refused:
        taken_in(small(step))
    assert says in str(refused.value)


def test_an_unknown_helper_is_not_called_understood_and_names_the_nearest() -> None:
    one = taken_in(small(rest(data={"a": "{{toUpr steps.1.x}}"})))
    assert notes_of(one, "helper toUpr") == []
    (note,) = notes_of(one, "template")
    assert note.grade == "not understood"
    assert "at character 3; did you mean" in note.how
