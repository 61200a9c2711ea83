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
from sandbox.templates.paths import MISSING, Path
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
    """Whether the author's part of the body holds an empty text or null."""


class _Last(NamedTuple):
    """What was made for one event and one env. Both are held, so that "the same" is certain."""

    event: Json
    env: Json
    first: Json
    """For Kustomer's syntax ``steps.1``: the event, unless a step of that name has come since."""
    noticed: tuple[Notice, ...]
    made: Json

    def serves(self, scope: Json) -> bool:
        """Whether it is right for a scope too."""
        return (
            self.event is scope["event"]
            and self.env is scope["env"]
            and (self.first is None or self.first is scope["steps"].get("1"))
        )


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


def _settled(texts: Iterable[Text], syntax: Syntax) -> bool:
    """Whether texts say the same for a whole run."""
    event = ("steps", "1") if syntax.name == "kustomer" else None  # the trigger is the first step

    def stays(path: Path) -> bool:
        return not path or path[0] in _SETTLED or path[:2] == event

    return all(text.plain and all(stays(tag.path) for tag in text.tags()) for text in texts)


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
        "_needs",
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
        joins = self._sends_body and step.body_kind == "json" and behaviour.envelope is not None
        self._joined = (
            [_pieces(behaviour, with_user) for with_user in (False, True)] if joins else []
        )
        self.shows_payload = False
        head = [self._url, *(text for _, text in self._headers)]
        head += [text for _, value in self._query for text in value.templates]
        self._settled_head = _settled(head, syntax)
        self._settled_body = _settled(self._body.templates, syntax)
        self._head: _Last | None = None
        self._tail: _Last | None = None

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
        headers: tuple[tuple[str, str], ...] = ()
        url = step.url
        try:
            url, headers, fail = self._build_head(scope, found)
            for _, template in self.oauth:
                template.text(scope, found)  # so that what they miss is told with the call
            payload: Json = None
            body = b""
            empty = False
            if self._joined and not self.shows_payload:
                body, empty = self._join(scope, person, at_us, with_user, found)
            elif self._sends_body:
                payload, empty = self._payload(scope, person, at_us, with_user, found)
                body = self._encode(payload)
                payload = None if payload is MISSING else payload
        except (TooLarge, UnicodeEncodeError) as wrong:
            unsent = Request(step.method, step.url, (), b"")
            message = "a value holds lone surrogates, which are no characters"
            if isinstance(wrong, TooLarge):
                message = wrong.message
            return Built(unsent, None, Fail("unsendable", "build", message))
        except _NotJson as wrong:
            request = Request(step.method, url, headers, wrong.text.encode("utf-8", "replace"))
            return Built(request, wrong.text, Fail("unsendable", "build", wrong.message))
        if len(body) > max_sent and fail is None:
            message = (
                f"a body of {len(body):,} bytes; at most {max_sent:,} are sent (max_sent_bytes)"
            )
            fail = Fail("unsendable", "build", message)
        return _built((_request((step.method, url, headers, body)), payload, fail, empty))

    def _build_head(
        self, scope: Json, found: Found
    ) -> tuple[str, tuple[tuple[str, str], ...], Fail | None]:
        """URL and headers; remembered where event and env decide them, while these are the same."""
        last = self._head
        if last is not None and last.serves(scope):
            found += last.noticed
            made: tuple[str, tuple[tuple[str, str], ...], Fail | None] = last.made
            return made
        before = len(found)
        url, fail = (self._fixed_url, None) if self._fixed_url else self._build_url(scope, found)
        headers = self._fixed_headers
        if headers is None:
            pairs = []
            for name, template in self._headers:
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
        if self._settled_head:
            self._head = self._last(scope, found[before:], (url, headers, fail))
        return url, headers, fail

    def _last(self, scope: Json, noticed: Found, made: Json) -> _Last:
        first = scope["steps"].get("1") if self.syntax.name == "kustomer" else None
        return _Last(scope["event"], scope["env"], first, tuple(noticed), made)

    def _join(
        self, scope: Json, person: Person, at_us: int, with_user: bool, found: Found
    ) -> tuple[bytes, bool]:
        """The envelope's bytes, its parts joined: the same as those of the whole as one object; and
        whether the author's part holds something empty.
        """
        made = []
        empty = False
        for piece in self._joined[with_user]:
            if type(piece) is bytes:
                made.append(piece)
            elif piece == "now":
                made.append(iso_us(at_us).encode())
            elif piece == "body":
                body, empty = self._body_bytes(scope, found)
                made.append(body)
            else:
                made.append(self._user_bytes(person))
        return b"".join(made), empty

    def _user_bytes(self, person: Person) -> bytes:
        """The vendor's user object; remembered for the calls a person makes one after the other."""
        global _last_user
        if _last_user[0] is person and _last_user[1] is self.behaviour:
            return _last_user[2]
        written = self._encode(projection(person, self.behaviour))
        _last_user = (person, self.behaviour, written)
        return written

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
            self._encode({} if value is None or value is MISSING else value),
            _holds_empty(value),
        )
        if self._settled_body:
            self._tail = self._last(scope, found[before:], made)
        return made

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

    def _own(self, scope: Json, found: Found) -> Json:
        """The author's body; ``MISSING`` when it is one reference that finds nothing."""
        value = self._body.render(scope, found)
        if self._json_text:
            return _parse(value)
        if self.syntax.name == "kustomer" and self.step.body_kind == "json":
            return as_object(value)
        return value

    def _payload(
        self, scope: Json, person: Person, at_us: int, with_user: bool, found: Found
    ) -> tuple[Json, bool]:
        """The payload, and whether the author's part of it holds something empty."""
        value = self._own(scope, found)
        empty = _holds_empty(value)
        behaviour = self.behaviour
        if behaviour.envelope is None or self.step.body_kind != "json":
            return value, empty
        if value is MISSING:
            value = None
        envelope: dict[str, Json] = {}
        sent = False
        for key, part in behaviour.envelope:
            if part == "body":
                sent = True
                envelope[key] = {} if value is None else value
            elif part == "now":
                envelope[key] = iso_us(at_us)
            elif part == "path":
                envelope[key] = behaviour.path
            elif with_user:
                envelope[key] = projection(person, behaviour)
        return envelope, empty and sent

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
                    if name == self.behaviour.custom_into and value:
                        source = "(attributes without a field of their own)"
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


def _holds_empty(value: Json) -> bool:
    """Whether an object or list holds an empty text or null; quick, as every call asks it."""
    if isinstance(value, dict):
        return any(one is None or one == "" or _holds_empty(one) for one in value.values())
    if isinstance(value, list):
        return any(one is None or one == "" or _holds_empty(one) for one in value)
    return False


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
        self.plain = inner.plain

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
