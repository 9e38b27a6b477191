"""Genes of a running node: sets of genes, their versions, kernels and what uses them."""

__all__: list[str] = []
