"""The texts of a call as its step writes them, parsed: URL, query, headers, sign-in, body."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from urllib.parse import quote

from sandbox.engine.behaviour import Behaviour
from sandbox.engine.urls import encode_value, header_problem, normalise
from sandbox.errors import DocumentError, Problem, TemplateError
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Fail
from sandbox.model.journey import BasicAuth, BearerAuth, CallApi, OAuth2ClientAuth
from sandbox.templates.compiled import Template
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING
from sandbox.templates.snippet import Tag
from sandbox.templates.syntax import Syntax
from sandbox.templates.text import Provenance, Text
from sandbox.templates.values import Value

__all__ = ["Written", "is_json_text"]


class Written:
    """What a step says about its call, ready to render."""

    __slots__ = ("body", "headers", "json_text", "oauth", "query", "syntax", "url")

    def __init__(
        self, step: CallApi, behaviour: Behaviour, at: str, problems: list[Problem], syntax: Syntax
    ) -> None:
        """Parse; what cannot be read or can never be sent goes to ``problems``."""
        self.syntax = syntax
        parts = _Parts(syntax, at, problems)
        in_url, in_query = _plays(behaviour, step.method)
        encode = encode_value if behaviour.encode_values else None
        self.url = parts.text(step.url, "url", encode, in_url)
        self.query = [
            (key, parts.value(value, f"query.{key}", False, in_query))
            for key, value in step.query.items()
        ]
        headers = [
            (name, value) for name, value in behaviour.headers if not _has(step.headers, name)
        ]
        headers += step.headers.items()
        if step.body_kind == "form" and not _has(dict(headers), "content-type"):
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        self.headers = [(name, parts.text(value, f"headers.{name}")) for name, value in headers]
        self.oauth: list[tuple[str, Text]] = []
        """What a token is asked for with, by the names of the sign-in's fields."""
        if step.auth is not None:
            if _has(step.headers, "authorization"):
                problems.append(
                    Problem(f"{at}.auth", "the step has an Authorization header as well; keep one")
                )
            self._add_auth(step, parts)
        self._check_constants(step, at, problems)
        keep = behaviour.keep_types and step.body_kind == "json"
        self.body = parts.value(step.body, "body", keep)
        self.json_text = step.body_kind == "json" and is_json_text(self.body)
        """Whether the body is one text that is to be JSON."""

    def _add_auth(self, step: CallApi, parts: _Parts) -> None:
        auth = step.auth
        if isinstance(auth, BearerAuth):
            self.headers.append(("Authorization", parts.text(f"Bearer {auth.token}", "auth.token")))
        elif isinstance(auth, BasicAuth):
            inner = parts.text(f"{auth.user}:{auth.password}", "auth")
            self.headers.append(("Authorization", _Basic(inner)))
        elif isinstance(auth, OAuth2ClientAuth):
            self.oauth = [
                (name, parts.text(getattr(auth, name), f"auth.{name}"))
                for name in ("token_url", "client_id", "client_secret", "scope")
            ]

    def _check_constants(self, step: CallApi, at: str, problems: list[Problem]) -> None:
        """What is written in the document and can never be sent."""
        for name, template in self.headers:
            if isinstance(template, _Basic):
                continue  # any text can be sent in base64
            value = template.filled("x")
            if value is not None and (wrong := header_problem(name, value)):
                problems.append(Problem(f"{at}.headers.{name}", wrong))
        sample = self.url.filled("1")
        if self.url.begins_fixed and sample is not None and self.url.source == step.url:
            _, fail = normalise(sample)
            if fail is not None:
                written, shown = (dump_json(one).decode() for one in (sample, self.url.source))
                problems.append(Problem(f"{at}.url", fail.message.replace(written, shown)))

    def address(self, scope: Json, found: Found) -> tuple[str, Fail | None]:
        """The URL with its query; and why it cannot be sent, when it cannot."""
        written = self.url.text(scope, found)
        if self.query:
            written = self._with_query(written, scope, found)
        url, fail = normalise(written)
        return url or written, fail

    def _with_query(self, url: str, scope: Json, found: Found) -> str:
        pairs = []
        for key, value in self.query:
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

    def head(self) -> Iterator[Text]:
        """The texts of URL, query and headers."""
        yield self.url
        for _, value in self.query:
            yield from value.templates
        for _, template in self.headers:
            yield template

    def around(self) -> Iterator[Text]:
        """The texts of the call besides the body's."""
        yield from self.head()
        for _, template in self.oauth:
            yield template

    def templates(self) -> Iterator[Text]:
        """Every text of the call."""
        yield from self.around()
        yield from self.body.templates


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
