"""What a model foresees: a probability, or one for each thing, computed when it is read and kept nowhere.

No file declares one: a question to learn brings its gene, and the model that serves answers it.  A new model changes no
state of anybody, and where a gene that the model reads is withheld, so is its answer.

>>> from genom.genome.predictions import prediction_gene
>>> gene = prediction_gene("inactive_30d", family="lifecycle", label={"en": "Stays away", "de": "Bleibt fern"})
>>> gene.op, gene.id
('prediction', 'lifecycle.inactive_30d.prediction')
"""

from genom.genome.ops.base import Laws, Op, Storage

__all__ = ["PREDICTION"]

PREDICTION = Op(
    name="prediction",
    laws=Laws(commutative=True, idempotent=False, invertible=False, rtol=0.0),  # those of the genes that it reads
    storage=Storage.NONE,
    says={"en": "Foreseen", "de": "Vorhergesagt"},
)
