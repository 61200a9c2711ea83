"""What one item may say, and what is refused at the border."""

from __future__ import annotations

import pytest

from sandbox.errors import DocumentError
from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from tests.mocks.calls import engine, rules


def test_parameters_of_a_fault_reach_the_compiled_item() -> None:
    item = {"fault": "reset_mid_body", "after_bytes": 10, "drip": {"bytes": 4, "every_ms": 200}}
    made = engine([item]).rules[0].items[0]
    assert made.fault is not None and made.fault.name == "reset_mid_body"
    assert made.after_bytes == 10
    assert made.drip is not None and (made.drip.bytes, made.drip.every_ms) == (4, 200)


@pytest.mark.parametrize(
    ("item", "path", "message"),
    [
        ({"status": 200, "after_bytes": 1}, "after_bytes", "belongs to a fault"),
        ({"status": 200, "bytes_per_s": 9}, "bytes_per_s", "belongs to a fault"),
        ({"fault": "dns", "status": 503}, "status", "dns has no status"),
    ],
)
def test_what_an_item_cannot_say(item: Json, path: str, message: str) -> None:
    with pytest.raises(DocumentError) as wrong:
        MockEngine(rules([{"status": 200}], [item]))
    assert [problem.path for problem in wrong.value.problems] == [
        f"rules[1].respond.items[0].{path}"
    ]
    assert message in wrong.value.problems[0].message
