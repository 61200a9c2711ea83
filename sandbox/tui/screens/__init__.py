"""The workbench and the small windows over it."""
