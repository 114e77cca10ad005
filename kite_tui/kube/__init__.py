"""The way to the API server: config, credentials, transport, errors, rate limit."""
