"""Speed and memory of the unit beside other implementations: ``make bench``."""
