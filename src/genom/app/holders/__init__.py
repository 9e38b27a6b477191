"""The node's holders of personal data: one module for each store."""
