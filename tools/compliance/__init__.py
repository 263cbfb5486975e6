"""Autobahn's test suite, which looks at the server and at the client of this repository."""
