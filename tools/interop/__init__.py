"""What the tests that talk to peers of other makes need: the peers, patience, and a table of it."""
