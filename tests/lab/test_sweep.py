"""Verdicts, coverage, findings and limits of a sweep."""

from __future__ import annotations

import pytest

from sandbox.charts.line import plain
from sandbox.lab.compare import VendorTable
from sandbox.lab.lines import coverage_lines, matrix_lines, vendor_legend, vendor_lines
from sandbox.lab.outcomes import OUTCOMES
from sandbox.model.base import Json
from tests.lab.sweeping import call, classes, codes, journey, sweep, uncovered

OK = {"id": "ok", "kind": "add_tag", "tag": "ok", "next": "end"}
BAD = {"id": "bad", "kind": "add_tag", "tag": "bad", "next": "end"}


def which(when: dict[str, Json], **fields: Json) -> dict[str, Json]:
    branches = [{"name": "yes", "when": when, "next": "ok"}]
    return {"id": "which", "kind": "condition", "branches": branches} | {"else": "bad"} | fields


# Verdicts -----------------------------------------------------------------------------------------


def test_what_is_retried_is_judged_as_lasting_and_said_when_it_passes() -> None:
    made = journey(
        call(retry={"on": [429], "times": 2}, on_success="ok", on_failure="bad"), OK, BAD
    )
    report = sweep(made)
    assert report.matrix["call"]["429"] == "failure path"
    assert report.passing == {"call": {"429": "proceeded"}}
    assert report.example["call", "429"].answers == {"call": ["429"]}
    assert "call: 429 shown as lasting; proceeded when it passes" in [
        plain(line) for line in matrix_lines(report)
    ]


@pytest.mark.parametrize(
    ("method", "twice"), [("POST", True), ("PATCH", True), ("PUT", False), ("GET", False)]
)
def test_only_what_may_not_happen_twice_is_sent_twice(method: str, twice: bool) -> None:
    made = journey(call(method=method, retry={"on": ["timeout", "refused", 503], "times": 1}))
    report = sweep(made)
    assert (report.matrix["call"]["timeout"] == "sent twice") is twice
    assert report.matrix["call"]["refused"] != "sent twice"  # it never arrived
    assert report.matrix["call"]["5xx"] != "sent twice"  # it was answered
    assert (("duplicate_send", "call") in codes(report)) is twice


def test_the_key_of_an_effect_is_told_with_a_duplicate() -> None:
    effect = {"name": "credit", "key": "{{event.order}}"}
    made = journey(call(retry={"on": ["timeout"], "times": 1}, effect=effect))
    found = next(one for one in sweep(made).findings if one.code == "duplicate_send")
    assert found.message.endswith("unless the endpoint honours the key {{event.order}}")


def test_a_loop_by_the_failure_exit_sends_twice_and_never_ends() -> None:
    wait = {"id": "wait", "kind": "wait", "for": "1h", "next": "call"}
    report = sweep(journey(call(on_success="ok", on_failure="wait"), wait, OK))
    assert report.matrix["call"]["404"] == "never ends"
    assert report.passing["call"]["404"] == "failure path"
    assert report.passing["call"]["timeout"] == "sent twice"
    assert ("endless_loop", "call") in codes(report)
    assert report.unreachable == 0


def test_a_loop_that_two_failing_calls_keep_up_needs_depth_to_be_seen() -> None:
    steps = [
        call("one", on_success="ok", on_failure="two"),
        call("two", on_success="ok", on_failure="one"),
        OK,
    ]
    assert ("endless_loop", "one") not in codes(sweep(journey(*steps)))
    assert ("endless_loop", "one") in codes(sweep(journey(*steps), "pairs"))


def test_a_loop_that_time_leads_out_of_is_not_called_endless() -> None:
    late = {"path": "now", "op": "gt", "value": "2026-11-01"}
    poll = which(late, **{"else": "wait"})
    wait = {"id": "wait", "kind": "wait", "for": "1d", "next": "which"}
    report = sweep(journey(call(on_success="which", on_failure="which"), poll, wait, OK))
    assert "endless_loop" not in [code for code, _ in codes(report)]
    assert report.edges_covered == report.edges_total
    assert any("the journey reads the time" in one.message for one in report.findings)


@pytest.mark.slow
def test_a_long_journey_is_not_called_endless() -> None:
    steps = [{"id": f"t{n}", "kind": "add_tag", "tag": str(n)} for n in range(900)]
    report = sweep(journey(call(), *steps))
    assert codes(report) == [("failure_unhandled", "call")]


def test_the_platform_fails_the_run_where_the_dialect_says_so() -> None:
    report = sweep(journey(call(), OK, dialect="kustomer"))
    assert report.matrix["call"]["timeout"] == "run failed"
    assert report.matrix["call"]["5xx"] == "proceeded"


def test_a_cell_opens_the_run_it_is_judged_by() -> None:
    report = sweep(journey(call(on_success="ok", on_failure="bad"), OK, BAD))
    assert set(report.example) == {("call", outcome) for outcome in OUTCOMES}
    assert report.example["call", "5xx"].path == ("call", "bad")
    assert report.example["call", "2xx"].title == "everything succeeds"
    assert report.covered_edges == {
        ("", "call"), ("call", "ok"), ("call", "bad"), ("ok", "end"), ("bad", "end"),
    }  # fmt: skip


def test_the_worst_verdict_of_several_people_is_shown() -> None:
    rich = {"path": "user.rich", "op": "eq", "value": True}
    split = which(rich, **{"else": "end"})
    made = journey(call(on_success="ok", on_failure="which"), split, OK)
    people: dict[str, dict[str, Json]] = {"1": {"rich": True}, "2": {"rich": False}}
    report = sweep(made, people=people)
    assert report.profiles == ["1", "2"]
    assert report.edges_covered == report.edges_total
    # As many as it takes, when nobody is named.
    assert sweep(made, people={**people, "3": {}}, everybody=False).profiles == ["1", "2"]


# Depth and budget ---------------------------------------------------------------------------------


def chain(calls: int, read: bool) -> list[dict[str, Json]]:
    steps: list[dict[str, Json]] = []
    for n in range(calls):
        steps.append(call(f"c{n}", on_failure=f"f{n}", on_success=f"s{n}"))
        after = f"c{n + 1}" if n + 1 < calls else "which"
        steps.append({"id": f"f{n}", "kind": "add_tag", "tag": f"failed-{n}", "next": after})
        steps.append({"id": f"s{n}", "kind": "add_tag", "tag": f"worked-{n}", "next": after})
    path = "user.tags" if read else "event.kind"
    steps += [which({"path": path, "op": "contains", "value": "failed-0"}), OK, BAD]
    return steps


def test_depth_says_how_many_calls_fail_in_one_run() -> None:
    second = call("second", on_success="ok", on_failure="bad")
    made = journey(call(on_success="ok", on_failure="second"), second, OK, BAD)
    single = sweep(made)
    assert uncovered(single)["second", "failure"] == (
        "no answer led there; --depth pairs lets more calls fail in one run"
    )
    assert single.unreachable == 0
    assert single.matrix["second"] == {
        "2xx": "proceeded", "204": "proceeded", "2xx unreadable": "proceeded",
        "2xx not JSON": "proceeded",
    }  # fmt: skip
    pairs = sweep(made, "pairs")
    assert pairs.edges_covered == pairs.edges_total
    assert pairs.matrix["second"]["5xx"] == "failure path"


def test_calls_that_do_not_meet_again_add_and_do_not_multiply() -> None:
    report = sweep(journey(*chain(10, read=False)), "full")
    assert report.complete
    assert report.runs == 11


@pytest.mark.slow
def test_calls_that_do_meet_again_multiply_and_the_budget_holds() -> None:
    report = sweep(journey(*chain(10, read=True)), "full", budget=300)
    assert not report.complete
    assert report.runs == 300
    assert "every run with up to 3 failing calls was made, of those with 4 only some" in (
        report.stopped
    )
    assert "--depth pairs" in report.stopped
    whole = sweep(journey(*chain(10, read=True)), "full")
    assert whole.complete
    assert whole.runs == 1_024


def test_who_was_not_walked_is_named() -> None:
    people: dict[str, dict[str, Json]] = {str(n): {} for n in range(9)}
    report = sweep(journey(call()), budget=3, people=people)
    assert "never walked: 2, 3, 4, 5, 6 and 2 more" in report.stopped
    assert "fewer --profiles" in report.stopped


# What can never be --------------------------------------------------------------------------------


def test_a_branch_of_a_call_that_is_reached_deep_is_not_called_impossible() -> None:
    second = call("second", on_success="which", on_failure="bad")
    said = {"path": "steps.second.body.state", "op": "eq", "value": "gone"}
    made = journey(call(on_success="ok", on_failure="second"), second, which(said), OK, BAD)
    report = sweep(made)
    assert report.unreachable == 0
    assert sweep(made, "full").edges_covered == report.edges_total


@pytest.mark.parametrize(
    ("when", "why"),
    [
        (
            {"path": "steps.call.response.statusCode", "op": "lt", "value": 100},
            "no answer can make its condition hold",
        ),
        (
            {
                "all": [
                    {"path": "steps.call.body.n", "op": "gt", "value": 5},
                    {"path": "steps.call.body.n", "op": "lt", "value": 5},
                ]
            },
            "no answer can make its condition hold",
        ),
    ],
)
def test_a_branch_that_no_answer_reaches_is_found(when: dict[str, Json], why: str) -> None:
    report = sweep(journey(call(on_failure="which"), which(when), OK, BAD))
    assert uncovered(report)["which", "yes"] == why
    assert ("branch_unreachable", "which") in codes(report)
    assert ("branch_unreachable", "ok") not in codes(report)  # said once, where it begins


@pytest.mark.parametrize(
    "when",
    [
        {"path": "steps.call.body.order", "op": "eq", "value": "{{event.order}}"},
        {"path": "steps.call.body.order", "op": "eq", "value": "no-{{event.order}}"},
        {"path": "steps.call.body.n", "op": "in", "value": [7, 8]},
        {"path": "steps.call.body.list", "op": "contains", "value": "x"},
        {"path": "steps.call.body.a[1].b", "op": "starts_with", "value": "x"},
        {"path": "steps.call.body", "op": "eq", "value": "OK"},
        {"path": "steps.call.response.headers.x-more", "op": "eq", "value": "yes"},
        {"path": "steps.call.error.kind", "op": "eq", "value": "tls"},
        {"path": "steps.call.response.statusCode", "op": "in", "value": [418, 451]},
        {"path": "kept", "op": "gte", "value": 10},
        {"path": "when", "op": "gt", "value": "2026-05-01"},
        {"path": "user.level", "op": "eq", "value": "x-gold"},
        {"path": "user.tags", "op": "contains", "value": "tier-gold"},
        {"path": "user.deep", "op": "eq", "value": "gold"},
        {
            "all": [
                {"path": "steps.call.body.text", "op": "contains", "value": "a"},
                {"path": "steps.call.body.text", "op": "contains", "value": "b"},
                {"path": "steps.call.body.text", "op": "starts_with", "value": "c"},
            ]
        },
        {
            "all": [
                {"path": "steps.call.response.statusCode", "op": "eq", "value": 409},
                {"path": "steps.call.body.code", "op": "eq", "value": "exists"},
            ]
        },
    ],
)
def test_both_ways_of_a_condition_are_found(when: dict[str, Json]) -> None:
    made = journey(
        call(
            on_success="level", on_failure="level",
            save=[
                {"name": "kept", "path": "$.n", "type": "number"},
                {"name": "when", "path": "$.at", "type": "date"},
            ],
        ),
        {
            "id": "level", "kind": "update_attribute", "attribute": "level",
            "value": "x-{{steps.call.body.level}}",
        },
        {"id": "tag", "kind": "add_tag", "tag": "tier-{{steps.call.body.tier}}"},
        {
            "id": "first", "kind": "update_attribute", "attribute": "first",
            "value": "{{steps.call.body.deep}}",
        },
        {
            "id": "then", "kind": "update_attribute", "attribute": "deep",
            "value": "{{user.first}}",
        },
        which(when),
        OK,
        BAD,
    )  # fmt: skip
    report = sweep(made)
    assert uncovered(report) == {}


def test_what_flows_on_through_filters_is_said_to_be_tried_in_part() -> None:
    made = journey(
        call(on_failure="level"),
        {
            "id": "level", "kind": "update_attribute", "attribute": "level",
            "value": "{{steps.call.body.level | truncate:2}}",
        },
        which({"path": "user.level", "op": "eq", "value": "go"}),
        OK,
        BAD,
    )  # fmt: skip
    notes = [one.message for one in sweep(made).findings if one.code == "sweep_limited"]
    assert notes == [
        "call: steps.call.body.level flows on through filters or among other tags; only the "
        "constants of the conditions were tried for it"
    ]


def test_an_arm_without_weight_and_a_lonely_step_can_never_be_reached() -> None:
    arms = [{"name": "a", "weight": 1, "next": "ok"}, {"name": "b", "weight": 0, "next": "bad"}]
    report = sweep(journey({"id": "half", "kind": "split", "arms": arms}, OK, BAD, call()))
    assert uncovered(report)["half", "b"] == "its weight is 0"
    head = "3 of 3 reachable edges covered (100 %); 4 can never be taken"
    assert next(plain(line) for line in coverage_lines(report)) == head
    found = {one.message for one in report.findings}
    assert "no path leads to the step 'call': nobody can ever come to it" in found


def test_the_arm_that_the_draw_did_not_take_needs_another_person() -> None:
    arms = [{"name": n, "weight": 1, "next": "end"} for n in ("a", "b")]
    report = sweep(journey({"id": "half", "kind": "split", "arms": arms}))
    assert list(uncovered(report).values()) == [
        "needs another person or --seed: the split's draw went elsewhere"
    ]


def test_a_call_that_cannot_be_sent_is_why_its_success_was_not_seen() -> None:
    made = journey(call(url="{{event.nowhere}}", on_success="ok", on_failure="bad"), OK, BAD)
    report = sweep(made)
    assert "the call could never be sent: the URL is empty" in uncovered(report)["call", "success"]
    assert ("payload_broken", "call") in codes(report)


# Classes ------------------------------------------------------------------------------------------


def test_a_call_whose_answer_nobody_reads_has_two_classes() -> None:
    found = classes(journey(call(on_success="ok", on_failure="bad"), OK, BAD))
    assert [one.names for one in found] == [list(OUTCOMES[:4]), list(OUTCOMES[4:])]


def test_the_plain_success_is_one_under_the_settings() -> None:
    made = journey(call(), settings={"success.status": [201]})
    found = classes(made)
    assert found[0].success
    assert found[0].item.status == 201
    assert "204" in found[1].names


def test_redirects_that_are_followed_arrive_or_never_do() -> None:
    made = journey(call(follow_redirects=True, on_success="ok", on_failure="bad"), OK, BAD)
    report = sweep(made)
    assert report.passing["call"]["3xx"] == "proceeded"
    assert report.matrix["call"]["3xx"] == "failure path"
    assert not report.example["call", "3xx"].sayable  # --answer has no Location


def test_retries_are_told_apart_by_status_and_by_kind() -> None:
    made = journey(call(retry={"on": [502, "dns"], "times": 1}))
    retried = [one for one in classes(made) if one.retried]
    assert [set(one.names) for one in retried] == [{"502", "dns"}]


# Nothing to sweep ---------------------------------------------------------------------------------


def test_a_journey_without_calls_says_so() -> None:
    report = sweep(journey(OK))
    assert report.runs == 1
    assert report.matrix == {}
    assert report.findings == []
    assert report.edges_covered == report.edges_total == 2
    assert [plain(line) for line in matrix_lines(report)] == [
        "The journey makes no calls, so nothing can misbehave."
    ]
    assert len(report.suite) == 1


def test_a_journey_whose_call_nobody_reaches_says_so() -> None:
    trigger_tag: dict[str, Json] = {"id": "first", "kind": "add_tag", "tag": "x", "next": "end"}
    report = sweep(journey(trigger_tag, call()))
    assert [plain(line) for line in matrix_lines(report)] == ["No call was reached."]


def test_a_vendor_that_proceeds_either_way_has_one_edge_and_no_failure() -> None:
    report = sweep(journey(call(), OK, dialect="insider"))
    assert set(report.matrix["call"].values()) == {"proceeded"}
    assert report.edges_covered == report.edges_total == 3
    assert report.runs == 2


def test_an_empty_vendor_table_says_so() -> None:
    table = VendorTable("j", "7", ("usercom", "insider"), ())
    assert [plain(line) for line in vendor_lines(table)] == [
        "The journey reaches no call, so there is nothing to compare."
    ]
    assert vendor_legend(table) == []
