from __future__ import annotations

import asyncio
from collections import Counter

import h11
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.mocks.faults import FAULTS
from sandbox.mocks.sendable import refusal
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.wire.exchange import build_request
from sandbox.wire.live import LiveAnswerer
from sandbox.wire.mocked import MockedAnswerer, MockLine
from tests.mocks.calls import call, engine, rules
from tests.wire.loopback import answer, loopback

response_headers = st.dictionaries(
    st.sampled_from(["Content-Type", "Location", "Set-Cookie", "Content-Encoding", "Retry-After",
                     "Content-Length", "Transfer-Encoding"]),
    st.sampled_from(["", "gzip", "http://[bad", "a=b; Secure", "text/html", "chunked", "5"]),
    max_size=3,
)  # fmt: skip
bodies: st.SearchStrategy[Json] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"text": st.text(max_size=30)}),
    st.fixed_dictionaries({"json": st.sampled_from([None, 1, "é", {"a": [1]}, ["x" * 50]])}),
)
latencies = st.sampled_from(
    [{}, {"latency": {"ms": 90}}, {"latency": {"ms": 9000}},
     {"latency": {"dist": "uniform", "min_ms": 10, "max_ms": 8000}}]
)  # fmt: skip
parameters: dict[str, st.SearchStrategy[Json]] = {
    "status": st.sampled_from([200, 204, 302, 304, 503]),
    "after_bytes": st.integers(0, 20),
    "drip": st.builds(lambda size, every: {"bytes": size, "every_ms": every},
                      st.integers(1, 9), st.sampled_from([0, 0.0004, 40, 499.9999, 500, 6000])),
    "bytes_per_s": st.sampled_from([1e-9, 0.7, 3, 1000, 1e12]),
}  # fmt: skip
items = st.one_of(
    st.builds(
        lambda status, headers, body, latency: {
            "status": status, "headers": headers, **body, **latency,
        },
        st.sampled_from([200, 201, 204, 205, 301, 302, 304, 404, 429, 500, 599, 999]),
        response_headers, bodies, latencies,
    ),
    st.builds(lambda fault, latency: {"fault": fault, **latency}, st.sampled_from([*FAULTS]),
              latencies),
    st.sampled_from([name for name, fault in FAULTS.items() if fault.breaks_answer]).flatmap(
        lambda name: st.builds(
            lambda more, headers, body, latency: {
                "fault": name, **more, "headers": headers, **body, **latency,
            },
            st.fixed_dictionaries({}, optional={
                field: strategy for field, strategy in parameters.items()
                if field in (*FAULTS[name].parameters, "status")
            }),
            response_headers, bodies, latencies,
        )
    ),
)  # fmt: skip
documents = st.builds(
    lambda match, respond, found: {"match": match, "respond": {**respond, "items": found}},
    st.sampled_from([{}, {"step": "call"}, {"url": "/x/{id}"}, {"attempt": {"gte": 2}},
                     {"method": "POST", "url": "http://api.test/"}]),
    st.fixed_dictionaries({}, optional={
        "mode": st.sampled_from(["single", "sequence", "weighted"]),
        "at_end": st.sampled_from(["repeat_last", "cycle", "next_rule", "fail"]),
        "per": st.sampled_from(["run", "profile", "journey", "all"]),
    }),
    st.lists(items, min_size=1, max_size=3),
)  # fmt: skip
request_headers = st.lists(
    st.tuples(
        st.sampled_from(["X-A", "Authorization", "host", "Content-Length", "", "x y", "Cookie"]),
        st.one_of(st.sampled_from(["", "a", "7", "a b", " a", "a\nb"]), st.text(max_size=3)),
    ),
    max_size=2,
).map(tuple)
sends = st.builds(
    call,
    st.sampled_from(["http://api.test/x/7", "https://api.test:8443/x/../y?q=1", "http://API.test",
                     "http://api.test/x/%C3%A9", "ftp://api.test/", "/x", "http://me@api.test/",
                     "http://[::1]:80/", "http://127.0.0.1/x/1#frag"]),
    method=st.sampled_from(["GET", "POST", "put", "HEAD", "DELETE", "BREW", "G T"]),
    headers=request_headers,
    body=st.sampled_from([b"", b'{"a":1}']),
    profile=st.sampled_from(["7", "8"]),
    step=st.sampled_from(["call", "other"]),
    attempt=st.integers(1, 3),
    timeout_s=st.sampled_from([0.5, 5.0]),
    max_received=st.sampled_from([10, 10_000]),
    hop=st.sampled_from([0, 0, 1]),
)  # fmt: skip


async def ask_all(documents: list[Json], asked: list[Send]) -> None:
    """The pure answer, the one of objects, and the one of bytes."""
    pure, lines = engine(*documents).session(), (MockLine(), MockLine(wire=False))
    mocked = [MockedAnswerer(engine(*documents).session(), line) for line in lines]
    for send in asked:
        expected = pure.answer(send)
        for one in mocked:
            assert await one.answer(send) == expected._replace(source="mock")
    for line in lines:
        await line.client.aclose()


@given(st.lists(documents, max_size=3), st.lists(sends, min_size=1, max_size=5))
def test_the_mocked_and_the_pure_answer_agree(found: list[Json], asked: list[Send]) -> None:
    asyncio.run(ask_all(found, asked))


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_comes_through_the_client_as_it_was_meant(fault: str) -> None:
    sends = [call(), call("https://api.test/"), call(method="HEAD"), call(max_received=5)]
    for extra in ({}, {"latency": {"ms": 90}}, {"latency": {"ms": 9000}}):
        await ask_all([[{"fault": fault, **extra}]], sends)


@given(
    st.lists(st.tuples(st.text(max_size=5), st.text(max_size=8)), max_size=3).map(tuple),
    st.text(max_size=5),
    st.one_of(
        st.text(max_size=30).map("http://api.test/{}".format),
        st.text(max_size=12).map("https://{}".format),
        st.text(alphabet="ab.:[]/@-%x1", max_size=12).map("http://{}".format),
    ),
)
def test_what_is_accepted_could_have_been_sent(
    headers: tuple[tuple[str, str], ...], method: str, url: str
) -> None:
    send = call(url, method=method, headers=headers)
    parts = refusal(send)
    if isinstance(parts, Fail):
        return
    request = build_request(send, parts)
    sent = h11.Connection(our_role=h11.CLIENT).send(
        h11.Request(method=request.method, target=parts.target, headers=list(request.headers.raw))
    )
    assert sent is not None
    assert sent.startswith(f"{method.upper()} {parts.target} HTTP/1.1\r\n".encode())


async def test_one_client_serves_many_runs_each_with_its_own_turn() -> None:
    made = engine([{"status": 503}, {"status": 200}])
    first = MockedAnswerer(made.session())
    second = first.for_run(made.session())
    assert [(await first.answer(call())).status for _ in range(2)] == [503, 200]
    assert (await second.answer(call())).status == 503
    await second.close()
    assert (await first.answer(call())).status == 200
    await first.close()


@pytest.mark.slow
async def test_two_thousand_at_once_get_exactly_the_sequence() -> None:
    items = [{"status": 503, "times": 700}, {"status": 429, "times": 300},
             {"status": 201, "times": 999}, {"status": 200}]  # fmt: skip
    made = engine({"respond": {"per": "all", "items": items, "at_end": "fail"}})
    line = MockLine()
    runs = [MockedAnswerer(made.session(), line) for _ in range(2_000)]
    got = await asyncio.gather(*(run.answer(call(profile=str(n))) for n, run in enumerate(runs)))
    after = await runs[0].answer(call())
    await line.client.aclose()
    assert Counter(one.status for one in got) == {503: 700, 429: 300, 201: 999, 200: 1}
    assert after.error is not None
    assert "2000 answers of r0 are used up" in after.error.message


@pytest.mark.slow
async def test_the_history_of_calls_stays_short() -> None:
    line = MockLine()
    mocked = MockedAnswerer(engine([{"status": 200}, {"fault": "reset"}]).session(), line)
    for _ in range(300):
        await mocked.answer(call())
    assert len(line.calls) <= 64
    assert all(len(route.calls) <= 64 for route in line._router.routes)
    await line.client.aclose()


async def test_nothing_is_patched_other_clients_go_on() -> None:
    mocked = MockedAnswerer.of(rules([{"status": 418}]))
    async with loopback(answer(200, b"{}"), keep=True) as server:
        live = LiveAnswerer(["127.0.0.1"])
        assert (await mocked.answer(call(server.url))).status == 418
        assert (await live.answer(call(server.url))).status == 200
        async with httpx.AsyncClient() as client:
            assert (await client.get(server.url)).status_code == 200
        assert server.requests == 2
        await live.close()
    await mocked.close()


async def test_nothing_sleeps() -> None:
    mocked = MockedAnswerer.of(rules([{"status": 200, "latency": {"ms": 86_400_000}}]))
    got = await mocked.answer(call(timeout_s=100_000))
    assert got == Answer(200, took_ms=86_400_000.0, rule="r0")
    await mocked.close()
