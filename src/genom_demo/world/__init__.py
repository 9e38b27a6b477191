"""The simulated people of the living shop: who they are, what truly moves them, and what they do."""
