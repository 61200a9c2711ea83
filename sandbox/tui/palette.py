"""The command palette: every action of the registry, and a way to every journey and person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from sandbox.charts.cells import clean
from sandbox.tui.actions import ACTIONS
from sandbox.tui.screens.workbench import Workbench
from sandbox.tui.theme import THEMES

__all__ = ["Palette"]

_MOST = 40


class _Entry(NamedTuple):
    text: str
    help: str
    do: Callable[[], object]


class Palette(Provider):
    """Verbs first (``run: Fire``), then ``theme:`` and ``go:``."""

    def _verbs(self) -> Iterator[_Entry]:
        screen = self.screen
        for action in getattr(screen, "actions", ACTIONS):
            if action.where in ("everywhere", "lab", "vendor") and action.id not in (
                "view.palette",
                "go.next",
            ):
                yield _Entry(
                    f"{action.group}: {action.verb}  ({action.shown})",
                    action.help,
                    partial(screen.run_action, action.call),
                )
        for theme in THEMES:
            yield _Entry(
                f"theme: {theme.name}",
                "Another look.",
                partial(self.app.run_action, f"app.theme('{theme.name}')"),
            )

    def _places(self) -> Iterator[_Entry]:
        bench = self.screen
        if not isinstance(bench, Workbench):
            return
        for journey in bench.catalogue.journeys:
            yield _Entry(
                f"go: journey {journey.id}", clean(journey.title),
                partial(bench.journeys.go_to, journey.id),
            )  # fmt: skip
        for step in bench.journey.steps if bench.journey else ():
            yield _Entry(
                f"go: step {step.id}", step.kind.replace("_", " "),
                partial(bench.map.go_to, step.id),
            )  # fmt: skip
        for profile in bench.catalogue.profiles:
            yield _Entry(
                f"go: person {clean(profile.id)} {clean(profile.name)}", "Select this person.",
                partial(bench.profiles.go_to, profile.id),
            )  # fmt: skip

    async def discover(self) -> Hits:
        """What there is before anything is typed."""
        for entry in self._verbs():
            yield DiscoveryHit(entry.text, entry.do, help=entry.help)

    async def search(self, query: str) -> Hits:
        """What fits the query, best first; of thousands of people only the best ones."""
        matcher = self.matcher(query)
        found = 0
        for entry in (*self._verbs(), *self._places()):
            score = matcher.match(f"{entry.text} {entry.help}")
            if score > 0:
                found += 1
                if found > _MOST and score < 0.5:
                    continue
                yield Hit(score, matcher.highlight(entry.text), entry.do, help=entry.help)
