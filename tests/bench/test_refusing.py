"""A live run that is refused on its way: what has happened before is neither lost nor denied."""

from __future__ import annotations

import pytest

from sandbox.bench.refusing import Refusing
from sandbox.errors import LiveRefused
from sandbox.model.exchange import Answer, Fail, Send
from tests.mocks.calls import call


class Guarded:
    """Answers by path; what is not in the list is refused."""

    def __init__(self, **answers: Answer) -> None:
        self._answers = answers
        self.closed = False

    async def answer(self, send: Send) -> Answer:
        name = send.request.url.rsplit("/", 1)[1]
        if name not in self._answers:
            raise LiveRefused("live calls to x are not allowed; nothing was sent there")
        return self._answers[name]

    async def close(self) -> None:
        self.closed = True


ANSWERS = {
    "ok": Answer(200, source="live"),
    "unsent": Answer(error=Fail("unsendable", "build", ""), source="live"),
    "redirected": Answer(error=Fail("bad_redirect", "redirect", ""), source="live"),
    "down": Answer(error=Fail("refused", "connect", ""), source="live"),
    "broken": Answer(error=Fail("reset", "head", ""), source="live"),
}


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        ([], None),
        (["unsent", "redirected"], None),
        (["down"], "0 requests were"),
        (["ok"], "1 request was"),
        (["ok", "down", "broken", "unsent"], "2 requests were"),
    ],
)
async def test_only_a_run_that_has_done_nothing_ends_by_a_refusal(
    before: list[str], sent: str | None
) -> None:
    guarded = Guarded(**ANSWERS)
    refusing = Refusing(guarded)
    for name in before:
        assert await refusing.answer(call(f"http://a.test/{name}")) == ANSWERS[name]
    if sent is None:
        with pytest.raises(LiveRefused):
            await refusing.answer(call("http://x/y", step="s"))
        assert refusing.findings == []
    else:
        for _ in range(2):
            got = await refusing.answer(call("http://x/y", step="s:token"))
            assert got.error is not None
            assert got.error[:2] == ("unsendable", "build")
            assert got.source == "live"
        (found,) = refusing.findings
        assert (found.code, found.level, found.step) == ("live_refused", "error", "s")
        assert found.message.endswith(f"nothing was sent there; {sent} sent before it")
    await refusing.close()
    assert guarded.closed
