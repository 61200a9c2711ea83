"""What the workbench is made of: each widget shows a part of a snapshot and posts intents."""
