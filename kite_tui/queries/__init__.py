"""Pure functions: a Reader in, frozen views out. No UI, no threads, no requests."""
