"""How fast it is, as ratios against bare libraries measured in the same run: ``python -m
benchmarks``.
"""
