"""
What a release consists of: it is built, checked, built again, installed, and set out to upload.

Run it as ``hatch run release:NAME``; docs/releasing.md says what to do when.
"""
