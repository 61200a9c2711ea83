"""Generated rule sets that are valid: every field of the document, in all its forms."""

from __future__ import annotations

from typing import cast

from hypothesis import strategies as st

from sandbox.model.base import Json

__all__ = ["rule_sets"]

_words = st.sampled_from(["a", "b", "newsletter"])
_names = st.one_of(_words, st.lists(_words, min_size=1, max_size=2))
_text_tests = st.one_of(
    _words,
    st.integers(0, 9),
    st.fixed_dictionaries({"regex": st.just("^a")}, optional={"not": _words, "in": _names}),
    st.sampled_from([{"exists": False}, {"contains": "a"}, {"starts_with": "a"}]),
)
_values = st.sampled_from([None, True, 7, 1.5, "x", [1, {"a": None}]])
_value_tests = st.one_of(
    _values,
    st.fixed_dictionaries({"eq": _values}, optional={"not": _values, "in": st.just([1, "a"])}),
    st.sampled_from([{"gt": 1, "lte": 2.5}, {"gte": "2026"}, {"contains": {"a": 1}}]),
)
_numbers = st.one_of(st.integers(1, 3), st.just({"gte": 1, "lte": 3}))
_texts = st.dictionaries(_words, _text_tests, max_size=2)
_urls = st.one_of(
    st.sampled_from(["/x/{id}", "https://api.test/"]),
    st.fixed_dictionaries(
        {"host": st.just("api.test")},
        optional={"path": st.just("/x*"), "regex": st.just("a"), "query": _texts},
    ),
)
_bodies = st.fixed_dictionaries(
    {"text": _text_tests},
    optional={
        "json_path": st.dictionaries(st.just("$.a[*].b"), _value_tests, max_size=1),
        "schema": st.sampled_from([True, {"type": "object"}]),
        "form": _texts,
    },
)
_profiles = st.one_of(_names, st.dictionaries(_words, _value_tests, min_size=1, max_size=2))
_fields = {
    "journey": _names,
    "step": _names,
    "profile": _profiles,
    "trigger": _names,
    "method": st.sampled_from(["GET", ["post", "PUT"]]),
    "url": _urls,
    "headers": _texts,
    "body": _bodies,
    "attempt": _numbers,
    "visit": _numbers,
}
_inner = st.fixed_dictionaries({}, optional=_fields)
_matches = st.fixed_dictionaries(
    {}, optional={**_fields, "any": st.lists(_inner, min_size=1, max_size=2), "not": _inner}
)
_latencies = st.sampled_from([
    {"ms": 5}, {"dist": "uniform", "min_ms": 1, "max_ms": 2},
    {"dist": "lognormal", "median_ms": 90, "sigma": 0.4, "max_ms": 2000},
    {"dist": "steps", "steps": [{"p": 50, "ms": 80}, {"p": 100, "ms": 900.5}]},
])  # fmt: skip
_items = st.one_of(
    st.fixed_dictionaries(
        {"status": st.sampled_from([200, 204, 503, 599])},
        optional={
            "times": st.integers(1, 3),
            "weight": st.sampled_from([0.5, 1]),
            "headers": st.just({"retry-after": "2", "x": "{{call.number}}"}),
            "json": st.sampled_from([None, {"id": "{{request.path.id}}"}]),
            "templates": st.booleans(),
            "latency": _latencies,
        },
    ),
    st.fixed_dictionaries(
        {"fault": st.sampled_from(["reset_mid_body", "timeout"])}, optional={"latency": _latencies}
    ),
)
_responds = st.one_of(
    st.just({"mode": "pass"}),
    st.fixed_dictionaries(
        {"items": st.lists(_items, min_size=1, max_size=3)},
        optional={
            "mode": st.sampled_from(["single", "sequence", "weighted"]),
            "per": st.sampled_from(["run", "profile", "journey", "all"]),
            "at_end": st.sampled_from(["repeat_last", "cycle", "next_rule", "fail"]),
        },
    ),
)
_rules = st.fixed_dictionaries(
    {"respond": _responds},
    optional={
        "note": st.just("for a lesson"),
        "enabled": st.booleans(),
        "priority": st.integers(0, 9),
        "match": _matches,
        "latency": _latencies,
        "scenario": st.sampled_from([{"name": "a", "to": "up"}, {"name": "a", "in": ["up", "x"]}]),
        "window": st.sampled_from([
            {"from": "10m", "to": "25m", "ramp": "2m"}, {"from": "2026-01-01T09:00:00+01:00"},
        ]),
        "rate_limit": st.fixed_dictionaries(
            {"limit": st.integers(1, 3)},
            optional={
                "per_s": st.sampled_from([0.5, 60]),
                "by": st.sampled_from(["host", "url", "rule", "profile"]),
                "status": st.just(503),
                "retry_after": st.sampled_from(["auto", "none", 7, 0.5]),
            },
        ),
        "expect": st.sampled_from([
            {"calls": {"min": 1, "max": 3}, "max_concurrent": 5},
            {"per": "all", "unique_by": "body:$.id"}, {"unique_by": "header:idempotency-key"},
        ]),
    },
)  # fmt: skip


def _numbered(rules: list[Json]) -> list[Json]:
    return [{"id": f"r{number}", **one} for number, one in enumerate(rules)]


rule_sets = cast(
    "st.SearchStrategy[Json]",
    st.fixed_dictionaries(
        {"rules": st.lists(_rules, max_size=4).map(_numbered)},
        optional={
            "version": st.just(1),
            "seed": st.integers(0, 99),
            "defaults": st.fixed_dictionaries(
                {}, optional={"unmatched": st.just("error"), "latency": _latencies}
            ),
        },
    ),
)
