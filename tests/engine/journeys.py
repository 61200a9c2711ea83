"""Journeys that nobody would write, and that must be read, walked and shown all the same."""

from __future__ import annotations

from hypothesis import strategies as st

from sandbox.model.base import Json
from sandbox.model.exchange import PHASES_OF, Answer, Fail

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
TAGS = st.sampled_from(
    [
        "{{user.name}}",
        "{{ user.id }}",
        "{{event.n | default:5}}",
        '{{ event.list | join:"-" }}',
        "{{steps.s0.body.id}}",
        "{{steps.s0.response.statusCode}}",
        "{{now}}",
        "{{run.id}}",
        "{{nothing.here}}",
        "{{user.tags}}",
        "{{journey.id}}",
        "{{env.BASE_URL}}",
    ]
)
TEXT = st.lists(TAGS | st.sampled_from(["plain ", 'é&"', "/", " "]), min_size=1, max_size=3).map(
    "".join
)
DURATIONS = st.sampled_from(["90s", "15m", "1h 30m", "3d", "250ms", "2w", "1.5h"])
OPERATORS = st.sampled_from(
    ["eq", "ne", "gt", "gte", "lt", "lte", "contains", "starts_with", "exists"]
)
PATHS = st.sampled_from(
    ["user.name", "event.n", "steps.s0.response.statusCode", "steps.s1.body.id", "now", "user.x.y"]
)
BODIES = st.sampled_from(
    [b"", b"{}", b'{"id": 5}', b'{"id": "a"}', b"[1, 2]", b"not json", b"\xff\xfe", b"null"]
)
ANSWERS = st.one_of(
    st.builds(
        Answer,
        st.sampled_from([200, 201, 204, 302, 307, 400, 404, 429, 500, 503]),
        st.sampled_from([(), (("Location", "/again"),), (("Location", "http://["),)]),
        BODIES,
        took_ms=st.sampled_from([0.0, 12.5, 3000.0]),
    ),
    st.sampled_from([(kind, phase) for kind in PHASES_OF for phase in PHASES_OF[kind]]).map(
        lambda pair: Answer(error=Fail(pair[0], pair[1], "it failed"))
    ),
)

_FLOWING = ("call_api", "update_attribute", "add_tag", "remove_tag", "wait", "notify", "message")
_KINDS = (*_FLOWING, "condition", "split", "end")


def conditions() -> st.SearchStrategy[Json]:
    plain = st.builds(
        lambda path, op, value: {"path": path, "op": op, "value": value},
        PATHS,
        OPERATORS,
        SCALARS | TEXT,
    )
    return st.recursive(
        plain,
        lambda inner: (
            st.builds(lambda some: {"all": some}, st.lists(inner, max_size=2))
            | st.builds(lambda some: {"any": some}, st.lists(inner, max_size=2))
            | st.builds(lambda one: {"not": one}, inner)
        ),
        max_leaves=3,
    )


@st.composite
def journeys(draw: st.DrawFn, loops: bool = True) -> dict[str, Json]:
    """A document that compiles: every kind of step, every field now and then."""
    kinds = draw(st.lists(st.sampled_from(_KINDS), min_size=1, max_size=6))
    ids = [f"s{at}" for at in range(len(kinds))]

    def targets(at: int) -> st.SearchStrategy[Json]:
        ahead = ids if loops else ids[at + 1 :]
        single = st.sampled_from([*ahead, "end"])
        inner = [one for one, kind in zip(ids, kinds, strict=True) if kind in _FLOWING]
        inner = [one for one in inner if one in ahead]
        if not inner:
            return single
        several = st.tuples(st.lists(st.sampled_from(inner), min_size=1, max_size=2), single)
        return single | several.map(lambda both: [*both[0], both[1]])

    steps = []
    for at, kind in enumerate(kinds):
        step: dict[str, Json] = {"id": ids[at], "kind": kind}
        if kind in _FLOWING and draw(st.booleans()):
            step["next"] = draw(targets(at))
        step |= draw(_fields(kind, targets(at)))
        steps.append(step)
    document: dict[str, Json] = {
        "id": "j",
        "dialect": draw(
            st.sampled_from(["usercom", "insider", "insider-glossary", "kustomer", "sprinklr"])
        ),
        "settings": {"template.syntax": "snippet"},
        "trigger": {"kind": "event", "name": "e", "sample": draw(st.dictionaries(TEXTS, VALUES))},
        "steps": steps,
    }
    if draw(st.booleans()):
        document["trigger"]["when"] = draw(conditions())
    return document


def _fields(kind: str, targets: st.SearchStrategy[Json]) -> st.SearchStrategy[dict[str, Json]]:
    need: dict[str, st.SearchStrategy[Json]] = {}
    may: dict[str, st.SearchStrategy[Json]] = {"name": TEXTS, "notes": TEXTS}
    if kind == "call_api":
        need = {"url": TEXT.map(lambda text: f"http://api.test/{text}")}
        may |= {
            "method": st.sampled_from(["GET", "post", "Put", "DELETE"]),
            "query": st.dictionaries(st.sampled_from(["a", "b c"]), SCALARS | TEXT, max_size=2),
            "headers": st.dictionaries(st.sampled_from(["X-A", "Accept"]), TAGS, max_size=2),
            "body": st.dictionaries(TEXTS.filter(bool), SCALARS | TEXT, max_size=3),
            "body_kind": st.sampled_from(["json", "form"]),
            "include_user": st.booleans(),
            "parse_json": st.booleans(),
            "on_success": targets,
            "on_failure": targets,
            "timeout_s": st.sampled_from([1, 2.5]),
            "follow_redirects": st.booleans(),
            "retry": st.fixed_dictionaries(
                {}, optional={"on": st.just([429, "5xx", "timeout", "refused"]),
                              "times": st.integers(1, 3), "delay": DURATIONS}
            ),
            "save": st.just([{"name": "kept", "path": "$.id"}]),
        }  # fmt: skip
    elif kind == "update_attribute":
        need = {"attribute": st.sampled_from(["name", "x"]), "value": VALUES.map(_tame) | TEXT}
    elif kind in ("add_tag", "remove_tag"):
        need = {"tag": st.sampled_from(["vip", "t{{user.id}}"])}
    elif kind == "wait":
        need = {"for": DURATIONS}
    elif kind == "notify":
        need = {"text": TEXT}
    elif kind == "message":
        need = {"to": TEXT}
        may |= {"text": TEXT, "subject": TEXT, "channel": st.sampled_from(["email", "sms"])}
    elif kind == "condition":
        branch = st.builds(lambda when, way: {"when": when, "next": way}, conditions(), targets)
        need = {"branches": st.lists(branch, min_size=1, max_size=2)}
        may |= {"else": targets}
    elif kind == "split":
        arm = st.builds(
            lambda weight, way: {"weight": weight, "next": way}, st.floats(0.1, 5), targets
        )
        need = {"arms": st.lists(arm, min_size=1, max_size=3)}
    return st.fixed_dictionaries(need, optional=may)


def _tame(value: Json) -> Json:
    """Open JSON whose texts hold no tags by accident."""
    if isinstance(value, str):
        return value.replace("{{", "{")
    if isinstance(value, list):
        return [_tame(one) for one in value]
    if isinstance(value, dict):
        return {key: _tame(one) for key, one in value.items()}
    return value
