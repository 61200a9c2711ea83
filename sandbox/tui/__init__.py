"""The workbench in the terminal; the only room that imports textual (floor 7)."""
