"""What things are: documents (frozen pydantic models) and the facts of a walk (named tuples). No
I/O, no behaviour.
"""
