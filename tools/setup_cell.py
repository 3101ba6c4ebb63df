# In Colab, this installs the package of the book. Where it is installed, nothing happens.
from importlib.util import find_spec

REPOSITORY = "-owner-/-name-"
if find_spec("lstm_ref") is None:
    if REPOSITORY.startswith("-"):
        print("lstm_ref is missing, and no address is set to fetch it from: see the README.")
    else:
        package = f"lstm_ref[book,torch] @ git+https://github.com/{REPOSITORY}"
        get_ipython().run_line_magic("pip", f'install --quiet "{package}"')
