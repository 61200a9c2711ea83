from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from sandbox.errors import DocumentError, InputError, StoreError, UnknownName
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Settings, Variable
from sandbox.seams import Repository
from sandbox.store import TinyRepository, Workspace

from .samples import (
    a_journey,
    a_profile,
    a_secret,
    a_workspace,
    all_bytes,
    as_nobody,
    some_rules,
)


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Workspace]:
    with a_workspace(tmp_path) as workspace:
        yield workspace


@pytest.fixture
def repository(found: Workspace) -> TinyRepository:
    return found.repository


def generation(folder: Path, name: str = "profiles.json") -> int:
    meta = json.loads((folder / name).read_bytes())["_meta"]["1"]
    return int(meta["generation"])


def test_it_is_the_repository_of_the_seams(repository: TinyRepository) -> None:
    seam: Repository = repository
    assert seam.journey("loyalty").id == "loyalty"


def test_models_come_back_as_they_went_in_and_in_order(found: Workspace) -> None:
    repository = found.repository
    person = Profile.parse(
        {
            "id": "é/7 🙂",
            "attributes": {"z": 1, "a": {"deep": [1.5, None, "ł"]}, "n": 9007199254740993},
            "tags": ["x", {"name": "y", "since": "2020"}],
            "lists": [{"name": "l"}],
            "identities": [{"type": "EMAIL", "value": "a@b"}],
        }
    )
    repository.put_profiles([person, a_profile("0")])
    with Workspace.open(found.folder) as other:
        again = other.repository
        assert again.profile("é/7 🙂") == person
        assert again.profile("é/7 🙂").document() == person.document()
        assert (
            [one.id for one in again.profiles()]
            == ["7", "8", "é/7 🙂", "0"]
            == (again.profile_ids())
        )
        assert again.journeys() == [a_journey("newsletter"), a_journey("loyalty")]
        assert again.rule_sets() == [some_rules("all-ok"), some_rules("down")]
        assert again.rule_set("down") == some_rules("down")
        assert [one.name for one in again.variables()] == ["BASE_URL", "APP_TOKEN"]
        assert again.settings() == Settings(active_rules="all-ok")


@pytest.mark.parametrize(
    ("ask", "message", "hint"),
    [
        (lambda r: r.journey("newsleter"), "unknown journey 'newsleter'", "mean newsletter?"),
        (lambda r: r.profile("77"), "unknown profile '77'", "did you mean 7?"),
        (lambda r: r.rule_set("dwn"), "unknown rule set 'dwn'", "did you mean down?"),
        (lambda r: r.delete_journeys(["loyalty", "x"]), "unknown journey 'x'", "there is: "),
        (lambda r: r.delete_variables(["BASE"]), "unknown variable 'BASE'", "BASE_URL?"),
    ],
)
def test_an_unknown_name_lists_the_nearest(
    repository: TinyRepository, ask: Callable[[TinyRepository], object], message: str, hint: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        ask(repository)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert repository.journey_ids() == ["newsletter", "loyalty"]


def test_among_many_profiles_the_nearest_are_still_found(repository: TinyRepository) -> None:
    repository.put_profiles(Profile(id=f"{'ab'[n % 2]}-{n}") for n in range(2400))
    with pytest.raises(UnknownName, match=r"did you mean .*b-77\b"):
        repository.profile("b-77x")


def test_an_existing_id_is_refused_with_all_ids_and_nothing_is_stored(found: Workspace) -> None:
    before = all_bytes(found.folder)
    with pytest.raises(InputError, match="profile 7, 8 are in the workspace already") as caught:
        found.repository.put_profiles([a_profile("9"), a_profile("8"), a_profile("7")])
    assert "--replace" in caught.value.hint
    with pytest.raises(InputError, match="two of the journeys have the id 'x'"):
        found.repository.put_journeys([a_journey("x"), a_journey("x")], replace=True)
    with pytest.raises(InputError, match="a rule set without id"):
        found.repository.put_rule_sets([RuleSet()])
    assert all_bytes(found.folder) == before


def test_replacing_keeps_the_place_and_leaves_nothing_of_the_old_one(
    repository: TinyRepository,
) -> None:
    repository.put_profiles([a_profile("9"), Profile(id="7", lists=("l",))], replace=True)
    assert repository.profile("7") == Profile(id="7", lists=("l",))
    assert repository.profile_ids() == ["7", "8", "9"]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"x": float("nan")}, "NaN"),
        ({"x": [float("inf")]}, "infinity"),
        ({"x": 2**64}, "64-bit"),
        ({"x": "\ud800"}, "surrogates"),
        ({"x": {1, 2}}, "a set"),
    ],
)
def test_what_json_cannot_carry_is_refused(
    repository: TinyRepository, attributes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        repository.put_profiles([a_profile("8"), Profile(id="9", attributes=attributes)], True)
    assert repository.profile_ids() == ["7", "8"]


def test_what_could_not_be_read_again_is_refused(repository: TinyRepository) -> None:
    deep: list[Any] = []
    for _ in range(80):
        deep = [deep]
    with pytest.raises(DocumentError, match="nested deeper than 64"):
        repository.put_profiles([Profile(id="9", attributes={"x": deep})])


def test_nobody_elses_changes_reach_the_store(found: Workspace) -> None:
    repository = found.repository
    mine = {"deep": [1, {"a": 1}]}
    repository.put_profiles([Profile(id="9", attributes=mine)])
    mine["deep"].append(2)
    repository.profile("9").attributes["deep"].append(3)
    repository.profiles()[2].attributes["new"] = 4
    repository.journey("loyalty").trigger.sample["a"] = 5
    repository.put_profiles([a_profile("10")])
    for one in (repository, Workspace.open(found.folder).repository):
        assert one.profile("9").attributes == {"deep": [1, {"a": 1}]}
        assert one.journey("loyalty") == a_journey("loyalty")
        one.close()


def test_a_batch_is_one_write_and_no_change_is_none(found: Workspace) -> None:
    assert generation(found.folder) == 1
    found.repository.put_profiles([a_profile(f"p{n}") for n in range(50)])
    assert generation(found.folder) == 2
    found.repository.put_profiles([])
    found.repository.delete_profiles([])
    assert generation(found.folder) == 2
    found.repository.put_profiles([a_profile("7"), a_profile("new")], replace=True)
    assert generation(found.folder) == 3
    assert generation(found.folder, "workspace.json") == 1


def test_deleting(repository: TinyRepository) -> None:
    repository.delete_journeys(["newsletter", "newsletter"])
    repository.delete_profiles(["8"])
    repository.delete_rule_sets(["down", "all-ok"])
    repository.delete_variables(["BASE_URL"])
    assert repository.journey_ids() == ["loyalty"]
    assert repository.profile_ids() == ["7"]
    assert repository.rule_sets() == []
    assert [one.name for one in repository.variables()] == ["APP_TOKEN"]
    repository.put_journeys([a_journey("newsletter")])
    assert repository.journey_ids() == ["loyalty", "newsletter"]


def test_back_to_the_start(found: Workspace) -> None:
    repository = found.repository
    repository.put_profiles([Profile(id="7"), Profile(id="z")], replace=True)
    repository.put_journeys([a_journey("mine")])
    repository.reset_profiles([a_profile("1"), a_profile("7")])
    assert repository.profiles() == [a_profile("1"), a_profile("7")]
    assert "mine" in repository.journey_ids()
    repository.reset_all([a_journey("a")], [a_profile("2")], [some_rules("r")], [], Settings())
    with Workspace.open(found.folder) as other:
        again = other.repository
        assert again.journeys() == [a_journey("a")]
        assert again.profiles() == [a_profile("2")]
        assert again.rule_sets() == [some_rules("r")]
        assert (again.variables(), again.settings()) == ([], Settings())


def test_a_reset_that_is_refused_changes_nothing(found: Workspace) -> None:
    before = all_bytes(found.folder)
    with pytest.raises(InputError):
        found.repository.reset_all(
            [], [a_profile("1")], [], [a_secret("real"), a_secret()], Settings()
        )
    with pytest.raises(InputError):
        found.repository.reset_all([], [a_profile("1"), a_profile("1")], [], [], Settings())
    assert all_bytes(found.folder) == before


@pytest.mark.parametrize("value", [None, "", "dummy", "Dummy-token", "demo_1"])
def test_a_secret_may_have_a_dummy(repository: TinyRepository, value: str | None) -> None:
    repository.put_variables([a_secret(value)], replace=True)
    assert repository.variables()[1].value == value


def test_a_real_secret_never_reaches_the_disk(found: Workspace) -> None:
    before = all_bytes(found.folder)
    with pytest.raises(InputError, match="the secret APP_TOKEN would be stored") as caught:
        found.repository.put_variables(
            [Variable(name="OK", value="x"), a_secret("s3cr3t-value")], replace=True
        )
    assert "from" in caught.value.hint
    assert "s3cr3t" not in str(caught.value)
    assert all_bytes(found.folder) == before
    found.repository.put_variables([Variable(name="OPEN", value="s3cr3t-value")])


def test_settings_are_changed_on_top_of_the_newest(found: Workspace) -> None:
    with Workspace.open(found.folder) as other:
        assert found.repository.settings() == other.repository.settings()
        other.repository.put_settings(Settings(allowed_hosts=("a.example",)))

        def allow(now: Settings) -> Settings:
            return now.model_copy(update={"allowed_hosts": (*now.allowed_hosts, "b.example")})

        assert found.repository.change_settings(allow).allowed_hosts == ("a.example", "b.example")
        assert other.repository.settings().allowed_hosts == ("a.example", "b.example")


def test_a_run_writes_back_only_what_it_changed(found: Workspace) -> None:
    repository = found.repository
    base = Profile(
        id="9", attributes={"a": 1, "b": 1, "gone": 1, "n": 1}, tags=("x", "y"), lists=("l",)
    )
    repository.put_profiles([base])
    one = base.model_copy(
        update={"attributes": {"a": 2, "b": 1, "n": True}, "tags": ("y", {"name": "z"})}
    )
    with Workspace.open(found.folder) as other:
        two = base.model_copy(
            update={"attributes": {**base.attributes, "c": 3}, "tags": ("x", "y", "w")}
        )
        other.repository.save_profile(two, base)
    repository.save_profile(one, base)
    saved = repository.profile("9")
    assert saved.attributes == {"a": 2, "b": 1, "n": True, "c": 3}
    assert saved.attributes["n"] is True
    assert saved.tags == ("y", "w", {"name": "z"})
    assert saved.lists == ("l",)
    repository.save_profile(base)
    assert repository.profile("9") == base
    repository.save_profile(a_profile("fresh"), a_profile("fresh"))
    assert repository.profile("fresh") == a_profile("fresh")


def test_another_writer_is_noticed(found: Workspace) -> None:
    repository = found.repository
    repository.profiles()
    assert not repository.changed()
    start = repository.version()
    with Workspace.open(found.folder) as other:
        other.repository.put_profiles([a_profile("9")])
        assert not other.repository.changed()
        middle = repository.version()
        assert repository.changed()
        assert middle != start
        assert repository.profile_ids() == ["7", "8", "9"]
        assert not repository.changed()
        assert repository.version() == middle
        for n in range(5):
            other.repository.put_settings(Settings(active_rules=f"r{n}"))
            assert repository.changed()
            assert repository.settings().active_rules == f"r{n}"
    assert not repository.changed()
    assert repository.version() != middle


def test_a_file_that_looks_the_same_is_told_by_its_generation(
    found: Workspace, tmp_path: Path
) -> None:
    # Same inode, same size, same time: what a coarse clock or a network folder may show.
    found.repository.profiles()
    path = tmp_path / "profiles.json"
    before = os.stat(path)
    text = path.read_text(encoding="utf-8")
    with open(path, "r+", encoding="utf-8") as file:
        file.write(text.replace('"generation":1', '"generation":5').replace('"8"', '"q"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not found.repository.changed()
    found.repository.put_profiles([a_profile("9")])
    assert found.repository.profile_ids() == ["7", "q", "9"]
    assert generation(tmp_path) == 6


def test_an_inode_that_comes_back_is_no_disguise(found: Workspace) -> None:
    # Some file systems give the number of a removed file to the next one but one.
    path = found.folder / "profiles.json"
    os.utime(path, ns=(1, 1))
    with Workspace.open(found.folder) as other:
        for n in range(2, 8):
            assert found.repository.profile("7").attributes["email"]
            assert not found.repository.changed()
            other.repository.put_profiles([a_profile("8", n=n)], replace=True)
            other.repository.put_profiles([a_profile("8", n=n)], replace=True)
            os.utime(path, ns=(1, 1))
            assert found.repository.changed()
            assert found.repository.profile("8").attributes == {"n": n}


def test_threads_of_one_process(found: Workspace) -> None:
    wrong: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for n in range(15):
                found.repository.put_profiles([a_profile(f"{name}-{n}")])
                assert found.repository.profile(f"{name}-{n}").id == f"{name}-{n}"
                assert found.repository.profiles()
        except BaseException as bad:
            wrong.append(bad)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(found.repository.profile_ids()) == 2 + 45


def test_a_full_disk_changes_nothing_and_the_next_write_works(found: Workspace) -> None:
    repository = found.repository
    repository.profiles()
    before = all_bytes(found.folder)
    big = Profile(id="big", attributes={"x": "y" * 60_000})
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(StoreError, match="nothing was changed") as caught:
            repository.put_profiles([a_profile("9"), big])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(found.folder / "profiles.json") in caught.value.message
    assert "room twice" in caught.value.hint
    assert all_bytes(found.folder) == before
    assert repository.profile_ids() == ["7", "8"]
    repository.put_profiles([big])
    assert repository.profile("big") == big


@pytest.mark.parametrize("what", ["profiles.json", ".lock", ".", "history.db"])
def test_what_may_not_be_written_can_still_be_read(what: str) -> None:
    with as_nobody() as folder, a_workspace(folder / "w") as found:
        path = found.folder / what
        path.chmod(0o500 if path.is_dir() else 0o400)
        before = all_bytes(found.folder)
        with Workspace.open(found.folder) as again:
            repository = again.repository
            assert repository.profile("7").id == "7"
            assert again.history.runs() == []
            if what != "history.db":
                with pytest.raises(StoreError) as caught:
                    repository.put_profiles([a_profile("9")])
                assert str(found.folder) in caught.value.message
                assert "check who may" in caught.value.hint
                assert all_bytes(found.folder) == before
            assert len(repository.profiles()) + len(repository.journeys()) >= 4


def test_a_file_that_goes_away(found: Workspace) -> None:
    found.repository.profiles()
    (found.folder / "profiles.json").unlink()
    for attempt in (
        found.repository.profiles,
        lambda: found.repository.put_profiles([a_profile()]),
    ):
        with pytest.raises(StoreError, match=r"profiles\.json is missing"):
            attempt()
    assert not (found.folder / "profiles.json").exists()


def test_an_exception_inside_a_write_leaves_no_half(found: Workspace) -> None:
    def fail(now: Settings) -> Settings:
        raise ZeroDivisionError

    before = all_bytes(found.folder)
    with pytest.raises(ZeroDivisionError):
        found.repository.change_settings(fail)
    assert all_bytes(found.folder) == before
    assert found.repository.settings().active_rules == "all-ok"


def test_the_files_are_plain_tinydb_documents(found: Workspace) -> None:
    with TinyDB(found.folder / "workspace.json", access_mode="r") as plain:
        assert [one["id"] for one in plain.table("journeys").all()] == ["newsletter", "loyalty"]
    text = (found.folder / "workspace.json").read_text(encoding="utf-8")
    assert text.startswith('{\n  "_meta": {') and text.endswith("}\n")
    assert (found.folder / "profiles.json").read_text(encoding="utf-8").count("\n") == 0


def test_leavings_of_killed_writers_go_with_the_next_write(found: Workspace) -> None:
    left = found.folder / ".profiles.json.abc123.tmp"
    left.write_bytes(b"half")
    with Workspace.open(found.folder) as other:
        other.repository.profiles()
        assert left.exists()
        other.repository.put_profiles([a_profile("9")])
    assert not left.exists()
