"""What lies on the way to a purchase, and which part of the sale each touchpoint may claim."""
