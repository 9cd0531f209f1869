"""What each person is worth: purchases to come, whom they bring and sway, what they know, and what serving them costs."""
