"""
Fuzzers: one module a target, which states what must hold for each input of its kind.

A target has a ``Case``, a named tuple of Python literals, so that an input can be printed, kept
in a file and read again; ``make(rng)`` makes one at random, ``read(data)`` out of bytes, for what
mutates bytes; ``SEEDS`` are such bytes, known to be of interest; ``check(case)`` raises if
something does not hold. ``tools/run_fuzz.py`` makes inputs at random, ``tools/run_guided.py``
lets atheris find those that reach new code.
"""
