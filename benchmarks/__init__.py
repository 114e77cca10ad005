"""Times and sizes, side by side with what else does the job: `make bench`, or `python -m benchmarks --help`.

Servers, the program and whoever measures are processes of their own; nothing leaves loopback.
"""
