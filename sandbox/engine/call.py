"""Rendering a call: a step, a person and a moment → the request, or why it cannot be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from sandbox.clock import iso_us
from sandbox.engine.behaviour import Behaviour
from sandbox.engine.casting import as_object
from sandbox.engine.encoding import NotJson, encode, holds_empty, read_json
from sandbox.engine.envelope import Frame, body_field, enveloped, user_bytes, vendor_lines
from sandbox.engine.explaining import explained, explained_body
from sandbox.engine.person import Person
from sandbox.engine.purpose import has_attribute, needs_of
from sandbox.engine.remembering import Last, LastCall, is_settled
from sandbox.engine.urls import header_problem
from sandbox.engine.written import Written, is_json_text
from sandbox.errors import Problem
from sandbox.model.base import Json
from sandbox.model.exchange import Fail, Request
from sandbox.model.journey import CallApi
from sandbox.templates.filters import TooLarge
from sandbox.templates.noticing import Found, Notice
from sandbox.templates.paths import MISSING
from sandbox.templates.snippet import Tag
from sandbox.templates.syntax import SNIPPET, Syntax
from sandbox.templates.text import Provenance, Text
from sandbox.templates.values import Value

__all__ = ["Built", "CallPlan", "is_json_text"]


class Built(NamedTuple):
    """A rendered call: a request, and a failure when it could not be sent as it stands."""

    request: Request
    payload: Json
    """The body before it became bytes; None when there is none, or when nothing can read it and it
    became bytes part by part."""
    fail: Fail | None
    empty: bool = False
    """Whether the author's part of the body or the query holds an empty text or null."""


_built: Callable[[tuple[object, ...]], Built] = partial(tuple.__new__, Built)
_request: Callable[[tuple[object, ...]], Request] = partial(tuple.__new__, Request)
"""From all fields in order; half the price of naming them."""


class CallPlan:
    """A ``call_api`` step with everything parsed: renders many times."""

    __slots__ = (
        "_fixed_headers", "_fixed_url", "_frames", "_head", "_last", "_needs", "_sends_body",
        "_settled", "_settled_body", "_settled_head", "_tail", "_who", "_written", "behaviour",
        "oauth", "shows_payload", "step", "syntax", "url"
    )  # fmt: skip

    def __init__(
        self,
        step: CallApi,
        behaviour: Behaviour,
        at: str,
        problems: list[Problem],
        syntax: Syntax = SNIPPET,
    ) -> None:
        """Compile; what cannot be read or can never be sent goes to ``problems``."""
        self.step = step
        self.behaviour = behaviour
        self.syntax = syntax
        self._written = written = Written(step, behaviour, at, problems, syntax)
        self.url, self.oauth = written.url, written.oauth
        self._needs = needs_of(step, behaviour)
        self._sends_body = step.method not in behaviour.no_body_methods
        static = all(template.static for _, template in written.headers)
        self._fixed_headers = (
            tuple((name, template.literal) for name, template in written.headers)
            if static
            else None
        )
        self._fixed_url = ""
        if written.url.static and all(value.static for _, value in written.query):
            url, fail = written.address({}, [])
            self._fixed_url = "" if fail else url
        joins = self._sends_body and step.body_kind == "json" and behaviour.envelope is not None
        self._frames = (
            [Frame.of(behaviour, with_user) for with_user in (False, True)] if joins else []
        )
        self.shows_payload = False
        self._settled_head = is_settled(written.head(), syntax)
        self._settled_body = is_settled(written.body.templates, syntax)
        self._head: Last | None = None
        self._tail: Last | None = None
        self._last: LastCall | None = None
        self._who: Person | None = None
        self._settled = self._settled_head and self._settled_body and not self.oauth

    def build(
        self,
        scope: Json,
        person: Person,
        at_us: int,
        with_user: bool,
        max_sent: int,
        found: Found,
    ) -> Built:
        """Render the request.

        Args:
            scope: the template roots.
            person: the profile as it is now.
            at_us: the virtual clock, for the envelope's time stamp.
            with_user: whether the vendor's user object is included (the envelope decides where).
            max_sent: bytes of body that may be sent.
            found: what rendering notices is appended, such as tags that found nothing.
        """
        last = self._last
        if (
            last is not None
            and last.person is person
            and last.at_us == at_us
            and last.with_user is with_user
            and last.max_sent == max_sent
            and last.made.serves(scope)
        ):
            found += last.made.noticed
            again: Built = last.made.made
            return again
        before = len(found)
        built = self._build(scope, person, at_us, with_user, max_sent, found)
        if self._who is person and self._settled:  # in a crowd, nobody comes twice
            made = Last.of(scope, self.syntax, found[before:], built)
            self._last = LastCall(person, at_us, with_user, max_sent, made)
        self._who = person
        return built

    def _build(
        self,
        scope: Json,
        person: Person,
        at_us: int,
        with_user: bool,
        max_sent: int,
        found: Found,
    ) -> Built:
        step = self.step
        for attribute, notice in self._needs:
            if not has_attribute(person.attributes, attribute):
                found.append(notice)
        headers: tuple[tuple[str, str], ...] = ()
        url = step.url
        try:
            url, headers, fail, bare = self._build_head(scope, found)
            for _, template in self.oauth:
                template.text(scope, found)  # so that what they miss is told with the call
            payload: Json = None
            body = b""
            empty = False
            if self._frames and not self.shows_payload:
                body, empty = self._join(scope, person, at_us, with_user, found)
            elif self._sends_body:
                payload, empty = self._payload(scope, person, at_us, with_user, found)
                body = encode(payload, self.step)
                payload = None if payload is MISSING else payload
        except (TooLarge, UnicodeEncodeError) as wrong:
            unsent = Request(step.method, step.url, (), b"")
            message = "a value holds lone surrogates, which are no characters"
            if isinstance(wrong, TooLarge):
                message = wrong.message
            return Built(unsent, None, Fail("unsendable", "build", message))
        except NotJson as wrong:
            request = Request(step.method, url, headers, wrong.text.encode("utf-8", "replace"))
            return Built(request, wrong.text, Fail("unsendable", "build", wrong.message))
        if len(body) > max_sent and fail is None:
            message = (
                f"a body of {len(body):,} bytes; at most {max_sent:,} are sent (max_sent_bytes)"
            )
            fail = Fail("unsendable", "build", message)
        return _built((_request((step.method, url, headers, body)), payload, fail, empty or bare))

    def _build_head(
        self, scope: Json, found: Found
    ) -> tuple[str, tuple[tuple[str, str], ...], Fail | None, bool]:
        """URL, headers, and whether the query holds an empty value; remembered where event and env
        decide them, while these are the same.
        """
        last = self._head
        if last is not None and last.serves(scope):
            found += last.noticed
            made: tuple[str, tuple[tuple[str, str], ...], Fail | None, bool] = last.made
            return made
        before = len(found)
        url, fail = (
            (self._fixed_url, None) if self._fixed_url else self._written.address(scope, found)
        )
        headers = self._fixed_headers
        if headers is None:
            pairs = []
            for name, template in self._written.headers:
                if template.static:  # looked at when it was compiled
                    pairs.append((name, template.literal))
                    continue
                if template.omits and template.render(scope, found) is MISSING:
                    continue  # a header without a value is not sent
                value = template.text(scope, found)
                pairs.append((name, value))
                wrong = header_problem(name, value)
                if wrong and fail is None:
                    fail = Fail("unsendable", "build", wrong)
            headers = tuple(pairs)
        bare = "=&" in url or url.endswith("=")
        if self._settled_head:
            self._head = Last.of(scope, self.syntax, found[before:], (url, headers, fail, bare))
        return url, headers, fail, bare

    def _join(
        self, scope: Json, person: Person, at_us: int, with_user: bool, found: Found
    ) -> tuple[bytes, bool]:
        """The envelope's bytes, its parts put together: the same as those of the whole as one
        object; and whether the author's part holds something empty.
        """
        frame = self._frames[with_user]
        body, empty = self._body_bytes(scope, found) if frame.has_body else (b"", False)
        user = user_bytes(person, self.behaviour) if frame.has_user else b""
        return frame.text % frame.order((iso_us(at_us).encode(), body, user)), empty

    def _body_bytes(self, scope: Json, found: Found) -> tuple[bytes, bool]:
        """The author's body; remembered where event and env decide it, while these are the same."""
        last = self._tail
        if last is not None and last.serves(scope):
            found += last.noticed
            remembered: tuple[bytes, bool] = last.made
            return remembered
        before = len(found)
        value = self._own(scope, found)
        made = (
            encode({} if value is None or value is MISSING else value, self.step),
            holds_empty(value),
        )
        if self._settled_body:
            self._tail = Last.of(scope, self.syntax, found[before:], made)
        return made

    def _own(self, scope: Json, found: Found) -> Json:
        """The author's body; ``MISSING`` when it is one reference that finds nothing."""
        value = self._written.body.render(scope, found)
        if self._written.json_text:
            return read_json(value)
        if self.syntax.name == "kustomer" and self.step.body_kind == "json":
            return as_object(value)
        return value

    def _payload(
        self, scope: Json, person: Person, at_us: int, with_user: bool, found: Found
    ) -> tuple[Json, bool]:
        """The payload, and whether the author's part of it holds something empty."""
        value = self._own(scope, found)
        empty = holds_empty(value)
        behaviour = self.behaviour
        if behaviour.envelope is None or self.step.body_kind != "json":
            return value, empty
        payload = enveloped(value, behaviour, person, at_us, with_user)
        return payload, empty and bool(body_field(behaviour))

    def tags(self) -> Iterator[tuple[str, Tag]]:
        """Every tag of the call, with the field it stands in."""
        for template in self.templates():
            for tag in template.tags():
                yield template.at, tag

    @property
    def body(self) -> Value:
        """The body as it is written."""
        return self._written.body

    def notices(self) -> Iterator[Notice]:
        """What is worth telling about its texts before anybody renders."""
        for template in self.templates():
            yield from template.notices

    def templates(self) -> Iterator[Text]:
        """Every text of the call."""
        return self._written.templates()

    def explain(self, scope: Json, person: Person, at_us: int, with_user: bool) -> list[Provenance]:
        """Where each value of the request came from: tags, and what the vendor adds by itself."""
        lines = list(explained(self._written.around(), scope))
        prefix, kind = "", self.step.body_kind
        if not self._sends_body:
            return lines
        if kind == "json":
            lines = [*vendor_lines(self.behaviour, person, at_us, with_user), *lines]
            prefix = body_field(self.behaviour)
        for line in explained_body(self.body, kind, self.syntax.name == "kustomer", scope):
            at = f"body.{prefix}{line.at.removeprefix('body')}" if prefix else line.at
            lines.append(line._replace(at=at))
        return lines
