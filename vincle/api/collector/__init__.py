"""The collector: takes events in over HTTP as Segment's clients send them, and says so only once they are on disk."""
