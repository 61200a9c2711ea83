from __future__ import annotations

import pytest

from sandbox.model.exchange import PHASES_OF
from sandbox.model.meaning import check_of_error, meaning, meaning_of_error, next_check


def test_every_status_has_a_sentence_and_something_to_check() -> None:
    for status in (*range(100, 600), 0, 700, 999):
        for sentence in (meaning(status), next_check(status)):
            assert sentence[0].isupper()
            assert sentence.endswith((".", "?"))
            assert len(sentence) <= 100


def test_statuses_that_people_meet() -> None:
    assert "token" in next_check(401)
    assert "Retry-After" in next_check(429)
    assert meaning(503) != meaning(500)
    assert "not in the standard" in meaning(299)
    assert "standard" in meaning(598)


@pytest.mark.parametrize(
    ("kind", "phase"), [(kind, phase) for kind, phases in PHASES_OF.items() for phase in phases]
)
def test_every_error_has_a_sentence_and_something_to_check(kind: str, phase: str) -> None:
    assert meaning_of_error(kind, phase).endswith(".")
    assert check_of_error(kind, phase).endswith((".", "?"))


def test_the_phase_makes_it_more_exact() -> None:
    assert meaning_of_error("reset", "head") != meaning_of_error("reset", "body")
    with pytest.raises(KeyError):
        meaning_of_error("gremlins")
