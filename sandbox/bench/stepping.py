"""A run for the trainer: one step at a time, and back."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.engine.credentials import credentials_of
from sandbox.engine.fold import document_of, step_document
from sandbox.engine.walk import Run, Walk
from sandbox.masking import Masker
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import StepDocument, TraceDocument
from sandbox.runner import Stepper as FactStepper
from sandbox.seams import Answerer, History

__all__ = ["Stepper"]


class Stepper:
    """One mocked run, step by step, as documents."""

    def __init__(
        self,
        start: Callable[[], Run],
        enter: Callable[[Run], Walk],
        answerer: Answerer,
        masker: Masker,
        hiding: Masker,
        history: History,
    ) -> None:
        """Made by ``Bench.stepper``.

        Args:
            start: makes a fresh run.
            enter: begins its walk.
            answerer: who answers.
            masker: for what is shown.
            hiding: for what is remembered.
            history: where the whole run is recorded, once.
        """
        self._run = start()
        self._masker = masker
        self._hiding = hiding
        self._history = history
        self._recorded = ""

        def walk() -> Walk:
            self._run = start()
            return enter(self._run)

        self._facts = FactStepper(walk, answerer)

    @property
    def done(self) -> bool:
        """Whether the run has ended."""
        return self._facts.done

    @property
    def trace(self) -> TraceDocument:
        """The run so far (status ``cancelled``), or whole once it has ended."""
        return self._document(self._masker)

    def _document(self, masker: Masker) -> TraceDocument:
        trace = self._facts.trace
        if trace is None:
            facts = tuple(self._facts.facts)
            trace = self._run.trace()._replace(status="cancelled", facts=facts)
        document = document_of(trace, masker)
        if self._recorded:
            document["run"]["id"] = self._recorded
        return document

    async def forward(self, instead: Callable[[Send], Answer] | None = None) -> StepDocument | None:
        """The next step, or None when the run has ended (it is then recorded, once).

        Args:
            instead: answers the next call in place of the answerer.
        """
        if instead is not None:
            self._recorded = ""  # another run from here on
        fact = await self._facts.forward(instead)
        if fact is None:
            if not self._recorded:
                self._recorded = self._history.record([self._document(self._hiding)])[0]
            return None
        facts = self._facts.facts
        masker = self._masker.also(credentials_of(facts, self._run.got))
        return step_document(fact, len(facts), masker)

    async def back(self) -> None:
        """One step back."""
        await self._facts.back()
