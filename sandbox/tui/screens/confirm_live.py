"""The question before the first live call to a host: what will be sent, and where to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen

from sandbox.charts.cells import clean
from sandbox.model.trace import RequestDocument
from sandbox.tui.ink import Ink, Line
from sandbox.tui.widgets.reading import Reading

__all__ = ["ConfirmLive"]

_MOST = 6


class ConfirmLive(ModalScreen[bool]):
    """Only y sends; enter, which a hand may still be on, does not."""

    def __init__(self, host: str, requests: Sequence[RequestDocument], people: int) -> None:
        """``requests``: those that would go to ``host``, masked."""
        super().__init__()
        self._host = host
        self._requests = requests
        self._people = people

    def _lines(self) -> Iterator[Line]:
        yield [Ink("Real calls to ", "strong"), Ink(f" {clean(self._host)} ", "live")]
        who = "one person" if self._people == 1 else f"{self._people} people"
        yield [Ink(f"for {who}; retries and loops may send more than once.", "dim")]
        for request in self._requests[:_MOST]:
            size = len(request["text"].encode("utf-8", "surrogatepass"))
            yield []
            yield [Ink(f"{request['method']} ", "kind"), Ink(clean(request["url"]), "strong")]
            for name, value in request["headers"].items():
                yield [Ink(f"  {clean(name)}: ", "name"), Ink(clean(value))]
            yield [Ink(f"  {size:,} bytes of body", "dim")]
        more = len(self._requests) - _MOST
        if more > 0:
            yield [Ink(f"and {more} more calls", "dim")]
        yield []
        yield [
            Ink(" y ", "live"), Ink(" send to this host from now on    ", "strong"),
            Ink(" n ", "chip"), Ink(" or esc: stay in mock"),
        ]  # fmt: skip

    def compose(self) -> ComposeResult:
        """The question."""
        with Vertical(classes="window live") as window:
            window.border_title = "Go LIVE?"
            window.border_subtitle = "enter does not confirm"
            yield Reading(list(self._lines()))

    def on_mount(self) -> None:
        """Long ones can be scrolled."""
        self.query_one(Reading).focus()

    def on_key(self, event: Key) -> None:
        """Only y says yes."""
        if event.key == "y":
            event.stop()
            self.dismiss(True)
        elif event.key in ("n", "escape", "q"):
            event.stop()
            event.prevent_default()
            self.dismiss(False)
