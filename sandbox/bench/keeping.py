"""``--keep``: what a run changed goes back into the workspace."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.engine.person import Person
from sandbox.masking import Masker
from sandbox.model.base import Json
from sandbox.model.profile import Profile
from sandbox.model.trace import Finding, Trace
from sandbox.seams import Repository

__all__ = ["keep"]


def keep(
    repository: Repository, trace: Trace, overrides: Mapping[str, Json], masker: Masker
) -> Trace:
    """Write back what the run changed, but nothing that was lent to it, and no secret."""
    before, after = trace.before, trace.after
    if not isinstance(before, Person) or not isinstance(after, Person) or after == before:
        return trace
    stored = repository.profile(trace.profile)
    attributes = dict(after.attributes)
    withheld = []
    for name, value in after.attributes.items():
        unchanged = name in before.attributes and before.attributes[name] == value
        if not unchanged and masker.json(value) != value:
            withheld.append(name)
        elif not (unchanged and name in overrides):
            continue
        attributes.pop(name)
        if name in stored.attributes:
            attributes[name] = stored.attributes[name]
    tags = [tag for tag in after.tags if tag in before.tags or masker.json(tag) == tag]
    withheld += ["a tag"] * (len(tags) < len(after.tags))
    left = {**after.document(), "attributes": attributes, "tags": tags}
    repository.save_profile(Profile.parse(left, f"profile {trace.profile}"), stored)
    if not withheld:
        return trace
    message = f"{', '.join(withheld)} would have held a secret and is not written back"
    finding = Finding("secret_not_kept", "warning", "", message)
    return trace._replace(findings=(*trace.findings, finding))
