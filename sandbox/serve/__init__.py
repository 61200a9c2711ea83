"""Servers on loopback: an endpoint for first live calls, and the trigger API."""
