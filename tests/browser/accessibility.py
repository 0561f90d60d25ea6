"""What every page owes to people who read, hear or steer it differently; checked on the page as drawn."""

from typing import Final

from playwright.async_api import Page

# WCAG 2.2 AA: 1.4.3 contrast, 2.5.8 size of what one presses, 2.4.7 visible focus; 1.1.1, 1.3.1, 2.4.2, 3.1.1, 4.1.2.
AUDIT: Final = """() => {
  const faults = [];
  const owe = (isMet, what) => { if (!isMet) faults.push(what); };
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true });
  const shown = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  const told = (element) => element.outerHTML.slice(0, 80).replace(/\\s+/g, " ");

  owe(document.documentElement.lang === "en", "the language is not said");
  owe(document.title.trim(), "no title");
  owe(document.querySelectorAll("main").length === 1, "not one main");
  owe(shown("h1").length === 1, "not one h1");
  owe(!/scalable|maximum/.test(document.querySelector("meta[name=viewport]").content), "zooming is off");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  owe(new Set(ids).size === ids.length, "an id is there twice");

  for (const image of document.images) owe(image.hasAttribute("alt"), `no alt: ${told(image)}`);
  for (const input of shown("input, select, textarea")) owe(input.labels.length, `no label: ${told(input)}`);
  for (const group of shown("fieldset")) owe(group.querySelector("legend")?.innerText.trim(), "no legend");
  for (const pressed of shown("a, button")) {
    owe(pressed.innerText.trim(), `no name: ${told(pressed)}`);
    const { width, height } = pressed.getBoundingClientRect();
    owe(width >= 24 && height >= 24, `too small: ${told(pressed)}`);
  }

  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const linear = (value) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = channels(getComputedStyle(one).backgroundColor);
      if (color[3] === undefined || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !isShown(element) || element.closest(".unseen")) continue;
    const colors = [behind(element), channels(getComputedStyle(element).color)].map(luminance);
    const contrast = (Math.max(...colors) + 0.05) / (Math.min(...colors) + 0.05);
    owe(contrast >= 4.5, `contrast ${contrast.toFixed(2)}: ${told(element)}`);
  }
  return faults;
}"""

# What is focused, and whether it or the label around it shows that.
FOCUS: Final = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return null;
  const marked = [focused, focused.closest("label")].filter(Boolean).some((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  return [focused.outerHTML.slice(0, 80), marked];
}"""

SIDEWAYS: Final = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
MOST_STOPS: Final = 20


async def faults(page: Page) -> list[str]:
    """List what the page owes, going through it with the keyboard as well."""
    found: list[str] = await page.evaluate(AUDIT)
    stops = 0
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        stop: tuple[str, bool] | None = await page.evaluate(FOCUS)
        if stop is None:
            break
        element, is_marked = stop
        stops += 1
        if not is_marked:
            found.append(f"focus does not show: {element}")
    if not stops:
        found.append("nothing can be reached by keyboard")
    return found


async def scrolls_sideways(page: Page) -> bool:
    return await page.evaluate(SIDEWAYS)
