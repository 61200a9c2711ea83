"""What a workspace holds: journeys, profiles, rule sets, variables and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sandbox.errors import InputError, StoreError
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Settings, Variable
from sandbox.store.documents import Collection, DocumentFile
from sandbox.store.merging import merged
from sandbox.store.shelf import Shelf
from sandbox.store.storage import Signature

__all__ = ["PROFILE_TABLES", "WORKSPACE_TABLES", "TinyRepository", "Version"]

WORKSPACE_TABLES = {"journeys": "id", "rule_sets": "id", "variables": "name", "settings": ""}
"""The tables of ``workspace.json`` and the field that is a document's id."""

PROFILE_TABLES = {"profiles": "id"}
"""The same of ``profiles.json``."""

Version = tuple[Signature | None, Signature | None]

_DUMMIES = ("dummy", "demo")


class TinyRepository:
    """The documents of a workspace, from whichever process wrote them last.

    Lists hold what validates; ``problems`` tells of the rest. A model that is returned is the
    caller's own: changing what it holds changes nothing here.
    """

    def __init__(self, workspace: DocumentFile, profiles: DocumentFile) -> None:
        """Touches nothing yet."""
        self._workspace = workspace
        self._people = profiles
        self._journeys = Shelf(workspace, "journeys", "journey", Journey)
        self._rule_sets = Shelf(workspace, "rule_sets", "rule set", RuleSet)
        self._variables = Shelf(workspace, "variables", "variable", Variable, "name")
        self._profiles = Shelf(profiles, "profiles", "profile", Profile)

    def journeys(self) -> list[Journey]:
        """All, in the order they were added."""
        return self._journeys.all()

    def journey(self, journey_id: str) -> Journey:
        """One.

        Raises:
            UnknownName: with the nearest ids.
            StoreError: when it no longer validates.
        """
        return self._journeys.one(journey_id)

    def journey_ids(self) -> list[str]:
        """All ids, without reading the documents."""
        return self._journeys.ids()

    def profiles(self) -> list[Profile]:
        """All, in the order they were added."""
        return self._profiles.all()

    def profile(self, profile_id: str) -> Profile:
        """One.

        Raises:
            UnknownName: with the nearest ids.
            StoreError: when it no longer validates.
        """
        return self._profiles.one(profile_id)

    def profile_ids(self) -> list[str]:
        """All ids, without reading the documents."""
        return self._profiles.ids()

    def rule_sets(self) -> list[RuleSet]:
        """All, in the order they were added."""
        return self._rule_sets.all()

    def rule_set(self, rules_id: str) -> RuleSet:
        """One.

        Raises:
            UnknownName: with the nearest ids.
            StoreError: when it no longer validates.
        """
        return self._rule_sets.one(rules_id)

    def variables(self) -> list[Variable]:
        """The declared variables, in the order they were added."""
        return self._variables.all()

    def settings(self) -> Settings:
        """The workspace's settings.

        Raises:
            StoreError: when they no longer validate.
        """
        with self._workspace.reading() as tables:
            return self._opened_settings(tables["settings"])

    def problems(self) -> list[StoreError]:
        """One error for each stored document that no longer validates."""
        found = [
            *self._journeys.problems(),
            *self._profiles.problems(),
            *self._rule_sets.problems(),
            *self._variables.problems(),
        ]
        try:
            self.settings()
        except StoreError as wrong:
            found.append(wrong)
        return found

    def put_journeys(self, journeys: Iterable[Journey], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite; all or none.

        Raises:
            InputError: when an id exists and ``replace`` is off.
            StoreError: when they cannot be written; nothing was changed.
        """
        self._journeys.put(journeys, replace)

    def put_profiles(self, profiles: Iterable[Profile], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite; all or none. Raises as ``put_journeys``."""
        self._profiles.put(profiles, replace)

    def put_rule_sets(self, rule_sets: Iterable[RuleSet], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite; all or none. Raises as ``put_journeys``."""
        self._rule_sets.put(rule_sets, replace)

    def put_variables(self, variables: Iterable[Variable], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite; all or none. Raises as ``put_journeys``.

        Raises:
            InputError: also when a secret one brings a value that is not a dummy.
        """
        self._variables.put(_without_secrets(variables), replace)

    def put_settings(self, settings: Settings) -> None:
        """Overwrite the settings."""
        self.change_settings(lambda _: settings)

    def change_settings(self, change: Callable[[Settings], Settings]) -> Settings:
        """Replace the settings by what ``change`` makes of the newest ones, under the lock."""
        with self._workspace.writing() as tables:
            new = change(self._opened_settings(tables["settings"]))
            tables["settings"].replace_all([_settings(new)])
            return new

    def save_profile(self, profile: Profile, base: Profile | None = None) -> None:
        """Write a profile back after a run.

        Args:
            profile: as the run left it.
            base: as the run found it. With it only the differences are carried over to what is
                stored by now, so that two runs at the same time lose nothing of each other.
        """

        def change(stored: Profile | None) -> Profile:
            return profile if base is None or stored is None else merged(base, profile, stored)

        self._profiles.change(profile.id, change)

    def delete_journeys(self, journey_ids: Sequence[str]) -> None:
        """Remove these; all or none.

        Raises:
            UnknownName: when one is not there.
        """
        self._journeys.delete(journey_ids)

    def delete_profiles(self, profile_ids: Sequence[str]) -> None:
        """Remove these; all or none. Raises as ``delete_journeys``."""
        self._profiles.delete(profile_ids)

    def delete_rule_sets(self, rules_ids: Sequence[str]) -> None:
        """Remove these; all or none. Raises as ``delete_journeys``."""
        self._rule_sets.delete(rules_ids)

    def delete_variables(self, names: Sequence[str]) -> None:
        """Remove these; all or none. Raises as ``delete_journeys``."""
        self._variables.delete(names)

    def reset_profiles(self, profiles: Iterable[Profile]) -> None:
        """Nothing but these profiles."""
        documents = self._profiles.closed(profiles)
        with self._people.writing() as tables:
            tables["profiles"].replace_all(documents.values())

    def reset_all(
        self,
        journeys: Iterable[Journey],
        profiles: Iterable[Profile],
        rule_sets: Iterable[RuleSet],
        variables: Iterable[Variable],
        settings: Settings,
    ) -> None:
        """Nothing but these. Each of the two files is replaced at once, the profiles first."""
        documents = self.documents(journeys, rule_sets, variables, settings)
        people = self._profiles.closed(profiles)
        with self._workspace.writing() as tables:
            for name, table in tables.items():
                table.replace_all(documents[name])
            with self._people.writing() as people_tables:
                people_tables["profiles"].replace_all(people.values())

    def documents(
        self,
        journeys: Iterable[Journey],
        rule_sets: Iterable[RuleSet],
        variables: Iterable[Variable],
        settings: Settings,
    ) -> dict[str, list[dict[str, Json]]]:
        """These models as the tables of ``workspace.json``.

        Raises:
            InputError: when one of them cannot be stored.
        """
        return {
            "journeys": list(self._journeys.closed(journeys).values()),
            "rule_sets": list(self._rule_sets.closed(rule_sets).values()),
            "variables": list(self._variables.closed(_without_secrets(variables)).values()),
            "settings": [_settings(settings)],
        }

    def profile_documents(self, profiles: Iterable[Profile]) -> list[dict[str, Json]]:
        """These profiles as the table of ``profiles.json``.

        Raises:
            InputError: when one of them cannot be stored.
        """
        return list(self._profiles.closed(profiles).values())

    def version(self) -> Version:
        """Differs from the last one when anybody, this process too, has written; about 2 µs."""
        return self._workspace.version(), self._people.version()

    def changed(self) -> bool:
        """Whether another process has written since this one last read or wrote; about 2 µs."""
        return self._workspace.changed() or self._people.changed()

    def close(self) -> None:
        """Let go of the files; they are opened again when they are needed."""
        self._workspace.close()
        self._people.close()

    def _opened_settings(self, table: Collection) -> Settings:
        stored = table.all()
        if not stored:
            return Settings()
        try:
            return Settings.parse(stored[0], "settings")
        except InputError as wrong:
            raise StoreError(
                f"{self._workspace.path}: {wrong.message}", "correct them in the file"
            ) from wrong


def _settings(settings: Settings) -> dict[str, Json]:
    return Settings.parse(settings.document(), "settings").document()


def _without_secrets(variables: Iterable[Variable]) -> list[Variable]:
    checked = list(variables)
    literal = [
        one.name
        for one in checked
        if one.secret and one.value and not one.value.lower().startswith(_DUMMIES)
    ]
    if literal:
        raise InputError(
            f"the secret {', '.join(literal)} would be stored as a literal value; "
            "nothing was stored",
            "give `from: NAME_IN_THE_ENVIRONMENT` instead; only a value that begins with "
            "dummy or demo may stand in the workspace",
        )
    return checked
