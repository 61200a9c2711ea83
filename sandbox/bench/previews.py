"""A call as it would be sent, for people: masked, with its findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sandbox.bench.options import Preview
from sandbox.engine.compiled import CallNode
from sandbox.engine.fold import finding_document, request_document
from sandbox.engine.reach import Reached
from sandbox.masking import Masker
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.trace import Finding

__all__ = ["LEADING", "preview_of"]

_WELL = Answer(200, (), b"{}")
_BADLY = Answer(status=503, body=b"{}")
_SILENT = Answer(error=Fail("read_timeout", "head", "no answer"))

LEADING: Final[tuple[Callable[[Send], Answer], ...]] = (
    lambda send: _WELL,
    lambda send: _BADLY,
    lambda send: _SILENT,
)
"""Who answers the calls before a step, when the rules do not lead there."""


def preview_of(reached: Reached, node: CallNode, masker: Masker) -> Preview:
    """What a person sees of a call that was rendered."""
    fail = reached.built.fail
    findings = [
        Finding(notice.code, notice.level, node.id, notice.message)
        for notice in (*reached.noticed, *node.plan.notices())
    ]
    if not reached.on_path:
        message = "no answer led here; rendered with the person as at the start of the journey"
        findings.append(Finding("not_on_path", "info", node.id, message))
    return Preview(
        request_document(reached.built.request, masker),
        None
        if fail is None
        else {"kind": fail.kind, "phase": fail.phase, "message": masker.text(fail.message)},
        [
            line._replace(value=masker.json(line.value), rendered=masker.json(line.rendered))
            for line in reached.values
        ],
        [finding_document(one, masker) for one in dict.fromkeys(findings)],
        reached.built.request,
    )
