"use strict";
// Filters are in the address behind "#", so that a view can be linked: #status=FAIL&area=CTRL
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = one("#filters");
  const cards = all(".requirement");
  const texts = new Map();

  const text = (card) => {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase().replace(/\s+/g, " "));
    return texts.get(card);
  };

  const read = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    return {
      status: (given.get("status") || "").split(",").filter(Boolean),
      area: given.get("area") || "",
      level: given.get("level") || "",
      q: given.get("q") || "",
    };
  };

  const address = (filter) => {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) if (value.length) given.set(name, value);
    return "#" + given.toString().replaceAll("%2C", ",");
  };

  const fits = (card, filter, but) => {
    const { status, area, level } = card.dataset;
    return (but === "status" || !filter.status.length || filter.status.includes(status))
      && (!filter.area || area === filter.area)
      && (!filter.level || level.startsWith(filter.level))
      && filter.q.toLowerCase().split(/\s+/).every((word) => text(card).includes(word));
  };

  const chips = (filter) => {
    for (const chip of all(".chip")) {
      const mine = chip.dataset.status;
      const on = filter.status.includes(mine);
      const status = on ? filter.status.filter((s) => s !== mine) : [...filter.status, mine];
      chip.href = address({ ...filter, status });
      chip.ariaCurrent = on ? "true" : "false";
      one(`.chip[data-status="${mine}"] span`).textContent =
        cards.filter((card) => card.dataset.status === mine && fits(card, filter, "status")).length;
    }
  };

  const unfolded = () => cards.every((card) => card.hidden || card.open);

  const apply = () => {
    const filter = read();
    for (const card of cards) card.hidden = !fits(card, filter);
    for (const group of all(".group")) {
      const shown = all(".requirement", group).filter((card) => !card.hidden).length;
      group.hidden = shown === 0;
      group.querySelector(".number").textContent = shown;
    }
    const shown = cards.filter((card) => !card.hidden).length;
    one("#shown").textContent = shown === cards.length
      ? `${shown} requirements` : `${shown} of ${cards.length} requirements`;
    one("#clear").hidden = shown === cards.length;
    for (const name of ["area", "level", "q"]) {
      const field = form.elements[name];
      if (field !== document.activeElement || field.value !== filter[name]) field.value = filter[name];
    }
    chips(filter);
    one("#unfold").textContent = unfolded() ? "Close all" : "Open all";
  };

  // An address of a requirement (#STATE-003) opens it, whatever was filtered before.
  const meant = () => {
    const card = cards.find((one) => `#${one.id}` === location.hash);
    if (!card) return;
    card.open = true;
    card.scrollIntoView();
  };

  const typed = () => {
    const fields = ["area", "level", "q"].map((name) => [name, form.elements[name].value]);
    const filter = { ...read(), ...Object.fromEntries(fields) };
    history.replaceState(null, "", address(filter));
    apply();
  };

  const copy = async (words) => {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      const field = document.createElement("textarea");
      field.value = words;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };

  for (const command of all(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await copy(command.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    command.append(button);
  }
  for (const link of all("a[data-filter]")) {
    link.href = "#" + link.dataset.filter;
    link.addEventListener("click", () => one("#requirements").scrollIntoView());
  }
  one("#unfold").addEventListener("click", () => {
    const open = !unfolded();
    for (const card of cards) if (!card.hidden) card.open = open;
    apply();
  });
  one("#clear").addEventListener("click", (event) => {
    event.preventDefault();
    history.pushState(null, "", location.pathname + location.search);
    apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", typed);
  window.addEventListener("hashchange", () => { apply(); meant(); });
  form.hidden = false;
  apply();
  meant();
})();
