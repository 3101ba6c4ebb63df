"""The text view of the smallest chapter that keeps the rules, for the tests of tool and rules."""

VIEW = r"""# 7. A try

Words with 'single' and "double" quotes, $x_t \cdot h_{t-1}$ and `code`.

$$
f_t = \sigma(W_f x_t + b_f)
$$


A Markdown cell of its own.

## What you will do

> A quotation
> of two lines.

| step | left |
| --- | --- |
| 1 | 0.9 |

<details>
<summary>More</summary>

Hidden *words*.

</details>

```python
print(0.9)
```

## What you need

- one thing

  with a second paragraph

```python alt="The valve's \"opening\" falls from 20 to 10 & stays there; 10 % is left."
class Drawing:
    def __repr__(self):
        return "<Drawing>"

    def _repr_svg_(self):
        box = '<rect width="20" height="10" fill="#fff"/>'
        root = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"'
        return f"<svg {root}>{box}</svg>"

Drawing()
```

```text
not a cell

```

## Figures

```python fold="how they are made"
from IPython.display import SVG

def diagram(name, more=""):
    names = f'aria-labelledby="{name}-title {name}-desc" viewBox="0 0 20 10"'
    root = 'xmlns="http://www.w3.org/2000/svg" class="lstm-diagram" role="img"'
    words = "stands for a diagram: one square, light or dark as the page is."
    texts = f'<title id="{name}-title">{name}</title>'
    texts += f'<desc id="{name}-desc">The {name} {words}</desc>'
    box = '<rect width="20" height="10" style="fill: light-dark(#eee, #222)"/>'
    return f"<svg {root} {names} {more}>{texts}{box}</svg>"

SVG(diagram("still"))
```

```python
SVG(diagram("still"))
```

```python
import anywidget
from traitlets import Int, Unicode

class Counter(anywidget.AnyWidget):
    figure = Unicode("counter").tag(sync=True)
    step = Int(3).tag(sync=True)

    def __repr__(self):
        return "<Counter>"

    def _repr_mimebundle_(self, **options):
        data, more = super()._repr_mimebundle_(**options)
        svg = diagram("counter", 'data-figure="counter"')
        return data | {"image/svg+xml": svg}, more
```

```python
Counter._css = ".counter { font-weight: bold; }"
Counter._esm = '''
export default () => ({
  async render({ model, el }) {
    const button = document.createElement("button");
    const show = () => (button.textContent = `step ${model.get("step")}`);
    button.className = "counter";
    button.onclick = () => model.set("step", model.get("step") + 1);
    model.on("change:step", show);
    show();
    el.append(button);
  },
});
'''
counter = Counter()
counter
```

```python
counter
```

## What you can now say

Something.

## Exercises

### Exercise 7.1: find the bug in a sum

```python
class check:
    def total(answer):
        print("right" if answer == 3 else f"got {answer}, expected 3")

check.total(...)
```

```python tags=["solution"]
check.total(1 + 2)
```

### Exercise 7.2: Find the bug in a product

```python
check.total(...)
```

```python tags=["solution"]
check.total(1 * 3)
```

### Exercise 7.3: a difference

```python
check.total(...)
```

```python tags=["solution"] alt="A second drawing, the same as the first one but for its words."
check.total(4 - 1)
Drawing()
```

## Sources

Behavior of Things, 1997, [here](https://example.org/1.234).
"""
