"""`make bench`: speed and memory of what users wait for, each beside a baseline of the same run, as a ratio."""
