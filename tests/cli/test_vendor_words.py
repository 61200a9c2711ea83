"""The vendor's own names of fields and counters stand beside ours wherever a person reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.console import Console
from tests.cli.test_workspace import write


@pytest.mark.parametrize(
    ("journey", "step", "words"),
    [
        ("newsletter", "call", ("Extra data (JSON)", "Add header", "Exclude user info from call")),
        ("loyalty-credit", "credit", ("Base URL and Path", "Payload", "Headers")),
        ("contact-sync", "sync", ("URI", "Data", "Headers")),
    ],
)
def test_explain_and_the_page_to_hand_over(
    sandbox: Console, journey: str, step: str, words: tuple[str, ...]
) -> None:
    told = sandbox.ok("render", journey, step, "--profile", "7", "--explain").out
    page = sandbox.ok("export", "journey", journey, "--as", "markdown").out
    for word in words:
        assert word in told
        assert f"*{word}* (" in page


def test_explain_says_where_custom_attributes_come_from(sandbox: Console) -> None:
    told = sandbox.ok("render", "newsletter", "call", "--profile", "7", "--explain").out
    (line,) = [one for one in told.splitlines() if one.startswith("body.user.attributes ")]
    assert "attributes without a field of their own" in line
    assert "empty value" not in line


@pytest.mark.parametrize(
    ("stored", "source", "sent"),
    [({}, "(the profile's id)", '"101"'), ({"id": None}, "(the profile's id)", '"101"'),
     ({"id": 7}, "(the stored attribute id)", "7")],
)  # fmt: skip
def test_the_id_of_the_user_info_says_which_id_it_is(
    sandbox: Console, tmp_path: Path, stored: dict[str, int | None], source: str, sent: str
) -> None:
    sandbox.ok("import", write(tmp_path, {"id": "101", "attributes": stored}), "--as", "profiles")
    told = sandbox.ok("render", "newsletter", "call", "--profile", "101", "--explain").out
    (line,) = [one for one in told.splitlines() if one.startswith("body.user.id ")]
    assert source in line
    assert sent in line
    (key,) = [one for one in told.splitlines() if one.startswith("body.user.key ")]
    assert "(the vendor's empty value)" in key
    page = sandbox.ok("export", "journey", "newsletter", "--as", "markdown", "--profile", "101").out
    assert f"| `user.id` | `the user info: {source.strip('()')}` |" in page


@pytest.mark.parametrize(
    ("dialect", "word"), [("usercom", "Extra data (JSON)"), ("insider", "Payload")]
)
def test_check_names_the_vendors_field(
    sandbox: Console, tmp_path: Path, dialect: str, word: str
) -> None:
    step = {"id": "call", "kind": "call_api", "method": "POST", "url": "http://x.test/",
            "headers": {"Content-Type": "application/json"}, "body": '{"a": 1 "b": 2}'}  # fmt: skip
    document = {"id": "j", "dialect": dialect, "trigger": {"kind": "event", "name": "e"},
                "steps": [step]}  # fmt: skip
    said = sandbox("check", write(tmp_path, document))
    shown = " ".join(said.out.split())
    assert "json_invalid [call] the body is not valid JSON at line 1, column 9" in shown
    assert f"(the vendor calls the field {word})" in shown


@pytest.mark.parametrize(
    ("journey", "step", "says"),
    [
        ("loyalty-credit", "credit", "insider: ✓ Success 1  ✗ Failed 1  Retried 0  (reported)"),
        ("contact-sync", "sync", "kustomer: ✓ Success 2  ✗ Error 1  Retried 0  (assumed)"),
    ],
)
def test_counts_and_map_name_the_counters_and_json_keeps_its_keys(
    sandbox: Console, journey: str, step: str, says: str
) -> None:
    for answer in ("200", "503"):
        sandbox.ok("fire", journey, "--profile", "7", "--answer", f"{step}={answer}")
    assert says in sandbox.ok("counts", journey).out
    assert says in sandbox.ok("map", journey).out
    counts = sandbox.ok("counts", journey, "--json").json[journey][step]
    assert set(counts) == {"success", "failure", "attempts", "retried", "by_code"}
