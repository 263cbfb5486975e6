"""
A strictness suite: what a WebSocket server or client must do with each of these bytes.

It speaks raw TCP and knows no implementation, ours neither: it is made of the standard library
alone. ``cases`` holds the data, ``tools/check_strictness.py`` runs them.
"""
