"""Rendering a call: a step, a person and a moment → the request, or why it cannot be sent."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

import orjson

from sandbox.clock import iso_us
from sandbox.engine.behaviour import Behaviour
from sandbox.engine.person import Person, projection
from sandbox.engine.urls import encode_value, header_problem, normalise
from sandbox.errors import DocumentError, Problem, TemplateError
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Fail, Request
from sandbox.model.journey import BasicAuth, BearerAuth, CallApi, OAuth2ClientAuth
from sandbox.templates.compiled import Provenance, Template, Value
from sandbox.templates.filters import to_text, type_name
from sandbox.templates.snippet import Missing, Tag, TooLarge

__all__ = ["Built", "CallPlan"]


class Built(NamedTuple):
    """A rendered call: a request, and a failure when it could not be sent as it stands."""

    request: Request
    payload: Json
    """The body before it became bytes; None when there is none."""
    fail: Fail | None


class _Last(NamedTuple):
    """What was made for one event and one env. Both are held, so that "the same" is certain."""

    event: Json
    env: Json
    missing: tuple[Missing, ...]
    made: Json


_built: Callable[[tuple[object, ...]], Built] = partial(tuple.__new__, Built)
_request: Callable[[tuple[object, ...]], Request] = partial(tuple.__new__, Request)
"""From all fields in order; half the price of naming them."""

_last_user: tuple[Person | None, Behaviour | None, bytes] = (None, None, b"")
"""A person is replaced, never changed, so the same object has the same bytes. One entry, whole or
not at all: threads may replace it, and each only loses a little time."""

_SETTLED = frozenset({"event", "trigger", "env", "journey"})
"""Roots that are the same for a whole run, whoever it is for."""


def _pieces(behaviour: Behaviour, with_user: bool) -> list[bytes | str]:
    """The envelope as bytes that never change, with ``now``, ``body`` and ``user`` between them."""
    pieces: list[bytes | str] = []
    fixed = b"{"
    for key, part in behaviour.envelope or ():
        if part == "user" and not with_user:
            continue
        fixed += (b"" if fixed == b"{" and not pieces else b",") + dump_json(key) + b":"
        if part == "path":
            fixed += b"%d" % behaviour.path
        else:
            quote_mark = b'"' if part == "now" else b""
            pieces += [fixed + quote_mark, part]
            fixed = quote_mark
    return [*pieces, fixed + b"}"]


def _settled(templates: Iterable[Template]) -> bool:
    return all(
        not tag.path or tag.path[0] in _SETTLED for template in templates for tag in template.tags()
    )


class CallPlan:
    """A ``call_api`` step with everything parsed: renders many times."""

    __slots__ = (
        "_body",
        "_fixed_headers",
        "_fixed_url",
        "_head",
        "_headers",
        "_joined",
        "_json_text",
        "_query",
        "_sends_body",
        "_settled_body",
        "_settled_head",
        "_tail",
        "_url",
        "behaviour",
        "oauth",
        "shows_payload",
        "step",
    )

    def __init__(
        self, step: CallApi, behaviour: Behaviour, at: str, problems: list[Problem]
    ) -> None:
        """Compile; what cannot be read or can never be sent goes to ``problems``."""
        self.step = step
        self.behaviour = behaviour
        encode = encode_value if behaviour.encode_values else None
        self._url = _template(step.url, "url", at, problems, encode)
        self._query = [
            (key, _value(value, f"query.{key}", at, False, problems))
            for key, value in step.query.items()
        ]
        headers = [
            (name, value) for name, value in behaviour.headers if not _has(step.headers, name)
        ]
        headers += step.headers.items()
        if step.body_kind == "form" and not _has(dict(headers), "content-type"):
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        self._headers = [
            (name, _template(value, f"headers.{name}", at, problems)) for name, value in headers
        ]
        self.oauth: list[tuple[str, Template]] = []
        if step.auth is not None:
            if _has(step.headers, "authorization"):
                problems.append(
                    Problem(f"{at}.auth", "the step has an Authorization header as well; keep one")
                )
            self._add_auth(step, at, problems)
        self._check_constants(at, problems)
        self._json_text = (
            step.body_kind == "json"
            and isinstance(step.body, str)
            and step.body.lstrip()[:1] in ("{", "[")
            and not step.body.lstrip().startswith("{{")
        )
        keep = behaviour.keep_types and step.body_kind == "json"
        self._body = _value(step.body, "body", at, keep, problems)
        self._sends_body = step.method not in behaviour.no_body_methods
        static = all(template.static for _, template in self._headers)
        self._fixed_headers = (
            tuple((name, template.source) for name, template in self._headers) if static else None
        )
        self._fixed_url = ""
        if self._url.static and all(value.static for _, value in self._query):
            self._fixed_url = normalise(self._with_query(self._url.source, {}, []))[0]
        joins = self._sends_body and step.body_kind == "json" and behaviour.envelope is not None
        self._joined = (
            [_pieces(behaviour, with_user) for with_user in (False, True)] if joins else []
        )
        self.shows_payload = False
        head = [self._url, *(t for _, t in self._headers)]
        head += [template for _, value in self._query for template in value.templates]
        self._settled_head = _settled(head)
        self._settled_body = _settled(self._body.templates)
        self._head: _Last | None = None
        self._tail: _Last | None = None

    def _add_auth(self, step: CallApi, at: str, problems: list[Problem]) -> None:
        auth = step.auth
        if isinstance(auth, BearerAuth):
            template = _template(f"Bearer {auth.token}", "auth.token", at, problems)
            self._headers.append(("Authorization", template))
        elif isinstance(auth, BasicAuth):
            template = _template(
                f"{auth.user}:{auth.password}", "auth", at, problems, base64_of=True
            )
            self._headers.append(("Authorization", template))
        elif isinstance(auth, OAuth2ClientAuth):
            self.oauth = [
                (name, _template(getattr(auth, name), f"auth.{name}", at, problems))
                for name in ("token_url", "client_id", "client_secret", "scope")
            ]

    def _check_constants(self, at: str, problems: list[Problem]) -> None:
        """What is written in the document and can never be sent."""
        for name, template in self._headers:
            if isinstance(template, _Base64):
                continue  # any text can be sent in base64
            value = "".join(part if isinstance(part, str) else "x" for part in template.parts)
            if wrong := header_problem(name, value):
                problems.append(Problem(f"{at}.headers.{name}", wrong))
        first = self._url.parts[0] if self._url.parts else ""
        if isinstance(first, str):
            sample = "".join(part if isinstance(part, str) else "1" for part in self._url.parts)
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
        found: list[Missing],
    ) -> Built:
        """Render the request.

        Args:
            scope: the template roots.
            person: the profile as it is now.
            at_us: the virtual clock, for the envelope's time stamp.
            with_user: whether the vendor's user object is included (the envelope decides where).
            max_sent: bytes of body that may be sent.
            found: tags that found nothing are appended.
        """
        step = self.step
        headers: tuple[tuple[str, str], ...] = ()
        url = step.url
        try:
            url, headers, fail = self._build_head(scope, found)
            for _, template in self.oauth:
                template.text(scope, found)  # so that what they miss is told with the call
            payload: Json = None
            body = b""
            if self._joined and not self.shows_payload:
                body = self._join(scope, person, at_us, with_user, found)
            elif self._sends_body:
                payload = self._payload(scope, person, at_us, with_user, found)
                body = self._encode(payload)
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
        return _built((_request((step.method, url, headers, body)), payload, fail))

    def _build_head(
        self, scope: Json, found: list[Missing]
    ) -> tuple[str, tuple[tuple[str, str], ...], Fail | None]:
        """URL and headers; remembered where event and env decide them, while these are the same."""
        last = self._head
        if last is not None and last.event is scope["event"] and last.env is scope["env"]:
            found += last.missing
            made: tuple[str, tuple[tuple[str, str], ...], Fail | None] = last.made
            return made
        before = len(found)
        url, fail = (self._fixed_url, None) if self._fixed_url else self._build_url(scope, found)
        headers = self._fixed_headers
        if headers is None:
            pairs = []
            for name, template in self._headers:
                if template.static:  # looked at when it was compiled
                    pairs.append((name, template.source))
                    continue
                value = template.text(scope, found)
                pairs.append((name, value))
                wrong = header_problem(name, value)
                if wrong and fail is None:
                    fail = Fail("unsendable", "build", wrong)
            headers = tuple(pairs)
        if self._settled_head:
            missing = tuple(found[before:])
            self._head = _Last(scope["event"], scope["env"], missing, (url, headers, fail))
        return url, headers, fail

    def _join(
        self, scope: Json, person: Person, at_us: int, with_user: bool, found: list[Missing]
    ) -> bytes:
        """The envelope's bytes, its parts joined: the same as those of the whole as one object."""
        made = []
        for piece in self._joined[with_user]:
            if type(piece) is bytes:
                made.append(piece)
            elif piece == "now":
                made.append(iso_us(at_us).encode())
            elif piece == "body":
                made.append(self._body_bytes(scope, found))
            else:
                made.append(self._user_bytes(person))
        return b"".join(made)

    def _user_bytes(self, person: Person) -> bytes:
        """The vendor's user object; remembered for the calls a person makes one after the other."""
        global _last_user
        if _last_user[0] is person and _last_user[1] is self.behaviour:
            return _last_user[2]
        written = self._encode(projection(person, self.behaviour))
        _last_user = (person, self.behaviour, written)
        return written

    def _body_bytes(self, scope: Json, found: list[Missing]) -> bytes:
        """The author's body; remembered where event and env decide it, while these are the same."""
        last = self._tail
        if last is not None and last.event is scope["event"] and last.env is scope["env"]:
            found += last.missing
            written: bytes = last.made
            return written
        before = len(found)
        value = self._body.render(scope, found)
        if self._json_text:
            value = _parse(value)
        body = self._encode({} if value is None else value)
        if self._settled_body:
            missing = tuple(found[before:])
            self._tail = _Last(scope["event"], scope["env"], missing, body)
        return body

    def _build_url(self, scope: Json, found: list[Missing]) -> tuple[str, Fail | None]:
        written = self._url.text(scope, found)
        if self._query:
            written = self._with_query(written, scope, found)
        url, fail = normalise(written)
        return url or written, fail

    def _with_query(self, url: str, scope: Json, found: list[Missing]) -> str:
        pairs = []
        for key, value in self._query:
            rendered = value.render(scope, found)
            for one in rendered if isinstance(rendered, list) else [rendered]:
                pairs.append(f"{quote(key, safe='')}={quote(to_text(one), safe='')}")
        if not pairs:
            return url
        base, mark, fragment = url.partition("#")
        joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
        return base + joint + "&".join(pairs) + mark + fragment

    def _payload(
        self, scope: Json, person: Person, at_us: int, with_user: bool, found: list[Missing]
    ) -> Json:
        value = self._body.render(scope, found)
        if self._json_text:
            value = _parse(value)
        behaviour = self.behaviour
        if behaviour.envelope is None or self.step.body_kind != "json":
            return value
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

    def templates(self) -> Iterator[Template]:
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


class _Base64(Template):
    """A text that is sent in base64, for basic authentication (RFC 7617)."""

    __slots__ = ()

    def text(self, scope: Json, found: list[Missing]) -> str:
        return "Basic " + base64.b64encode(super().text(scope, found).encode()).decode()


def _template(
    source: str,
    field: str,
    at: str,
    problems: list[Problem],
    encode: object = None,
    base64_of: bool = False,
) -> Template:
    kind = _Base64 if base64_of else Template
    try:
        template = kind(source, field, False, encode_value if encode else None)
    except TemplateError as wrong:
        problems.append(Problem(f"{at}.{field}", str(wrong)))
        return Template("", field)
    if base64_of:
        template.static = False
    return template


def _value(source: Json, field: str, at: str, keep: bool, problems: list[Problem]) -> Value:
    try:
        return Value(source, field, keep)
    except DocumentError as wrong:
        problems += [problem._replace(path=f"{at}.{problem.path}") for problem in wrong.problems]
        return Value(None, field, keep)
