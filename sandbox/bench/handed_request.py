"""A request for other people's eyes: secrets by name, its fields one by one, and samples of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sandbox.bench.bench import Bench
from sandbox.bench.options import Preview, RunOptions
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.fold import request_document
from sandbox.errors import InputError
from sandbox.formats.json_text import read_json
from sandbox.formats.markdown import Field, Sample
from sandbox.formats.named_secrets import name_secrets
from sandbox.formats.pretty import pretty
from sandbox.masking import Masker
from sandbox.model.base import Json, shorten
from sandbox.model.trace import RequestDocument
from sandbox.templates.filters import type_name
from sandbox.templates.text import LEFT_OUT, Provenance

__all__ = ["fields_of", "samples_of", "without_secrets", "written_url"]


def without_secrets(bench: Bench, preview: Preview) -> RequestDocument:
    """The request with ``$NAME`` for the values of secret variables."""
    document = request_document(preview.raw, Masker(reveal=True))
    named = name_secrets(document, bench.environment().secrets)
    shown = named.document
    text = named.told(shown["text"])
    return {
        **shown,
        "url": named.told(shown["url"]),
        "headers": {
            named.told(name): named.told(value) for name, value in shown["headers"].items()
        },
        "text": text,
        "body": shown["body"] if text == shown["text"] else _parsed(text),
    }


def written_url(url: str, masker: Masker) -> str:
    """The URL as its author wrote it: tags stay, credentials that are written out are masked."""
    path, mark, query = url.partition("?")
    fields = [
        one if "{{" in one else masker.url(f"?{one}").removeprefix("?") for one in query.split("&")
    ]
    return masker.text(path) + mark + "&".join(fields)


def _parsed(text: str) -> Json:
    try:
        return read_json(text, "body")
    except InputError:
        return text


def samples_of(
    bench: Bench,
    compiled: CompiledJourney,
    node: CallNode,
    names: tuple[str, str, str],
    options: RunOptions,
) -> list[Sample]:
    """The body with and without the user info, where the vendor adds any."""
    adds = any(part == "user" for _, part in compiled.behaviour.envelope or ())
    kinds = ((True, "Sample with user info"), (False, "Sample without user info"))
    samples = []
    for with_user, title in kinds if adds else ((None, "Sample"),):
        chosen = replace(options, include_user=with_user)
        shown = without_secrets(bench, bench.preview(*names, chosen))
        if shown["text"]:
            structured = isinstance(shown["body"], dict | list)
            text = "\n".join(pretty(shown["body"])) if structured else shown["text"]
            samples.append(Sample(title, text, "json" if structured else "text"))
    return samples


def fields_of(bench: Bench, preview: Preview, shown: RequestDocument) -> Iterator[Field]:
    """Every value of the query and the body; headers and the address have their own place."""
    by_place: dict[str, list[Provenance]] = {}
    for line in preview.values:
        by_place.setdefault(line.at, []).append(line)
    masker = bench.masker(False)
    for at, lines in by_place.items():
        if at == "url" or at.startswith("query."):
            for line in lines:
                if not line.path.startswith("env."):  # set up once, not a value of the person
                    yield _field(at, [line], line.rendered, masker)
    listed = list(_leaves(shown["body"], "body", by_place, masker))
    yield from listed
    yield from _left_out(by_place, {field.name for field in listed}, masker)


def _left_out(
    by_place: dict[str, list[Provenance]], listed: set[str], masker: Masker
) -> Iterator[Field]:
    """Fields of the body that this person's request lacks, and another's may have."""
    for at, lines in by_place.items():
        if at.startswith("body") and all(line.sent == LEFT_OUT for line in lines):
            field = _field(_name(at), lines, None, masker)
            if field.name not in listed:
                yield field


def _name(at: str) -> str:
    return at.removeprefix("body").removeprefix(".") or "(the whole body)"


def _leaves(
    value: Json, at: str, by_place: dict[str, list[Provenance]], masker: Masker
) -> Iterator[Field]:
    lines = by_place.get(at)
    name = _name(at)
    if lines and not isinstance(value, str) and at == "body" and len(lines) > 1:
        # Handlebars in a text that happens to be JSON: which tag made which field is not known.
        for line in lines:
            yield _field("(in the text)", [line], line.rendered, masker)
        return
    if lines:
        yield _field(name, lines, value, masker)
    elif isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{at}.{key}", by_place, masker)
    elif isinstance(value, list) and value:
        for n, item in enumerate(value):
            yield from _leaves(item, f"{at}[{n}]", by_place, masker)
    elif at != "body" or value not in (None, "", {}, []):
        yield Field(name, "always the same", type_name(value), shorten(masker.json(value)))


def _field(name: str, lines: Sequence[Provenance], value: Json, masker: Masker) -> Field:
    tags = " ".join(dict.fromkeys(line.tag for line in lines))
    words = {"(vendor)": "the platform", "(user info)": "the user info"}
    if tags in words:
        tags = f"{words[tags]}: {lines[0].path.strip('()')}"
    if all(line.sent == LEFT_OUT for line in lines):
        return Field(name, tags, "missing for this person: left out", "")
    missing = all(line.type == "missing" for line in lines)
    kind = "missing for this person" if missing else type_name(value)
    return Field(name, tags, kind, shorten(masker.json(value)))
