// What a reader would stumble over, as the browser has it: words too faint, words cut, things without a name.
() => {
  const said = [];
  const colour = (text) => (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const groundOf = (at) => {
    for (let one = at; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== "none") return null;
      const ground = colour(style.backgroundColor);
      if ((ground[3] ?? 1) > 0.99) return ground;
    }
    return colour(getComputedStyle(document.body).backgroundColor);
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode.textContent.trim();
    const at = words.currentNode.parentElement;
    if (!text || !at.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || at.closest("svg, option, .hidden-text, [disabled], script, style")) continue;
    const [style, ground] = [getComputedStyle(at), groundOf(at)];
    if (!ground) continue;
    const [low, high] = [light(colour(style.color)), light(ground)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) said.push(`faint ${contrast.toFixed(2)}: ${text.slice(0, 40)}`);
    if (style.textOverflow !== "ellipsis" && at.scrollWidth > at.clientWidth + 1 && style.overflowX === "hidden" && at.clientWidth) said.push(`cut: ${text.slice(0, 40)}`);
  }
  for (const one of document.querySelectorAll("button, a[href], input, select, textarea, [tabindex='0']")) {
    if (!one.checkVisibility() || one.type === "hidden" || one.ariaHidden === "true") continue;
    const name = one.getAttribute("aria-label") || one.title || one.innerText?.trim() || [...(one.labels ?? [])].map((label) => label.innerText).join("").trim() || one.getAttribute("aria-labelledby");
    if (!name) said.push(`nameless: ${one.outerHTML.slice(0, 90)}`);
  }
  const spill = document.documentElement.scrollWidth - innerWidth;
  if (spill > 0) said.push(`${spill} px wider than the window`);
  for (const one of document.querySelectorAll("button, .button, select")) {
    if (!one.checkVisibility()) continue;
    const box = one.getBoundingClientRect();
    if (box.width && box.bottom > 0 && box.top < innerHeight && box.right > innerWidth + 1 && !one.closest(".wide, .pane, nav, .tabs, .scroll")) said.push(`out of the window: ${(one.innerText || one.ariaLabel || "").slice(0, 30)}`);
    const high = box.height;
    const lines = one.tagName === "BUTTON" && one.childElementCount === 0 && high > 2.6 * parseFloat(getComputedStyle(one).lineHeight) ? 1 : 0;
    if (lines) said.push(`wraps: ${one.innerText.slice(0, 30)}`);
  }
  const bare = document.body.innerText.match(/\b(?:page|error|issue|http|diagnosis|plan|register|map)\.[a-z_]+(?:[.-][a-z_0-9]+)*/g) ?? [];
  const hole = document.body.innerText.replaceAll("{z}/{x}/{y}", "").match(/\{\w+\}|undefined|NaN|\[object/g) ?? [];
  return [...said, ...bare.map((one) => `raw key ${one}`), ...hole.map((one) => `hole ${one}`)];
}
