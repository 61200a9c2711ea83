"""Conditions: a comparison, or ``all``, ``any`` and ``not`` of others."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from sandbox.model.base import Json, Model

__all__ = ["Condition", "Operator"]

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "starts_with", "exists"]


class Condition(Model):
    """Exactly one of: ``{path, op, value}``, ``{all: […]}``, ``{any: […]}``, ``{not: {…}}``."""

    path: str | None = None
    op: Operator | None = None
    value: Json = None
    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    not_: Condition | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [name for name in ("path", "all", "any", "not_") if getattr(self, name) is not None]
        if len(forms) != 1:
            raise ValueError("a condition has exactly one of path, all, any, not")
        if forms == ["path"]:
            if self.op is None:
                raise ValueError("a comparison needs op")
            if self.op != "exists" and "value" not in self.model_fields_set:
                raise ValueError(f"the operator {self.op} needs a value")
            if self.op == "in" and not isinstance(self.value, list):
                raise ValueError("the operator in needs a list as its value")
        elif self.op is not None or "value" in self.model_fields_set:
            raise ValueError("op and value belong to a comparison with path")
        return self
