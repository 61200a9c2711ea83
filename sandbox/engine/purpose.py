"""What a person must have for a call whose purpose is a channel: an address, an opt-in.

Insider documents that whoever sends e-mail or SMS through a call has to have given it the e-mail
address and ``sms_optin``. The purpose is read from what the author wrote: the URL, the name, the
notes (assumed).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sandbox.engine.behaviour import Behaviour
from sandbox.model.base import Json
from sandbox.model.journey import CallApi
from sandbox.templates.noticing import Notice

__all__ = ["has_attribute", "needs_of"]

_WORDS: Final = {
    "email": re.compile(r"(?<![a-z])e-?mails?(?![a-z])|mailgun|sendgrid|mailchimp", re.I),
    "sms": re.compile(r"(?<![a-z])sms(?![a-z])|text message|twilio", re.I),
}
_TAGS = re.compile(r"\{[^{}]*\}")


def needs_of(step: CallApi, behaviour: Behaviour) -> list[tuple[str, Notice]]:
    """Attribute → what to tell when the person lacks it."""
    needs = []
    written = " ".join((step.id.replace("_", " "), step.name, step.notes, step.url))
    written = _TAGS.sub(" ", written)
    for channel, attribute in behaviour.channel_needs:
        if channel in _WORDS and _WORDS[channel].search(written):
            message = (
                f"the call looks like {'an e-mail' if channel == 'email' else 'an SMS'}, "
                f"and the person has no {attribute}"
            )
            needs.append((attribute, Notice("channel_attribute_missing", "warning", message)))
    return needs


def has_attribute(attributes: Mapping[str, Json], name: str) -> bool:
    """Whether a person has it: a text that is not blank, or true."""
    value = attributes.get(name)
    return value is True or (isinstance(value, str) and bool(value.strip()))
