"""What chapters 8 to 10 report on: the cases, the sweeps over many seeds, and the models that the chapters open."""
