"""The commands of ``lstm-ref``, one module each: what it takes, and what it does."""
