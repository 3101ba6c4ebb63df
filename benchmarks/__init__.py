"""Speed and memory of the unit beside other implementations: ``python tools/project.py bench``."""
