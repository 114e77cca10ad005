"""What stands around the pods, a module for every part of it: each makes its objects from a Scribe."""
