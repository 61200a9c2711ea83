"""Rendering a call: a step, a person and a moment → the request, or why it cannot be sent."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

import orjson

from sandbox.clock import iso_us
from sandbox.engine.behaviour import Behaviour
from sandbox.engine.casting import as_object
from sandbox.engine.person import Person, projection
from sandbox.engine.purpose import has_attribute, needs_of
from sandbox.engine.urls import encode_value, header_problem, normalise
from sandbox.errors import DocumentError, Problem, TemplateError
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Fail, Request
from sandbox.model.journey import BasicAuth, BearerAuth, CallApi, OAuth2ClientAuth
from sandbox.templates.compiled import Template
from sandbox.templates.filters import TooLarge, to_text, type_name
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
    """The body before it became bytes; None when there is none."""
    fail: Fail | None


class CallPlan:
    """A ``call_api`` step with everything parsed: renders many times."""

    __slots__ = (
        "_body",
        "_fixed_headers",
        "_fixed_url",
        "_headers",
        "_json_text",
        "_needs",
        "_query",
        "_sends_body",
        "_url",
        "behaviour",
        "oauth",
        "step",
        "syntax",
    )

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
        parts = _Parts(syntax, at, problems)
        in_url, in_query = _plays(behaviour, step.method)
        encode = encode_value if behaviour.encode_values else None
        self._url = parts.text(step.url, "url", encode, in_url)
        self._query = [
            (key, parts.value(value, f"query.{key}", False, in_query))
            for key, value in step.query.items()
        ]
        headers = [
            (name, value) for name, value in behaviour.headers if not _has(step.headers, name)
        ]
        headers += step.headers.items()
        if step.body_kind == "form" and not _has(dict(headers), "content-type"):
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        self._headers = [(name, parts.text(value, f"headers.{name}")) for name, value in headers]
        self.oauth: list[tuple[str, Text]] = []
        if step.auth is not None:
            if _has(step.headers, "authorization"):
                problems.append(
                    Problem(f"{at}.auth", "the step has an Authorization header as well; keep one")
                )
            self._add_auth(step, parts)
        self._check_constants(at, problems)
        keep = behaviour.keep_types and step.body_kind == "json"
        self._body = parts.value(step.body, "body", keep)
        self._json_text = step.body_kind == "json" and is_json_text(self._body)
        self._needs = needs_of(step, behaviour)
        self._sends_body = step.method not in behaviour.no_body_methods
        static = all(template.static for _, template in self._headers)
        self._fixed_headers = (
            tuple((name, template.literal) for name, template in self._headers) if static else None
        )
        self._fixed_url = ""
        if self._url.static and all(value.static for _, value in self._query):
            self._fixed_url = normalise(self._with_query(self._url.literal, {}, []))[0]

    def _add_auth(self, step: CallApi, parts: _Parts) -> None:
        auth = step.auth
        if isinstance(auth, BearerAuth):
            self._headers.append(
                ("Authorization", parts.text(f"Bearer {auth.token}", "auth.token"))
            )
        elif isinstance(auth, BasicAuth):
            inner = parts.text(f"{auth.user}:{auth.password}", "auth")
            self._headers.append(("Authorization", _Basic(inner)))
        elif isinstance(auth, OAuth2ClientAuth):
            self.oauth = [
                (name, parts.text(getattr(auth, name), f"auth.{name}"))
                for name in ("token_url", "client_id", "client_secret", "scope")
            ]

    def _check_constants(self, at: str, problems: list[Problem]) -> None:
        """What is written in the document and can never be sent."""
        for name, template in self._headers:
            if isinstance(template, _Basic):
                continue  # any text can be sent in base64
            value = template.filled("x")
            if value is not None and (wrong := header_problem(name, value)):
                problems.append(Problem(f"{at}.headers.{name}", wrong))
        sample = self._url.filled("1")
        if self._url.begins_fixed and sample is not None and self._url.source == self.step.url:
            _, fail = normalise(sample)
            if fail is not None:
                written, shown = (dump_json(one).decode() for one in (sample, self._url.source))
                problems.append(Problem(f"{at}.url", fail.message.replace(written, shown)))

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
        step = self.step
        for attribute, notice in self._needs:
            if not has_attribute(person.attributes, attribute):
                found.append(notice)
        headers: tuple[tuple[str, str], ...] = self._fixed_headers or ()
        try:
            url, fail = (
                (self._fixed_url, None) if self._fixed_url else self._build_url(scope, found)
            )
            if self._fixed_headers is None:
                made = []
                for name, template in self._headers:
                    if template.static:  # looked at when it was compiled
                        made.append((name, template.literal))
                        continue
                    if template.omits and template.render(scope, found) is MISSING:
                        continue  # a header without a value is not sent
                    value = template.text(scope, found)
                    made.append((name, value))
                    wrong = header_problem(name, value)
                    if wrong and fail is None:
                        fail = Fail("unsendable", "build", wrong)
                headers = tuple(made)
            for _, template in self.oauth:
                template.text(scope, found)  # so that what they miss is told with the call
            payload: Json = None
            body = b""
            if self._sends_body:
                payload = self._payload(scope, person, at_us, with_user, found)
                body = self._encode(payload)
                payload = None if payload is MISSING else payload
        except (TooLarge, UnicodeEncodeError) as wrong:
            empty = Request(step.method, step.url, (), b"")
            message = "a value holds lone surrogates, which are no characters"
            if isinstance(wrong, TooLarge):
                message = wrong.message
            return Built(empty, None, Fail("unsendable", "build", message))
        except _NotJson as wrong:
            request = Request(step.method, url, headers, wrong.text.encode("utf-8", "replace"))
            return Built(request, wrong.text, Fail("unsendable", "build", wrong.message))
        if len(body) > max_sent and fail is None:
            message = (
                f"a body of {len(body):,} bytes; at most {max_sent:,} are sent (max_sent_bytes)"
            )
            fail = Fail("unsendable", "build", message)
        return Built(Request(step.method, url, headers, body), payload, fail)

    @staticmethod
    def _is_there(template: Text, scope: Json, found: Found) -> bool:
        """Whether a header's reference finds something; a header without a value is not sent."""
        noticed: Found = []
        if template.render(scope, noticed) is not MISSING:
            return True
        found += noticed
        return False

    def _build_url(self, scope: Json, found: Found) -> tuple[str, Fail | None]:
        written = self._url.text(scope, found)
        if self._query:
            written = self._with_query(written, scope, found)
        url, fail = normalise(written)
        return url or written, fail

    def _with_query(self, url: str, scope: Json, found: Found) -> str:
        pairs = []
        for key, value in self._query:
            rendered = value.render(scope, found)
            if rendered is MISSING:
                continue
            for one in rendered if isinstance(rendered, list) else [rendered]:
                pairs.append(f"{quote(key, safe='')}={quote(self.syntax.printed(one), safe='')}")
        if not pairs:
            return url
        base, mark, fragment = url.partition("#")
        joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
        return base + joint + "&".join(pairs) + mark + fragment

    def _payload(
        self, scope: Json, person: Person, at_us: int, with_user: bool, found: Found
    ) -> Json:
        value = self._body.render(scope, found)
        if self._json_text:
            value = _parse(value)
        elif self.syntax.name == "kustomer" and self.step.body_kind == "json":
            value = as_object(value)
        behaviour = self.behaviour
        if behaviour.envelope is None or self.step.body_kind != "json":
            return value
        if value is MISSING:
            value = None
        envelope: dict[str, Json] = {}
        for key, part in behaviour.envelope:
            if part == "body":
                envelope[key] = {} if value is None else value
            elif part == "now":
                envelope[key] = iso_us(at_us)
            elif part == "path":
                envelope[key] = behaviour.path
            elif with_user:
                envelope[key] = projection(person, behaviour)
        return envelope

    def _encode(self, payload: Json) -> bytes:
        if payload is MISSING:
            return b""
        if payload is None:
            return (
                b"" if self.step.body is None else b"null" if self.step.body_kind == "json" else b""
            )
        if self.step.body_kind == "text":
            return str(to_text(payload)).encode()
        if self.step.body_kind == "form":
            pairs = [
                f"{quote(key, safe='')}={quote(to_text(one), safe='')}"
                for key, value in payload.items()
                for one in (value if isinstance(value, list) else [value])
            ]
            return "&".join(pairs).encode()
        try:
            return orjson.dumps(payload)
        except (TypeError, orjson.JSONEncodeError):
            try:
                return dump_json(payload)
            except (TypeError, ValueError, RecursionError) as wrong:
                raise _NotJson(f"the body cannot be written as JSON: {wrong}", "") from None

    def tags(self) -> Iterator[tuple[str, Tag]]:
        """Every tag of the call, with the field it stands in."""
        for template in self.templates():
            for tag in template.tags():
                yield template.at, tag

    @property
    def body(self) -> Value:
        """The body as it is written."""
        return self._body

    def notices(self) -> Iterator[Notice]:
        """What is worth telling about its texts before anybody renders."""
        for template in self.templates():
            yield from template.notices

    def templates(self) -> Iterator[Text]:
        """Every text of the call."""
        yield self._url
        for _, value in self._query:
            yield from value.templates
        for _, template in self._headers:
            yield template
        for _, template in self.oauth:
            yield template
        yield from self._body.templates

    def explain(self, scope: Json, person: Person, at_us: int, with_user: bool) -> list[Provenance]:
        """Where each value of the request came from: tags, and what the vendor adds by itself."""
        lines: list[Provenance] = []
        prefix = ""
        for key, part in self.behaviour.envelope or ():
            if self.step.body_kind != "json" or not self._sends_body:
                break
            at = f"body.{key}"
            if part == "body":
                prefix = key
            elif part == "now":
                stamp = iso_us(at_us)
                lines.append(Provenance(at, "(vendor)", "now", stamp, "string", stamp))
            elif part == "path":
                path = self.behaviour.path
                lines.append(Provenance(at, "(vendor)", "setting path", path, "number", path))
            elif with_user:
                for name, value in projection(person, self.behaviour).items():
                    stored = name in person.attributes or name in ("tags", "lists")
                    source = f"user.{name}" if stored else "(the vendor's empty value)"
                    lines.append(
                        Provenance(
                            f"{at}.{name}", "(user info)", source, value, type_name(value), value
                        )
                    )
        for template in self.templates():
            for line in template.explain(scope):
                if prefix and line.at.startswith("body"):
                    line = line._replace(at=f"body.{prefix}{line.at.removeprefix('body')}")
                lines.append(line)
        return lines


class _NotJson(Exception):
    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.message = message
        self.text = text


def _parse(text: str) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as wrong:
        message = (
            f"the body is not valid JSON at line {wrong.lineno}, column {wrong.colno}: {wrong.msg}"
        )
        raise _NotJson(message, text) from None


def _has(headers: dict[str, str], name: str) -> bool:
    return any(key.lower() == name.lower() for key in headers)


def is_json_text(body: Value) -> bool:
    """Whether a body is one text that is to be JSON once its tags are filled."""
    if not isinstance(body.source, str):
        return False
    filled = body.templates[0].filled("x") if body.templates else body.source
    if filled is None:  # blocks; a brace that begins no tag begins an object
        filled = "" if body.source.lstrip().startswith("{{") else body.source
    return filled.lstrip()[:1] in ("{", "[")


class _Basic(Text):
    """A text that is sent in base64, for basic authentication (RFC 7617)."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Text) -> None:
        super().__init__(inner.source, inner.at)
        self._inner = inner
        self.render = self.text
        self.notices = inner.notices

    def text(self, scope: Json, found: Found) -> str:
        return "Basic " + base64.b64encode(self._inner.text(scope, found).encode()).decode()

    def tags(self) -> Iterator[Tag]:
        return self._inner.tags()

    def explain(self, scope: Json) -> list[Provenance]:
        return self._inner.explain(scope)

    def pieces(self) -> list[str | Tag] | None:
        return self._inner.pieces()


Plays = Callable[[Tag, str], bool]


def _plays(behaviour: Behaviour, method: str) -> tuple[Plays | None, Plays | None]:
    """Which tags of the URL, and of the query beside it, the vendor replaces."""
    if behaviour.url_tags == "everywhere":
        return None, None
    get = method == "GET"

    def ours(tag: Tag) -> bool:
        return tag.path[:1] == ("env",)

    return (
        # What stands first is the base URL, which the sandbox lets be a tag.
        lambda tag, before: ours(tag) or not before or (get and "?" in before),
        lambda tag, before: ours(tag) or get,
    )


class _Parts:
    """Reads the texts of a call; what cannot be read goes to the problems."""

    def __init__(self, syntax: Syntax, at: str, problems: list[Problem]) -> None:
        self.syntax = syntax
        self.at = at
        self.problems = problems

    def text(
        self,
        source: str,
        field: str,
        encode: Callable[[str], str] | None = None,
        plays: Plays | None = None,
    ) -> Text:
        try:
            return self.syntax.text(source, field, encode, plays)
        except TemplateError as wrong:
            self.problems.append(Problem(f"{self.at}.{field}", str(wrong)))
            return Template("", field)

    def value(self, source: Json, field: str, keep: bool, plays: Plays | None = None) -> Value:
        try:
            return self.syntax.value(source, field, keep, MISSING, plays)
        except DocumentError as wrong:
            self.problems += [
                problem._replace(path=f"{self.at}.{problem.path}") for problem in wrong.problems
            ]
            return Value(None, field, keep)
