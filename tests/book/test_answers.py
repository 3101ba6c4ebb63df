"""Exercises that need no Python are answered in the page: by pointer and by keyboard alone."""

import answers
import pytest
from helpers.book import CHAPTERS, ROOT
from helpers.visit import DESK
from question_kinds import Choice, Number, Order
from questions import QUESTIONS

HEARD = """() => {
  window.heard = [];
  document.addEventListener('exercise-solved', ({ detail }) => window.heard.push(detail.exercise));
}"""


def notebook(exercise):
    number = int(exercise.split(".")[0])
    return next(ROOT / f"{name}.ipynb" for name in CHAPTERS if f"/{number:02d}_" in f"/{name.split('/')[-1]}")


@pytest.fixture(scope="module")
def page(browser, served):
    with browser.new_context(viewport=DESK) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.said = []
        page.on("pageerror", lambda error: page.said.append(str(error)))
        yield page
        assert page.said == []


@pytest.fixture
def form(page, served, request):
    """The form of an exercise, on its page loaded anew."""
    page.goto(f"{served}/book/{notebook(request.param).stem}.html", wait_until="domcontentloaded")
    page.evaluate(HEARD)
    return page.locator(f'form.answer[data-exercise="{request.param}"]')


def check(form):
    """Ask for the verdict, and return it."""
    form.get_by_role("button", name="Check").click()
    return form.locator(".verdict").inner_text()


def in_order(field, own):
    """Return the things of an order, each behind all that must stand above it."""
    before, done = field.of(own), []
    while len(done) < len(field.items):
        ready = (one for one in field.items if {above for above, below in before if below == one} <= {*done})
        done.append(next(one for one in ready if one not in done))
    return done


def fill(form, question, own):
    """Answer an exercise as its own solution does."""
    for field, place in zip(question.fields, form.locator(".field").all(), strict=True):
        if isinstance(field, Number):
            place.locator("input").fill(f"{float(field.of(own)):,.6g}".replace("-", "−"))
        elif isinstance(field, Choice):
            for option, right in field.of(own).items():
                place.locator(f'input[value="{option}"]').set_checked(right)
        else:
            for place_of, item in enumerate(in_order(field, own)):
                while place.locator("li").nth(place_of).get_attribute("data-item") != item:
                    place.get_by_role("button", name=f"Move {answers.read_out(item)} up").click()


def spoil(field, place, own):
    """Make one field of a right answer wrong, as little as can be."""
    if isinstance(field, Number):
        place.locator("input").fill(f"{float(field.of(own)) + 3 * field.tolerance:.8g}")
    elif isinstance(field, Choice):
        option, right = next(iter(field.of(own).items()))
        place.locator(f'input[value="{option}"]').set_checked(not right)
    else:
        _, below = min(field.of(own))
        while place.locator("li").first.get_attribute("data-item") != below:
            place.get_by_role("button", name=f"Move {answers.read_out(below)} up").click()


@pytest.mark.parametrize(
    ("form", "question"), [(one.exercise, one) for one in QUESTIONS], indirect=["form"], ids=lambda one: str(one)[:24]
)
def test_what_the_solution_answers_is_right_and_nothing_else_is(page, form, question):
    assert check(form).startswith("Not yet.") and form.locator(".hint").is_visible()
    assert page.evaluate("window.heard") == []
    own = answers.names(answers.cells(notebook(question.exercise), question.exercise)[1])
    for field, place in zip(question.fields, form.locator(".field").all(), strict=True):
        fill(form, question, own)
        spoil(field, place, own)
        assert check(form).startswith("Not yet."), field.label
    fill(form, question, own)
    assert check(form) == "Right." and form.locator(".hint").is_hidden()
    assert page.evaluate("window.heard") == [question.exercise]


@pytest.mark.parametrize("form", ["2.1"], indirect=True)
def test_a_number_may_be_written_as_a_reader_writes_it_and_is_right_within_its_tolerance(form):
    verdicts = {"6.6": "Right.", "6,579": "Right.", " 6.55 ": "Right.", "13.16/2": "Right."}
    verdicts |= {wrong: f"Not yet. {wrong} is not it." for wrong in ("6.5", "6.7", "6,579,000", "-6.6")}
    verdicts |= {"": "Not yet. A number is still missing."}
    verdicts |= {"ten": "Not yet. “ten” cannot be read as a number."}
    verdicts |= {"10": "Not yet. 10 is what the unfinished cell gives."}
    for typed, verdict in verdicts.items():
        form.locator("input").fill(typed)
        assert check(form) == verdict, typed


@pytest.mark.parametrize("form", ["6.1"], indirect=True)
def test_a_line_of_the_drawing_is_taken_away_by_a_click_and_by_the_keyboard(page, form):
    box = form.locator('input[data-from="c_prev"][data-to="box_o"]')
    line = page.locator('path.wire[data-from="c_prev"][data-to="box_o"]').last
    page.locator("path.wire-hit").evaluate_all("all => all.forEach((one, k) => (one.dataset.k = k))")
    drawn = line.get_attribute("d")
    page.locator(f'path.wire-hit[d="{drawn}"]').click()
    assert not box.is_checked() and "cut" in line.get_attribute("class")
    assert check(form) == "Not yet. Still to find: 2 lines too many, 3 missing."
    box.focus()
    page.keyboard.press("Space")
    assert box.is_checked() and "cut" not in line.get_attribute("class")
    form.locator('input[data-from="x_t"][data-to="box_f"]').focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert form.locator(".verdict").inner_text() == "Not yet. x_t into f_t was right as drawn."


@pytest.mark.parametrize("form", ["6.1"], indirect=True)
def test_a_line_that_is_added_ends_at_the_rim_of_its_network_and_can_be_clicked_away(page, form):
    for source in ("h_prev", "plus"):
        box = form.locator(f'input[data-from="{source}"][data-to="box_f"]')
        box.check()
        added = page.locator(".wire-added.ticked")
        from_centre = """(node) => {
          const wire = node.querySelector("path.wire");
          const end = wire.getPointAtLength(wire.getTotalLength());
          const rim = node.ownerSVGElement.querySelector("[data-place=f] circle");
          return Math.hypot(end.x - rim.cx.baseVal.value, end.y - rim.cy.baseVal.value) / rim.r.baseVal.value;
        }"""
        assert added.evaluate(from_centre) == pytest.approx(1, abs=0.02)
        added.locator(".wire-hit").dispatch_event("click")
        assert not box.is_checked() and added.count() == 0


@pytest.mark.parametrize("form", ["6.4"], indirect=True)
def test_things_are_put_in_order_by_the_keyboard_and_the_focus_goes_along(page, form):
    button = form.get_by_role("button", name="Move f_t up")
    button.focus()
    page.keyboard.press("Enter")
    assert form.locator(".verdict").inner_text() == "f_t is now 5 of 6."
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Move f_t up"


@pytest.mark.parametrize("form", ["6.4"], indirect=True)
def test_a_pointer_that_stays_moves_the_same_thing_on(page, form):
    form.get_by_role("button", name="Move h_t down").hover()
    for _ in range(2):
        page.mouse.down()
        page.mouse.up()
    assert form.locator(".verdict").inner_text() == "h_t is now 3 of 6."


def test_without_javascript_the_exercises_stand_as_they_are(browser, served):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{served}/{CHAPTERS[5]}.html")
        assert page.locator("form.answer").count() > 1
        assert not any(form.is_visible() for form in page.locator("form.answer").all())


def test_each_kind_of_answer_is_asked_for_and_no_chapter_but_the_whole_book_is_without():
    kinds = {type(field) for question in QUESTIONS for field in question.fields}
    assert kinds == {Number, Choice, Order}
    assert {question.exercise.split(".")[0] for question in QUESTIONS} == {str(number) for number in range(1, 11)}
