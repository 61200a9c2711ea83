"""Text + context → value.

One small module per syntax; every rendered value knows where it came from.
"""
