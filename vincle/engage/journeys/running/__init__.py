"""What makes journeys go: the log's news and the passing of time move people from step to step, each step once.

Everything a batch comes to (steps done, messages handed to the outbox, tags, tasks) is written in one transaction with the cursor of the
step `journeys`, or, where time alone moved people, under its lease: killed at any point it begins again and comes to the same.
"""
