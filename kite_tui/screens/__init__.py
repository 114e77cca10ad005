"""One screen a module: composes widgets, asks one query, hands views to widgets."""
