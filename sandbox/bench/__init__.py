"""The bench: one execution core under two fronts (floor 5)."""
