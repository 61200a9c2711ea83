"""Handlebars, a compiled subset of our own: escaping, blocks, helpers, JavaScript's printing.

Texts are parsed once (``scanner``, ``parser``, ``whitespace``), compiled to closures
(``compiler``) and render many times. A template looks values up and calls the helpers of
``library``; it cannot run code and reaches no attribute of a Python object. What is not supported
(partials, decorators, raw blocks, unknown helpers) is an error with its position.

One accident of handlebars.js is not repeated: there, two raw numbers at the very beginning of a
text or block with nothing between them, as in ``{{{1}}}{{{2}}}``, are added up.
"""
