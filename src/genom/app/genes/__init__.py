"""Genes of a running node: sets of genes, their versions, kernels and what uses them."""
