"""Many connections, or the same ones for long: does a process hold more than it did before?"""
