"""The yardstick of the first frame: Textual with a tree, a table and a footer, and nothing else."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Tree

__all__ = ["MARKER", "BareApp"]

MARKER = "row-marker-7"


class BareApp(App[None]):
    """Three widgets with a few rows."""

    BINDINGS = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """The three."""
        tree: Tree[None] = Tree("journeys")
        tree.root.expand()
        for number in range(6):
            tree.root.add_leaf(f"journey {number}")
        yield tree
        yield DataTable()
        yield Footer()

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_columns("id", "name")
        for number in range(12):
            table.add_row(str(number), f"row-marker-{number}")


if __name__ == "__main__":
    BareApp().run()
