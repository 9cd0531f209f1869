"""Segment's client for Python."""

from segment.analytics.client import Client
from story import run

if __name__ == "__main__":
    run(Client)
