"""The arguments of the commands that look at a workspace or change its documents."""

from __future__ import annotations

from sandbox.cli.running_arguments import person_options
from sandbox.cli.usage import Adder, json_option, number

__all__ = ["documents", "looking", "workspace"]


def workspace(add: Adder) -> None:
    """``tui``, ``init``, ``reset`` and ``list``."""
    tui = add("tui", "workbench", "open_workbench", "open the workbench", "sandbox tui win-back")
    tui.add_argument("journey", nargs="?", metavar="JOURNEY", help="select this journey")
    init = add(
        "init",
        "workspace",
        "init",
        "make a workspace with the demo in it",
        "sandbox init lesson",
        "sandbox list --workspace lesson",
    )
    init.add_argument("folder", nargs="?", metavar="DIR", help="where (as --workspace)")
    init.add_argument("--empty", action="store_true", help="without the demo")
    reset = add(
        "reset",
        "workspace",
        "reset",
        "back to the start: no runs, the demo's profiles as they were",
        "sandbox reset --counts",
    )
    which = reset.add_mutually_exclusive_group()
    which.add_argument("--counts", action="store_true", help="only forget every run")
    which.add_argument("--profiles", action="store_true", help="only put the profiles back")
    which.add_argument(
        "--all",
        action="store_true",
        help="forget every run and put the whole demo back; what you added stays",
    )
    listing = add(
        "list", "workspace", "show_list", "what is in the workspace", "sandbox list profiles"
    )
    listing.add_argument(
        "what",
        nargs="?",
        choices=["journeys", "profiles", "rules", "presets", "env"],
        help="only these",
    )
    json_option(listing)


def looking(add: Adder) -> None:
    """``render``, ``map``, ``counts``, ``runs`` and ``show``."""
    render = add(
        "render",
        "looking",
        "render",
        "the exact request a step would send",
        "sandbox render newsletter call --profile 7 --no-user-info",
        "sandbox render newsletter call --profile 7 --as curl",
    )
    render.add_argument("journey", metavar="JOURNEY")
    render.add_argument("step", metavar="STEP")
    person_options(render)
    render.add_argument(
        "--as", dest="form", choices=["http", "curl", "json"], default="http", help="default: http"
    )
    render.add_argument("--diff", action="store_true", help="with against without the user info")
    render.add_argument(
        "--explain", action="store_true", help="where each value came from, and its type"
    )
    mapping = add(
        "map", "looking", "show_map", "a journey as a graph", "sandbox map win-back --mermaid"
    )
    mapping.add_argument("journey", metavar="JOURNEY")
    mapping.add_argument("--mermaid", action="store_true", help="as Mermaid text")
    mapping.add_argument("--dialect", metavar="NAME", help="with the exits this vendor has")
    json_option(mapping)
    counts = add(
        "counts",
        "looking",
        "counts",
        "successes and failures per step, as bars",
        "sandbox counts newsletter",
    )
    counts.add_argument("journey", nargs="?", metavar="JOURNEY")
    counts.add_argument("--run", metavar="RUN", help="of one run only")
    json_option(counts)
    runs = add(
        "runs", "looking", "runs", "the history, newest first", "sandbox runs --journey newsletter"
    )
    runs.add_argument("--journey", metavar="ID", help="of this journey")
    runs.add_argument("--profile", metavar="ID", help="of this person")
    runs.add_argument(
        "--limit", type=number(1), default=50, metavar="N", help="at most so many (50)"
    )
    json_option(runs)
    show = add(
        "show", "looking", "show", "one run with its exact requests and answers", "sandbox show 3"
    )
    show.add_argument("run", metavar="RUN", help="its id (r000003) or its number (3)")
    show.add_argument("--reveal", action="store_true", help="has no effect: secrets are not kept")
    show.add_argument(
        "--paths", action="store_true", help="also each value an answer left, by its path"
    )
    json_option(show)


def documents(add: Adder) -> None:
    """``check``, ``dialects``, ``import``, ``export`` and ``schema``."""
    check = add(
        "check",
        "documents",
        "check",
        "static findings; exit 1 when there is something to mend",
        "sandbox check newsletter my-journey.yaml",
    )
    check.add_argument("sources", nargs="+", metavar="FILE|JOURNEY")
    check.add_argument("--env-file", metavar="FILE", help="NAME=value lines for env.NAME")
    json_option(check)
    dialects = add(
        "dialects",
        "documents",
        "dialects",
        "what each vendor does, with the source",
        "sandbox dialects usercom",
    )
    dialects.add_argument("name", nargs="?", metavar="NAME")
    json_option(dialects)
    bringing = add(
        "import",
        "importing",
        "bring",
        "bring documents in",
        "sandbox import people.csv --as profiles",
        "sandbox import my-journey.yaml --replace",
        "sandbox import workflow.json --as kustomer",
    )
    bringing.add_argument("files", nargs="+", metavar="FILE", help="- for standard input")
    bringing.add_argument(
        "--as",
        dest="form",
        choices=["profiles", "journey", "rules", "env", "settings", "curl", "kustomer"],
        help="what it is (else told by the content)",
    )
    bringing.add_argument("--replace", action="store_true", help="overwrite what has the same id")
    bringing.add_argument(
        "--id", metavar="ID", help="the id of a journey made from curl or a workflow"
    )
    json_option(bringing)
    taking = add(
        "export",
        "documents",
        "take",
        "take a document out, to standard output",
        "sandbox export journey newsletter --as yaml",
        "sandbox export run 3 --as rules --step call",
    )
    taking.add_argument(
        "kind", choices=["journey", "profile", "profiles", "rules", "env", "settings", "run"]
    )
    taking.add_argument("id", nargs="?", metavar="ID")
    taking.add_argument(
        "--as",
        dest="form",
        choices=["json", "yaml", "markdown", "rules"],
        default="json",
        help="default: json; markdown: a journey's page for the endpoint's developers; "
        "rules: a run's answers as a rule set (YAML)",
    )
    taking.add_argument("--step", metavar="STEP", help="rules: of this step only")
    taking.add_argument(
        "--profile", metavar="ID", help="markdown: whose values are the examples (the first)"
    )
    taking.add_argument("--reveal", action="store_true", help="also the values of secrets (env)")
    schema = add(
        "schema", "documents", "schema", "the JSON Schema of a document", "sandbox schema journey"
    )
    schema.add_argument("kind", choices=["profile", "journey", "rules", "trace"])
