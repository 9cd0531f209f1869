"""What the answers to a survey say: figures, pages, files."""
