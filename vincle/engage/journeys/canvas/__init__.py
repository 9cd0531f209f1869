"""A definition as the canvas has it: reshaped step by step, also while it is not complete. Pure but for its words."""
