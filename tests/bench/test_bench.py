"""What a person does with a workspace, whatever the front."""

from __future__ import annotations

import json

import pytest

from sandbox.bench.options import DEFAULT_SEED, RunOptions
from sandbox.clock import parse_at
from sandbox.errors import InputError, LiveRefused, UnknownName
from sandbox.mocks.overrides import parse_answers
from sandbox.model.base import Json
from sandbox.model.rules import RuleSet
from sandbox.model.trace import StepDocument
from tests.bench.memory import demo, world
from tests.engine.walking import call, journey, notify, tag

PLAIN = RunOptions()
THIRD: Json = {"kind": "event", "name": "e", "count": 3}
LISTENING = journey(call(), tag("done"))


def answers(step: str, text: str) -> RunOptions:
    return RunOptions(answers={step: parse_answers(text)})


def named(name: str, **fields: Json) -> Json:
    return journey(call(), **fields) | {"id": name}


# Fire --------------------------------------------------------------------------------------------


async def test_firing_runs_records_and_counts() -> None:
    there = world(LISTENING)
    told: list[StepDocument] = []
    trace = await there.bench.fire("j", "7", PLAIN, told.append)
    assert trace["run"]["status"] == "completed"
    assert trace["run"]["seed"] == DEFAULT_SEED
    assert trace["run"]["via"] == "mock"
    assert trace["run"]["started"] == "2026-01-01T00:00:00+00:00"
    assert told == trace["steps"]
    assert there.history.traces == [trace]
    assert trace["run"]["id"] == "r000001"
    assert there.history.counts()["j"]["call"]["success"] == 1


async def test_the_demo_journey_sends_the_vendors_example() -> None:
    options = RunOptions(at_us=parse_at("2021-02-01T07:27:44.469241+00:00"))
    trace = await demo().bench.fire("api-call", "7", options)
    request = trace["steps"][0]["request"]
    assert request is not None
    assert request["body"]["timestamp"] == "2021-02-01T07:27:44.469241+00:00"
    assert request["body"]["path"] == 6
    assert request["body"]["user"]["id"] == 7
    assert json.loads(request["text"]) == request["body"]
    assert "hush-hush" not in json.dumps(trace)


async def test_forced_answers_come_in_turn_and_the_last_repeats() -> None:
    loop = journey(call(next="call"), dialect="insider")
    there = world(loop)
    run = there.bench.stepper("j", "7", answers("call", "503,timeout,201"))
    codes = []
    for _ in range(4):
        step = await run.forward()
        assert step is not None
        response, error = step["response"], step["error"]
        codes.append(response["status"] if response else error["kind"] if error else None)
    assert codes == [503, "read_timeout", 201, 201]


async def test_expectations_of_rules_are_judged_by_the_run_that_was_entered() -> None:
    rule = {"id": "r", "expect": {"calls": {"min": 2}}, "respond": {"items": [{"status": 200}]}}
    there = world(journey(call(), trigger=THIRD), rules={"rules": [rule]})
    trace = await there.bench.fire("j", "7", PLAIN)
    assert [one["code"] for one in trace["findings"]] == ["expected_calls"]
    assert there.history.traces == [trace]
    outside = await there.bench.fire("j", "7", RunOptions(occurrence=1))
    assert outside["run"]["status"] == "not_entered"
    assert "expected_calls" not in {one["code"] for one in outside["findings"]}


async def test_rules_see_the_person_the_trigger_and_the_time_since_the_start() -> None:
    match = {"trigger": "e", "profile": {"name": "Ada"}, "step": "late"}
    rule = {"id": "outage", "match": match, "window": {"from": "10m"},
            "respond": {"items": [{"status": 503, "text": "{{run.started}} {{now}}"}]}}  # fmt: skip
    steps = [call("early"), {"id": "w", "kind": "wait", "for": "11m"}, call("late")]
    made = journey(*steps, trigger={"kind": "event", "name": "e"}, dialect="insider")
    ok = {"id": "ok", "respond": {"items": [{"status": 200}]}}
    there = world(made, rules={"rules": [rule, ok]})
    trace = await there.bench.fire("j", "7", PLAIN)
    answers = [step["response"] for step in trace["steps"] if "response" in step]
    assert [one["status"] for one in answers if one] == [200, 503]
    assert answers[-1] is not None
    assert answers[-1]["text"] == "2026-01-01T00:00:00+00:00 2026-01-01T00:11:00+00:00"


async def test_the_event_is_the_sample_with_what_was_set() -> None:
    trigger = {"kind": "event", "name": "e", "sample": {"a": 1, "b": 2}}
    there = world(journey(notify("{{event.a}}{{event.b}}{{event.c}}{{user.x}}"), trigger=trigger))
    options = RunOptions(set_event={"b": 3, "c": 4}, set_user={"x": 5})
    trace = await there.bench.fire("j", "7", options)
    assert trace["steps"][0]["output"] == "1345"
    assert trace["trigger"]["event"] == {"a": 1, "b": 3, "c": 4}
    other = await there.bench.fire("j", "7", RunOptions(event={"a": "only"}))
    assert other["steps"][0]["output"] == "only"


async def test_a_seed_comes_from_the_options_else_the_rules_else_the_default() -> None:
    rules = {"seed": 5, "rules": []}
    assert world(LISTENING).bench.seed(PLAIN) == DEFAULT_SEED
    assert world(LISTENING, rules=rules).bench.seed(PLAIN) == 5
    assert world(LISTENING, rules=rules).bench.seed(RunOptions(seed=9)) == 9


@pytest.mark.parametrize(
    ("journey_id", "profile", "says"),
    [("jj", "7", "unknown journey 'jj'"), ("j", "77", "unknown profile '77'")],
)
async def test_an_unknown_name_is_refused_with_the_nearest(
    journey_id: str, profile: str, says: str
) -> None:
    there = world(LISTENING)
    with pytest.raises(UnknownName, match=says) as refused:
        await there.bench.fire(journey_id, profile, PLAIN)
    assert refused.value.exit_code == 2
    assert "did you mean" in refused.value.hint


async def test_a_rule_that_nothing_matches_is_a_failure_not_a_200() -> None:
    items = {"items": [{"status": 200}]}
    other = {"rules": [{"id": "other", "match": {"step": "x"}, "respond": items}]}
    there = world(LISTENING, rules=other)
    trace = await there.bench.fire("j", "7", PLAIN)
    assert trace["counts"]["call"]["by_code"] == {"unmatched": 1}


# Keep --------------------------------------------------------------------------------------------


async def test_a_run_works_on_a_copy_unless_it_is_kept() -> None:
    there = world(LISTENING)
    await there.bench.fire("j", "7", PLAIN)
    assert there.memory.profile("7").tags == ()
    await there.bench.fire("j", "7", RunOptions(keep=True))
    assert there.memory.profile("7").tags == ("done",)


async def test_what_was_set_for_a_run_only_is_not_kept() -> None:
    there = world(LISTENING)
    await there.bench.fire("j", "7", RunOptions(keep=True, set_user={"name": "X", "new": 1}))
    kept = there.memory.profile("7")
    assert (kept.attributes, kept.tags) == ({"name": "Ada"}, ("done",))


# Trigger -----------------------------------------------------------------------------------------


async def test_every_journey_that_listens_runs() -> None:
    event = {"kind": "event", "name": "happened"}
    there = world(
        named("a", trigger=event),
        named("b", trigger={"kind": "event", "name": "other"}),
        named("c", trigger={"kind": "attribute_changed", "name": "happened"}),
        named("d", trigger=event | {"when": {"path": "user.vip", "op": "exists"}}),
        named("e", trigger={"kind": "api"}),
        named("f", trigger={"kind": "manual"}),
    )
    ran = [one["run"] for one in await there.bench.trigger("happened", "7", PLAIN)]
    assert [(one["journey"], one["status"]) for one in ran] == [
        ("a", "completed"), ("c", "completed"), ("d", "not_entered"),
    ]  # fmt: skip
    (api,) = await there.bench.trigger("e", "7", PLAIN)
    assert api["run"]["journey"] == "e"


async def test_an_event_nobody_listens_to_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean newsletter_register"):
        await demo().bench.trigger("newsletter_registered", "7", PLAIN)
    with pytest.raises(UnknownName, match="unknown event"):
        await world(named("m", trigger={"kind": "manual"})).bench.trigger("m", "7", PLAIN)


async def test_who_was_here_once_does_not_enter_again() -> None:
    there = world(named("a", trigger={"kind": "event", "name": "e", "reentry": "once"}))
    statuses = [(await there.bench.trigger("e", "7", PLAIN))[0]["run"]["status"] for _ in "ab"]
    assert statuses == ["completed", "not_entered"]


async def test_the_third_time_counts() -> None:
    there = demo()
    for occurrence, status in [(1, "not_entered"), (3, "completed"), (None, "completed")]:
        options = RunOptions(occurrence=occurrence)
        (trace,) = await there.bench.trigger("purchase", "7", options)
        assert trace["run"]["status"] == status


# Preview and send --------------------------------------------------------------------------------

BEHIND = journey(
    call("first", on_success="end", on_failure="second"),
    call("second", body={"name": "{{user.name}}", "status": "{{steps.first.response.statusCode}}"}),
    call("never", next="end"),
    settings={"response.exposed": "full"},
)


def test_a_step_behind_a_failure_is_shown_as_it_would_be_sent() -> None:
    preview = world(BEHIND).bench.preview("j", "second", "7", PLAIN)
    assert preview.request["body"]["extra"] == {"name": "Ada", "status": "503"}
    assert preview.findings == []
    values = {line.at: line.value for line in preview.values}
    assert values["body.extra.name"] == "Ada"


def test_a_preview_sees_what_the_steps_before_did() -> None:
    preview = demo().bench.preview("newsletter", "call", "7", PLAIN)
    assert preview.request["body"]["user"]["attributes"] == [
        {"name": "newsletter_consent", "value": True}
    ]
    assert preview.request["headers"]["Authorization"] == "Bearer ••••"
    assert preview.raw.headers[0] == ("Authorization", "Bearer hush-hush")
    without = RunOptions(include_user=False)
    assert "user" not in demo().bench.preview("newsletter", "call", "7", without).request["body"]


def test_a_step_that_no_answer_leads_to_is_shown_and_says_so() -> None:
    apart = journey(tag("a", next="end"), call("apart", body="{{user.nothing}}"))
    preview = world(apart).bench.preview("j", "apart", "7", PLAIN)
    assert sorted(one["code"] for one in preview.findings) == ["not_on_path", "value_missing"]


def test_a_preview_says_why_a_call_cannot_be_sent() -> None:
    there = world(journey(call(url="{{user.url}}")))
    preview = there.bench.preview("j", "call", "7", PLAIN)
    assert preview.problem is not None
    assert (preview.problem["kind"], preview.problem["phase"]) == ("invalid_url", "build")
    huge = RunOptions(set_user={"x": "a" * 600_000})
    there = world(journey(call(body='{{user.x | replace:"a","bbb"}}')))
    problem = there.bench.preview("j", "call", "7", huge).problem
    assert problem is not None
    assert problem["kind"] == "unsendable"


@pytest.mark.parametrize(
    ("step", "says"),
    [("secnd", "did you mean second"), ("x", "there is: first, never, second"), ("t", "call")],
)
def test_a_step_that_is_no_call_is_refused_with_the_nearest(step: str, says: str) -> None:
    document = BEHIND | {"steps": [*BEHIND["steps"], tag("t")]}
    with pytest.raises(InputError, match=says):
        world(document).bench.preview("j", step, "7", PLAIN)


def test_a_preview_needs_no_rules() -> None:
    there = world(LISTENING)
    there.memory.kept_rules.clear()
    assert there.bench.preview("j", "call", "7", PLAIN).problem is None
    assert there.bench.live_hosts("j", "7", PLAIN) == ["api.test"]


SHARED: Json = {
    "rules": [{"id": "s", "respond": {"per": "all", "items": [{"status": 201}, {"status": 202}]}}]
}


async def test_looking_at_a_call_uses_up_no_answer() -> None:
    there = world(journey(call("a"), call("b"), dialect="insider"), rules=SHARED)
    for _ in range(3):
        there.bench.preview("j", "b", "7", PLAIN)
    trace = await there.bench.fire("j", "7", PLAIN)
    responses = [step["response"] for step in trace["steps"]]
    assert [one["status"] for one in responses if one] == [201, 202]


async def test_forcing_an_answer_does_not_start_the_shared_sequence_again() -> None:
    there = world(journey(call()), rules=SHARED)
    await there.bench.fire("j", "7", PLAIN)
    await there.bench.fire("j", "7", answers("call", "500"))
    trace = await there.bench.fire("j", "7", PLAIN)
    assert trace["counts"]["call"]["by_code"] == {"202": 1}


async def test_sending_one_call_touches_nothing() -> None:
    there = demo()
    step = await there.bench.send("newsletter", "call", "7", RunOptions(keep=True))
    assert (step["step"], step["outcome"]) == ("call", "success")
    assert there.history.traces == []
    assert "newsletter_consent" not in there.memory.profile("7").attributes
    assert "hush-hush" not in json.dumps(step)


async def test_sending_a_call_follows_its_redirects_and_fetches_its_token() -> None:
    auth = {
        "kind": "oauth2_client", "token_url": "http://auth.test/t", "client_id": "a",
        "client_secret": "b",
    }  # fmt: skip
    there = world(journey(call(auth=auth)), hosts=["api.test", "auth.test"])
    await there.bench.send("j", "call", "7", RunOptions(live=True))
    assert [send.step for send in there.wires.sent] == ["call:token", "call"]


# Live --------------------------------------------------------------------------------------------

LIVE = RunOptions(live=True)
TWO = journey(
    call(url="http://good.test/"), call("b", url="https://bad.test:8443/"), dialect="insider"
)


@pytest.mark.parametrize(
    ("allowed", "runs"),
    [
        ([], False),
        (["good.test"], False),
        (["good.test", "bad.test"], True),
        (["good.test:80", "bad.test:8443"], True),
        (["GOOD.test", "https://bad.test:8443/"], True),
        (["good.test", "bad.test:443"], False),
        (["evilgood.test", "bad.test"], False),
    ],
)
async def test_a_live_run_is_refused_before_anything_is_sent(
    allowed: list[str], runs: bool
) -> None:
    there = world(TWO, hosts=allowed)
    if runs:
        trace = await there.bench.fire("j", "7", LIVE)
        assert len(there.wires.sent) == 2
        assert trace["run"]["via"] == "live"
        assert not trace["run"]["started"].startswith("2026-01-01T00:00:00")
        return
    with pytest.raises(LiveRefused, match="nothing was sent") as refused:
        await there.bench.fire("j", "7", LIVE)
    assert refused.value.exit_code == 4
    assert "--allow-host" in refused.value.hint
    assert (there.wires.sent, there.history.traces) == ([], [])


async def test_a_host_behind_a_failure_is_guarded_as_well() -> None:
    hidden = journey(
        call(url="http://good.test/", on_success="end", on_failure="b"),
        call("b", url="http://bad.test/"),
    )
    there = world(hidden, hosts=["good.test"])
    with pytest.raises(LiveRefused, match=r"bad\.test"):
        await there.bench.fire("j", "7", LIVE)
    assert there.bench.live_hosts("j", "7", LIVE) == ["good.test", "bad.test"]


async def test_a_token_url_is_guarded_as_well() -> None:
    auth = {
        "kind": "oauth2_client", "token_url": "http://auth.test/t", "client_id": "a",
        "client_secret": "b",
    }  # fmt: skip
    there = world(journey(call("a"), call("b", auth=auth), dialect="insider"), hosts=["api.test"])
    with pytest.raises(LiveRefused, match=r"auth\.test"):
        await there.bench.fire("j", "7", LIVE)
    assert there.wires.sent == []


async def test_a_trigger_is_refused_for_all_journeys_before_the_first_sends() -> None:
    there = world(
        named("a"), journey(call(url="http://bad.test/")) | {"id": "b"}, hosts=["api.test"]
    )
    with pytest.raises(LiveRefused, match=r"bad\.test"):
        await there.bench.trigger("happened", "7", LIVE)
    assert there.wires.sent == []


async def test_a_host_can_be_allowed_for_one_run() -> None:
    there = world(LISTENING)
    await there.bench.fire("j", "7", RunOptions(live=True, allow_hosts=("api.test",)))
    assert len(there.wires.sent) == 1
    with pytest.raises(LiveRefused):
        await there.bench.fire("j", "7", LIVE)
    with pytest.raises(LiveRefused):
        await there.bench.send("j", "call", "7", LIVE)
    await there.bench.close()
    assert there.wires.closed == 1


# The stepper -------------------------------------------------------------------------------------


async def test_stepping_through_is_the_same_as_firing() -> None:
    there = demo()
    fired = await there.bench.fire("newsletter", "7", answers("call", "503"))
    steps = there.bench.stepper("newsletter", "7", answers("call", "503"))
    assert steps.trace["run"]["status"] == "cancelled"
    seen = []
    while (step := await steps.forward()) is not None:
        seen.append(step)
        await steps.back()
        assert await steps.forward() == step
    assert seen == fired["steps"]
    assert steps.done
    ended = steps.trace
    assert ended["run"]["id"] != fired["run"]["id"]
    assert ended | {"run": fired["run"]} == fired
    assert len(there.history.traces) == 2
    await steps.forward()
    assert len(there.history.traces) == 2


async def test_stepping_back_keeps_the_id_that_templates_read() -> None:
    there = world(journey(notify("{{run.id}}", "a"), notify("{{run.id}}", "b")))
    steps = there.bench.stepper("j", "7", PLAIN)
    first = await steps.forward()
    await steps.back()
    assert await steps.forward() == first
    second = await steps.forward()
    assert first is not None
    assert second is not None
    assert first["output"] == second["output"]


async def test_a_live_option_does_not_make_the_stepper_live() -> None:
    there = world(LISTENING)
    steps = there.bench.stepper("j", "7", RunOptions(live=True))
    await steps.forward()
    assert there.wires.sent == []
    assert steps.trace["run"]["via"] == "mock"


# The rest ----------------------------------------------------------------------------------------


def test_a_changed_journey_is_compiled_again() -> None:
    there = world(LISTENING)
    first = there.bench.compiled("j")
    assert there.bench.compiled("j") is first
    there.memory.put_journeys([type(there.memory.journey("j")).parse(journey(tag("x")))])
    assert [node.id for node in there.bench.compiled("j").nodes] == ["x"]


def test_check_knows_the_declared_variables() -> None:
    there = world(journey(notify("{{env.BASE_URL}} {{env.NOPE}}")))
    assert [one.code for one in there.bench.check("j")] == ["env_undeclared"]


def test_secrets_are_masked_unless_revealed() -> None:
    there = world(LISTENING, environ={"APP_TOKEN": "real-one"})
    assert there.bench.masker().text("a real-one") == "a ••••"
    assert there.bench.masker(reveal=True).text("a real-one") == "a real-one"


def test_rules_can_be_given_for_one_run() -> None:
    own = RuleSet.parse({"id": "own", "rules": []})
    assert world(LISTENING).bench.rules(RunOptions(rules=own)) == own
