"""Pictures as lines of text, the same ones in the terminal application and on the command line.

Every function returns lines of spans; a span names its role, and who prints it picks the colour.
"""
