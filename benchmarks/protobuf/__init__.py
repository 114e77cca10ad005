"""Does protobuf beat JSON, from the request to the rows? `python -m benchmarks.protobuf`; see docs/protobuf.md."""
