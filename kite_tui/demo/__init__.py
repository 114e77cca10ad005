"""A simulated cluster: a real HTTP API server on loopback, in a process of its own."""
