from __future__ import annotations

import pytest

from sandbox.engine.credentials import credentials_of, sent_secrets
from sandbox.model.exchange import Answer, Request
from sandbox.model.trace import StepFact

FORM = ("Content-Type", "application/x-www-form-urlencoded")
LONG = "long-enough-1"


@pytest.mark.parametrize(
    ("headers", "query", "body", "found"),
    [
        ([("Authorization", "Basic dTpw")], "", b"", set()),
        ([("Authorization", "Basic dTE6cA==")], "", b"", {"dTE6cA=="}),
        ([("Authorization", "Bearer undefined")], "", b"", set()),
        ([("Authorization", f"Bearer {LONG}")], "", b"", {LONG}),
        ([("X-Api-Key", LONG)], "", b"", {LONG}),
        ([("Cookie", f"a=1; sid={LONG}")], "", b"", {LONG}),
        ([("X-Note", LONG)], f"?q={LONG}", f'{{"note":"{LONG}"}}'.encode(), set()),
        ([], "?token=long%2Denough-1", b"", {LONG}),
        ([FORM], "", f"a=1&password={LONG}".encode(), {LONG}),
        ([], "", f'{{"deep":[{{"password":"{LONG}"}}],"token":"short"}}'.encode(), {LONG}),
        ([], "", b'{"password":"' + LONG.encode(), set()),
    ],
)
def test_what_a_request_holds_under_names_of_credentials(
    headers: list[tuple[str, str]], query: str, body: bytes, found: set[str]
) -> None:
    request = Request("POST", f"https://api.test/{query}", tuple(headers), body)
    assert sent_secrets([request]) == found


def test_a_run_knows_what_it_got_and_what_it_was_told() -> None:
    request = Request("POST", "https://api.test/", (("Authorization", "Basic dTE6cA=="),), b"")
    answer = Answer(200, (), b'{"refresh_token":"long-enough-2"}')
    fact = StepFact("a", "call_api", 1, 1, 0, "success", "end", "edge", request, answer)
    wait = StepFact("b", "wait", 1, 1, 0, "done", "end", "edge")
    found = credentials_of([fact, wait], ["tok-42", "x"])
    assert found == {"dTE6cA==", "long-enough-2", "tok-42"}
