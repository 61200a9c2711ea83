"""The guard of live runs: which hosts a run could call, and whether it may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from sandbox.engine.compiled import CallNode
from sandbox.engine.reach import Reached
from sandbox.engine.urls import host_of, normalise
from sandbox.engine.walk import Run
from sandbox.errors import LiveRefused
from sandbox.mocks.urls import BadUrl, split_url

__all__ = ["refuse_unlisted", "urls_of"]

_ORIGIN = re.compile(r"^https?://|/.*$")


def urls_of(node: CallNode, reached: Reached, start: Callable[[], Run]) -> Iterator[str]:
    """The addresses that a call sends to: for its token, then for itself.

    Args:
        node: the call step.
        reached: the call as it would be sent; one that cannot be built has no address.
        start: makes a fresh run, in whose scope the token's address is rendered.
    """
    if reached.built.fail is not None:
        return
    if node.plan.oauth:
        _, template = node.plan.oauth[0]
        url, fail = normalise(template.text(start().scope, []))
        if fail is None:
            yield url
    yield reached.built.request.url


def refuse_unlisted(urls: Iterable[str], allowed_hosts: Iterable[str]) -> None:
    """Refuse a live run before anything is sent.

    Raises:
        LiveRefused: for the first address whose host is not allowed.
    """
    allowed = {_ORIGIN.sub("", one.strip().lower()) for one in allowed_hosts}
    for url in urls:
        try:
            hosts = split_url(url).hosts
        except BadUrl:
            continue  # no client can call it, so the call fails by itself and nothing is sent
        if allowed.isdisjoint(hosts):
            host = host_of(url)
            raise LiveRefused(
                f"live calls to {host} are not allowed; nothing was sent",
                f"allow it for this run with --allow-host {host}, "
                "or for good in the workspace's allowed_hosts",
            )
