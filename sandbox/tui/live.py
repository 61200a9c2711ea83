"""What live runs would send, host by host: what the question before them shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.engine.urls import host_of
from sandbox.model.trace import RequestDocument
from sandbox.tui.desk import Job

if TYPE_CHECKING:
    from sandbox.bench.bench import Bench

__all__ = ["calls_by_host"]


def calls_by_host(bench: Bench, jobs: Sequence[Job]) -> dict[str, list[RequestDocument]]:
    """Host → the different requests that would go there, masked.

    One request for each call step is enough to decide by: the first person's.
    """
    found: dict[str, dict[tuple[str, str], RequestDocument]] = {}
    for job in jobs:
        for host in bench.live_hosts(job.journey, job.profile, job.options):
            found.setdefault(host, {})
        for node in bench.graph(job.journey).nodes:
            if node.kind != "call_api":
                continue
            preview = bench.preview(job.journey, node.id, job.profile, job.options)
            if preview.problem is None:
                host = host_of(preview.raw.url)
                found.setdefault(host, {}).setdefault((job.journey, node.id), preview.request)
    return {host: list(requests.values()) for host, requests in found.items()}
