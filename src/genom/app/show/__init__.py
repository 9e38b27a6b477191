"""Pictures for the terminal: a person, a decision, the genes, a verification."""

from genom.app.show.decision import show_decision
from genom.app.show.deeds import deed_line
from genom.app.show.genes import show_genes
from genom.app.show.person import show_person
from genom.app.show.report import show_report

__all__ = ["deed_line", "show_decision", "show_genes", "show_person", "show_report"]
