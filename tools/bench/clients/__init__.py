"""Clients that send and check echoes, each as a user of its library writes them."""
