"""The living shop: simulated people and a web shop that use Genom over HTTP, as a stranger's shop would."""
