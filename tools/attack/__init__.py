"""A server and a client to attack, what attacks them, and who is served meanwhile."""
