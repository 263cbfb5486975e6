"""Uses of the C speedups, each path of them, and what looks for traces that they leave."""
