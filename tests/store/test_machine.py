"""Any order of writes, failing writes, full disks, mutated results and other writers: the store
holds what a dict would hold.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.errors import InputError, StoreError, UnknownName
from sandbox.model.profile import Profile
from sandbox.store import Workspace

ids = st.sampled_from(["1", "2", "3", "4", "5", "é", "10"])
batches = st.lists(ids, min_size=1, max_size=4, unique=True)
values = st.one_of(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=30))


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Broken(Exception):
    """What a failing change raises."""


class Store(RuleBasedStateMachine):
    """Two open workspaces on one folder; ``self.model`` is what both must show."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sandbox-machine-"))
        self.model: dict[str, Profile] = {}
        self.open: list[Workspace] = []

    @initialize()
    def start(self) -> None:
        self.open = [Workspace.create(self.folder), Workspace.open(self.folder)]

    def teardown(self) -> None:
        for one in self.open:
            one.close()
        shutil.rmtree(self.folder)

    @rule(who=st.integers(0, 1), batch=batches, value=values, replace=st.booleans())
    def put(self, who: int, batch: list[str], value: object, replace: bool) -> None:
        new = {one: Profile(id=one, attributes={"x": {"deep": value}}) for one in batch}
        taken = set(batch) & set(self.model)
        if taken and not replace:
            with pytest.raises(InputError):
                self.open[who].repository.put_profiles(new.values())
        else:
            self.open[who].repository.put_profiles(new.values(), replace)
            self.model |= new

    @rule(who=st.integers(0, 1), one=ids, fault=st.sampled_from(["write", "fsync", "replace"]))
    def put_on_a_full_disk(self, who: int, one: str, fault: str) -> None:
        with mock.patch.object(os, fault, no_room), pytest.raises(StoreError):
            self.open[who].repository.put_profiles(
                [Profile(id=one, attributes={"lost": 1}), Profile(id="lost")], replace=True
            )

    @rule(who=st.integers(0, 1), batch=batches)
    def break_off_in_the_middle(self, who: int, batch: list[str]) -> None:
        with pytest.raises(Broken), self.open[who]._profiles.writing() as tables:
            tables["profiles"].put({one: {"id": one, "half": True} for one in batch})
            raise Broken

    @rule(who=st.integers(0, 1), batch=batches)
    def delete(self, who: int, batch: list[str]) -> None:
        repository = self.open[who].repository
        if set(batch) <= set(self.model):
            repository.delete_profiles(batch)
            for one in batch:
                del self.model[one]
        else:
            with pytest.raises(UnknownName):
                repository.delete_profiles(batch)

    @rule(who=st.integers(0, 1), one=ids)
    def save(self, who: int, one: str) -> None:
        base = self.model.get(one, Profile(id=one))
        attributes = {**base.attributes, f"by{who}": who}
        changed = base.model_copy(update={"attributes": attributes, "tags": (*base.tags, "t")})
        self.open[who].repository.save_profile(changed, self.model.get(one))
        tags = base.tags if "t" in base.tags else (*base.tags, "t")
        if one not in self.model:
            tags = changed.tags
        self.model[one] = changed.model_copy(update={"tags": tags})

    @rule(who=st.integers(0, 1), batch=batches)
    def reset(self, who: int, batch: list[str]) -> None:
        self.model = {one: Profile(id=one) for one in batch}
        self.open[who].repository.reset_profiles(self.model.values())

    @rule(who=st.integers(0, 1))
    def spoil_what_was_returned(self, who: int) -> None:
        repository = self.open[who].repository
        for profile in repository.profiles():
            profile.attributes.setdefault("x", {})["deep"] = "spoilt"
            repository.profile(profile.id).attributes["spoilt"] = True

    @rule(who=st.integers(0, 1))
    def open_again(self, who: int) -> None:
        self.open[who].close()
        self.open[who] = Workspace.open(self.folder)

    @invariant()
    def both_show_the_model(self) -> None:
        for one in self.open:
            assert one.repository.profile_ids() == list(self.model)
            assert one.repository.profiles() == list(self.model.values())
            for own_id, profile in self.model.items():
                assert one.repository.profile(own_id) == profile
            assert not one.repository.changed()
        left = [name for name in os.listdir(self.folder) if name.endswith(".tmp")]
        assert left == []


quick = settings(
    max_examples=15,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestStore = pytest.mark.slow(Store.TestCase)
TestStore.settings = quick


@pytest.mark.slow
def test_many_more() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    thorough = settings(quick, max_examples=150, stateful_step_count=30)
    run_state_machine_as_test(Store, settings=thorough)
