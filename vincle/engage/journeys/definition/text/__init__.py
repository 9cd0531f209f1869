"""The readable form of a journey: `printing.show` writes it, `parsing.parse` reads it back to the same."""
