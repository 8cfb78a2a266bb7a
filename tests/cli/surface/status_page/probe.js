// Runs in a copy of the page, in a frame as wide as the screen it plays, and tells the page around what it found.
(() => {
  const problems = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) {
    problems.push(`wider than the window: ${root.scrollWidth} of ${innerWidth}`);
    for (const one of document.body.querySelectorAll("*"))
      if (one.getBoundingClientRect().right > innerWidth + 1) problems.push(`too far right: ${one.outerHTML.slice(0, 80)}`);
  }
  for (const one of document.querySelectorAll("main section *, header *"))
    if (!one.closest("svg, caption, thead, .scroll, .chart, .axis") && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
      problems.push(`its content is wider than itself: ${one.outerHTML.slice(0, 80)}`);

  // Contrast by WCAG 2: 4.5 to 1 for text (3 to 1 from 24 px on), 3 to 1 for shapes that mean something.
  const parse = (color) => (color.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  for (const one of document.body.querySelectorAll("*")) {
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!says || one.closest("svg, script")) continue;
    const style = getComputedStyle(one);
    const found = ratio(parse(style.color), behind(one));
    if (found < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) problems.push(`faint, ${found.toFixed(2)}: ${one.outerHTML.slice(0, 80)}`);
    if (parseFloat(style.fontSize) < 12) problems.push(`small: ${one.outerHTML.slice(0, 80)}`);
  }
  for (const [selector, property] of [[".line", "stroke"], [".dot", "fill"], [".bar-up", "fill"], [".buy", "fill"], [".sell", "fill"], [".transfer", "fill"], [".bar-down", "fill"], [".life", "stroke"], [".fill", "fill"], [".end", "stroke"], [".run-done", "fill"], [".run-idle", "fill"], [".run-failed", "stroke"]])
    for (const one of document.querySelectorAll(selector)) {
      const found = ratio(parse(getComputedStyle(one)[property]), behind(one.closest("section")));
      if (found < 3) problems.push(`faint shape ${selector}, ${found.toFixed(2)}`);
    }

  // Names and order, for those who listen.
  for (const one of document.querySelectorAll("svg"))
    if (!one.closest("[aria-hidden]") && !one.parentElement.closest("svg") && !(one.getAttribute("role") === "img" && one.querySelector(":scope > title") && one.querySelector(":scope > desc")))
      problems.push(`a drawing without title and description: ${one.outerHTML.slice(0, 80)}`);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  if (new Set(ids).size !== ids.length) problems.push(`an id stands twice: ${ids}`);
  for (const one of document.querySelectorAll("[aria-labelledby]"))
    for (const id of one.getAttribute("aria-labelledby").split(" ")) if (!ids.includes(id)) problems.push(`no ${id}`);
  let level = 0;
  for (const one of document.querySelectorAll("h1, h2, h3")) {
    const own = Number(one.tagName[1]);
    if (own > level + 1) problems.push(`a heading is left out before ${one.textContent}`);
    level = own;
  }
  for (const landmark of ["header", "main", "footer"]) if (document.querySelectorAll(landmark).length !== 1) problems.push(`not one ${landmark}`);
  for (const one of document.querySelectorAll("table")) if (!one.caption || !one.querySelector("th[scope=row], td:only-child") && one.tBodies[0].rows.length) problems.push("a table without caption or row headings");

  parent.postMessage(JSON.stringify({
    problems, width: innerWidth, height: root.scrollHeight, dark: matchMedia("(prefers-color-scheme: dark)").matches,
    text: document.body.innerText,
  }), "*");
})();
