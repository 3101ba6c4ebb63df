"""Everything that a few minutes on a GPU can tell, in one go and in a few small files: ``make gpu``."""
