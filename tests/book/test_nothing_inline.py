"""What is moved out of a page when it is written."""

from nothing_inline import move_outside


def test_a_script_that_is_given_by_its_address_alone_stays(tmp_path):
    context = {"script_files": ["plain.js"]}
    move_outside(None, "page", "page.html", context, None)
    assert context == {"script_files": ["plain.js"]}
