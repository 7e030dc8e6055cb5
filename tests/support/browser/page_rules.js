// What holds on every page and in every state of it; gives what breaks a rule, in words.
// The colours are asked of axe; here are measures, type, targets, words, names and links.
() => {
  const SIZES = [12, 13, 14, 16, 20, 27, 32];
  const ROUTES = [
    /^\/$/, /^\/docs$/, /^\/sign-in$/, /^\/datasets(\/[^/]+)?$/, /^\/models(\/[^/]+)?$/, /^\/training(\/configure)?$/,
    /^\/training\/jobs(\/[^/]+)?$/, /^\/costs$/, /^\/notifications$/, /^\/settings\/(api-keys|limits|second-step|your-data)$/, /^\/admin(\/users\/[^/]+)?$/,
    /^\/signed\//, // a file's own address, in the mocks
  ];
  const BUTTONS = "button, a.btn, select, summary, input:not([type=hidden]), [role=slider], [role^=menuitem]";
  const phone = innerWidth < 720;
  const found = new Set();
  const px = (element, name, pseudo) => parseFloat(getComputedStyle(element, pseudo)[name]) || 0;
  const words = (element) => (element.ariaLabel || element.textContent || element.name || element.tagName).trim().slice(0, 40);
  const seen = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest(".sr-only, .skip, [aria-hidden=true]") && !(phone && element.closest("thead"));
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const hold = (holds, rule, element) => holds || found.add(`${rule}: ${words(element)}`);

  const sizeOf = (element) => {
    if (element.closest(".tabbar")) return [11.5];
    if (element.closest(".bell-count")) return [11];
    return phone && element.closest(".say") ? [22] : SIZES;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const text = node.data.trim();
    if (!text || !parent || parent.matches("script, style, option") || !seen(parent)) continue;
    hold(sizeOf(parent).includes(px(parent, "fontSize")), `${px(parent, "fontSize")} px is no size of the tokens`, parent);
    const serif = getComputedStyle(parent).fontFamily.startsWith('"Source Serif');
    hold(!serif || parent.closest(".say"), "serif that is not the sentence", parent);
    if (!parent.closest("code, pre, textarea, .tok, .log, .hash")) {
      hold(!/\b(NaN|undefined|null|Infinity|Invalid Date)\b|\[object/.test(text), "a value that is none", parent);
    }
    const says = parent.closest("h1, h2, h3, .say, .btn, .cap, .hint, .note, label, [role=alert]");
    hold(!says || !/!|\b(oops|sorry|please|simply|awesome)\b/i.test(text), "a word that is not ours", parent);
  }

  for (const element of all("body *")) {
    const hides = ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
    hold(!hides || element.scrollWidth <= element.clientWidth + 1, "something is cut", element);
  }
  if (phone) {
    for (const element of all(BUTTONS)) {
      const area = element.closest("label, .slider") ?? element;
      const beyond = getComputedStyle(area, "::after").position === "absolute" ? -px(area, "top", "::after") - px(area, "bottom", "::after") : 0;
      const height = Math.round(area.getBoundingClientRect().height + beyond);
      hold(height >= 44, `${height} px is no target of 44`, element);
    }
  }
  const names = all(".icon-btn").map(words);
  for (const name of names) hold(names.filter((one) => one === name).length === 1, "two buttons of one name", { ariaLabel: name });

  for (const element of all("a[href]")) {
    const url = new URL(element.href);
    hold(url.origin !== location.origin || ROUTES.some((route) => route.test(url.pathname)), `leads nowhere (${url.pathname})`, element);
  }
  for (const animation of document.getAnimations()) hold(false, "moves in spite of the wish", animation.effect.target);
  hold(all("#main .btn-primary").length <= (phone ? 2 : 1), "more than one filled button", document.body);

  for (const element of all(".topbar")) hold(element.offsetHeight === 56, "the bar is not 56 high", element);
  for (const element of all("#main")) {
    hold(px(element, "paddingLeft") === (phone ? 16 : 32), "the gutter is not of the tokens", element);
    hold(element.clientWidth - 2 * px(element, "paddingLeft") <= 1120, "the content is wider than 1120", element);
  }
  for (const element of all(".section")) hold(px(element, "marginTop") === (phone ? 32 : 40), `a section ${px(element, "marginTop")} px apart`, element);
  for (const element of all(".panel")) hold(px(element, "borderTopLeftRadius") === 12, "a panel's radius is not 12", element);
  for (const element of all(".pad")) {
    hold(`${px(element, "paddingBottom")} ${px(element, "paddingLeft")}` === (phone ? "16 16" : "20 24"), "a panel's padding is not of the tokens", element);
  }
  for (const element of all(".btn, .input")) hold(px(element, "borderTopLeftRadius") === 8, "a button's radius is not 8", element);
  if (!phone) for (const element of all("td.n")) hold(getComputedStyle(element).textAlign === "right", "a number that is not at the right", element);
  return [...found];
}
