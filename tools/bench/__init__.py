"""Measure this project beside its peers: ``hatch run bench:quick``, ``hatch run bench:all``."""
