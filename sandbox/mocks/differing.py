"""What of a rule's match differs from a call: field, expected, actual, and both in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sandbox.masking import is_secret_header, is_secret_key
from sandbox.mocks.call import Call
from sandbox.mocks.conditions import Compared, Condition, Group, Valid
from sandbox.mocks.matching import Matcher
from sandbox.mocks.unfit import unfit_difference
from sandbox.model.base import shorten
from sandbox.model.exchange import Difference
from sandbox.model.match import AttemptMatch
from sandbox.templates.paths import MISSING

__all__ = ["differences", "shown_url"]


def differences(matcher: Matcher, call: Call) -> Iterator[Difference]:
    """Every condition that does not hold, the most telling ones first."""
    conditions = {condition.name: condition for condition in matcher.conditions}
    for name in matcher.differences(call):
        condition = conditions.get(name)
        if condition is not None:
            yield _of_condition(condition, call)
        elif name in ("attempt", "visit"):
            found, wanted = str(getattr(call, name)), _range(getattr(matcher, name))
            yield Difference(name, wanted, found, f"{name} is {found}, not {wanted}")
        elif name in ("path", "host", "prefix", "regex"):
            yield _of_url(matcher, name, call)
        else:
            yield _of_names(matcher, name, call)


def shown_url(call: Call) -> str:
    """The URL without its query, which may carry a secret: what differs is printed as it is."""
    return call.url.partition("?")[0].partition("#")[0]


def _of_names(matcher: Matcher, name: str, call: Call) -> Difference:
    names: Collection[str] | None = {
        "step": matcher.steps,
        "method": matcher.methods,
        "journey": matcher.journeys,
        "profile": matcher.profiles,
        "trigger": matcher.triggers,
    }[name]
    listed = sorted(names or ())
    more = " or …" if len(listed) > 3 else ""
    wanted = " or ".join(listed[:3]) + more
    shown = " or ".join(map(repr, listed[:3])) + more
    found = str(getattr(call, name))
    return Difference(name, wanted, found, f"{name} is {found!r}, not {shown}")


def _range(wanted: AttemptMatch) -> str:
    signs = (("", wanted.eq), (">= ", wanted.gte), ("<= ", wanted.lte))
    return " and ".join(f"{sign}{value}" for sign, value in signs if value is not None)


def _of_url(matcher: Matcher, name: str, call: Call) -> Difference:
    if name == "host":
        wanted = matcher.host or ""
        found = call.hosts[1] if ":" in wanted else call.host
        return Difference("url.host", wanted, found, f"host is {found!r}, not {wanted!r}")
    if name == "prefix":
        wanted = matcher.prefix or ""
        rest = wanted.partition("://")[2]
        hint = ", the scheme differs" if call.plain.partition("://")[2].startswith(rest) else ""
        message = f"the URL does not start with {wanted!r}{hint}"
        return Difference("url.prefix", wanted, shown_url(call), message)
    if name == "regex":
        wanted = "" if matcher.regex is None else matcher.regex.pattern
        message = f"the URL does not match {wanted!r}"
        return Difference("url.regex", wanted, shown_url(call), message)
    assert matcher.path is not None
    wanted, found, hint = matcher.path.text, call.paths[0], ""
    if matcher.path.matches([found.rstrip("/"), found + "/"]):
        hint = ", a slash at the end"
    elif wanted.lower() == found.lower():
        hint = ", capital letters"
    return Difference("url.path", wanted, found, f"path is {found!r}, not {wanted!r}{hint}")


def _of_condition(condition: Condition, call: Call) -> Difference:
    if isinstance(condition, Group):
        return _of_group(condition, call)
    hint = ""
    if condition.name.startswith(("body.$", "body.schema")) and call.json is MISSING:
        hint = ", the body is not JSON"
    if isinstance(condition, Valid):
        unfit = None if hint else condition.schema.first_unfit(call.json)
        if unfit is not None:
            return unfit_difference(unfit)
    if not isinstance(condition, Compared):
        message = f"the body is not valid by the rule's schema{hint}"
        return Difference("body.schema", "a valid body", "", message)
    name = condition.name
    kind, _, field = name.partition(".")
    values = condition.values(call)
    if is_secret_header(field) if kind == "headers" else is_secret_key(_last(field)):
        message = f"{name} is {'not what the rule asks for' if values else 'missing'}{hint}"
        return Difference(name, "", "", message)
    wanted = condition.check.words
    found = " and ".join(shorten(one, 40) for one in values[:3])
    if not values:
        return Difference(name, wanted, "", f"{name} is missing, not {wanted}{hint}")
    if wanted.startswith("not "):
        return Difference(name, wanted, found, f"{name} is {found}, and must not be{hint}")
    return Difference(name, wanted, found, f"{name} is {found}, not {wanted}{hint}")


def _last(field: str) -> str:
    return field.replace("]", "").replace("[", ".").rpartition(".")[2].strip("\"'")


def _of_group(group: Group, call: Call) -> Difference:
    if group.name == "not":
        return Difference("not", "", "", "it fits what not excludes")
    found = [list(differences(one, call)) for one in group.members if isinstance(one, Matcher)]
    nearest = min(found, key=len, default=[])
    why = "; ".join(one.message for one in nearest)
    message = f"none of the {len(group.members)} in any fits, the nearest: {why}"
    return Difference("any", "one that fits", "", message)
