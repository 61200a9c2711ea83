from __future__ import annotations

from benchmarks.journey import compiled, people, rules
from benchmarks.measure import Row, median_ratio, table
from benchmarks.walks import by_hand, by_walking, enumerated
from sandbox.mocks.engine import MockEngine


def test_the_loop_and_the_walks_do_the_same_work() -> None:
    crowd = people(300)
    engine = MockEngine(rules())
    counted = by_hand(crowd)
    assert counted["welcome ok"] + counted["welcome failed"] == 300
    assert counted["welcome failed"] == counted["recover ok"] > 0
    assert by_walking(compiled(), crowd, lambda: enumerated) == counted
    assert by_walking(compiled(), crowd, lambda: engine.session().answer) == counted


def test_a_slow_spell_of_the_machine_does_not_move_the_ratio() -> None:
    assert median_ratio([2.0, 20.0, 2.2], [1.0, 10.0, 1.0]) == 2.0


def test_the_table_says_which_target_was_missed() -> None:
    lines = table(
        [Row("quick", "1", "1", 1.0, "<= 2", True), Row("slow", "3", "1", 3.0, "<= 2", False)]
    ).splitlines()
    assert lines[2].endswith("met")
    assert lines[3].endswith("MISSED")
