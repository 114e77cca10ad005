"""Tests of the watch cache."""
