"""What a survey asks, as values: its questions, the order they are asked in, and what an answer may be. Pure."""
