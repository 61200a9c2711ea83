"""Questions over many walks: sweeping every failure, comparing vendors. Pure; no I/O."""
