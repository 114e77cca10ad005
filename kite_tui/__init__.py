"""kite-tui: a read-only terminal app for people who run Kubernetes clusters."""

__version__ = "0.1.0"
