"""Request → answer, purely: which rule matches, which of its items answers, how long it takes.

``engine.MockEngine`` compiles a rule set once; ``engine.Session`` answers one run's requests;
``answerer.PureAnswerer`` offers that to a walk. Nothing here sends, sleeps or reads a clock.
"""
