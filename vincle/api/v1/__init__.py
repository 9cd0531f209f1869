"""The public HTTP API, version 1: `endpoint.py` says how one is made, `answering.py` how it answers, `openapi.py` describes them all."""
