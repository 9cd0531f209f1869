"""Addresses of this stage that carry more than the workspace."""

EXAMPLES = {"analyse:table": lambda workspace: {"name": "ladder"}}
