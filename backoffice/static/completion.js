// Completes the language of a list's search box: the fields that can be searched, then their values.
// It reads both from the help beside the box. Words that name no field open nothing, and Enter
// searches unless the arrow keys chose something. The list under the box: suggestions.js.
import { _, ngettext } from "./words.js";

const input = document.querySelector("input#search");
const help = document.querySelector("#search-help");
const SHORTEST = 2;
const WAIT = 150;

/** @typedef {{name: string, label: string, starts: string[], whole: string[], values: string[], lookup: string}} Field */

/** "price>10" starts with "price>": the person types the rest. */
const startOf = (/** @type {string} */ example) => example.match(/^[^\s:<>=]+(?:[<>]=?|[:=])/)?.[0] ?? "";
const nameOf = (/** @type {string} */ start) => start.replace(/[:<>=]+$/, "").toLowerCase();

/** @type {Field[]} */
const fields = [...(help?.querySelectorAll("[data-field]") ?? [])].map((line) => {
  const name = (line.getAttribute("data-field") ?? "").toLowerCase();
  const examples = [...line.querySelectorAll("[data-example]")].map((one) => one.textContent ?? "");
  return {
    name,
    label: line.querySelector("dt")?.textContent ?? "",
    starts: [...new Set(examples.map(startOf).filter((start) => nameOf(start) === name))],
    // "is:active" of a field "active" is not a beginning: it is a whole term.
    whole: examples.filter((example) => nameOf(startOf(example)) !== name),
    values: [...line.querySelectorAll("[data-value]")].map((one) => one.textContent ?? ""),
    lookup: line.getAttribute("data-lookup-values") ?? "",
  };
});

/** Like the server's parser of a search (admin/lists/search.py), except that a value may be missing. */
const TERM = /-?(?:[\p{L}_][\p{L}\p{N}_]*(?::|>=|<=|=|>|<)(?:"[^"]*(?:"|$)|[^\s"]\S*)?|"[^"]*(?:"|$)|\S+)/gu;

/** The term at the caret: where it begins and ends, and its text before the caret. */
function termAt(/** @type {string} */ text, /** @type {number} */ caret) {
  for (const match of text.matchAll(TERM)) {
    const end = match.index + match[0].length;
    if (match.index < caret && caret <= end) return { begin: match.index, end, typed: text.slice(match.index, caret) };
  }
  return { begin: caret, end: caret, typed: "" };
}

/** A value as the search language writes it: in quotes if it has blanks. No term can hold both blanks
 * and quotes, so the longest part between quotes is taken. */
function written(/** @type {string} */ value) {
  if (!/\s/.test(value) && !value.startsWith('"')) return value;
  const [longest] = value.split('"').sort((one, other) => other.length - one.length);
  return `"${longest.trim()}"`;
}

if (input instanceof HTMLInputElement && fields.length) {
  const list = document.createElement("suggestion-list");
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.after(list);
  help?.before(status);
  /** @type {AbortController | null} */
  let pending = null;
  let timer = 0;

  const close = () => {
    clearTimeout(timer);
    pending?.abort();
    list.close();
  };

  function show(/** @type {{id: string, text: string, hint?: string}[]} */ results, which = "") {
    list.show(results);
    list.mark(which);
    status.textContent = results.length ? ngettext("{count} suggestion; press arrow down to choose", "{count} suggestions; press arrow down to choose", results.length) : "";
  }

  /** The fields whose name or label begins with the typed text; all fields if there is none. */
  function offerFields(/** @type {string} */ minus, /** @type {string} */ typed, which = "") {
    const wanted = typed.toLowerCase();
    const offers = [];
    for (const { name, label, starts, whole } of fields) {
      const fits = name.startsWith(wanted) || label.toLowerCase().startsWith(wanted);
      // The whole name was typed: offer all ways to compare it.
      const shown = name === wanted ? starts : starts.slice(0, 1);
      if (fits) offers.push(...shown.map((start) => ({ id: minus + start, text: start, hint: label })));
      const said = whole.filter((one) => (fits && wanted) || one.startsWith(wanted));
      offers.push(...said.map((one) => ({ id: `${minus}${one} `, text: one, hint: label })));
    }
    show(offers.filter(({ text }) => text !== wanted), which);
  }

  async function offerValues(/** @type {Field} */ field, /** @type {string} */ start, /** @type {string} */ typed, which = "") {
    const known = field.values.filter((value) => value.toLowerCase().startsWith(typed.toLowerCase()));
    const answers = (/** @type {string[]} */ values) =>
      show(values.map((value) => ({ id: `${start}${written(value)} `, text: value })), which);
    if (!field.lookup) return answers(known.length === 1 && known[0] === typed ? [] : known);
    pending?.abort();
    const request = (pending = new AbortController());
    const url = new URL(field.lookup, location.href);
    url.searchParams.set("q", typed);
    try {
      const answer = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { results } = await answer.json();
      if (document.activeElement === input) answers(results.map((/** @type {{text: string}} */ one) => one.text));
    } catch {
      // The search works without suggestions.
      if (!request.signal.aborted) close();
    }
  }

  /** @param {boolean} asked whether the person asked for suggestions, with Alt and the arrow */
  function offer(asked, /** @type {"" | "first" | "last"} */ which = "") {
    clearTimeout(timer);
    pending?.abort();
    const { typed } = termAt(input.value, input.selectionStart ?? input.value.length);
    const [, minus, word] = typed.match(/^(-?)([^"]*)$/) ?? [];
    const term = typed.match(/^(-?([^\s:<>="]+)(?:[<>]=?|[:=]))"?([^"]*)$/);
    const field = term && fields.find((one) => one.name === term[2].toLowerCase());
    if (term && field && (field.values.length || field.lookup)) {
      timer = window.setTimeout(offerValues, field.lookup && !asked ? WAIT : 0, field, term[1], term[3], which);
    } else if (word !== undefined && !field && (asked || word.length >= SHORTEST)) {
      offerFields(minus, word, which);
    } else {
      close();
    }
  }

  list.attach(input, {
    label: _("Suggestions"),
    choose: ({ id }) => {
      const { begin, end } = termAt(input.value, input.selectionStart ?? input.value.length);
      const rest = input.value.slice(end);
      input.setRangeText(id.endsWith(" ") && /^\s/.test(rest) ? id.trimEnd() : id, begin, end, "end");
      close();
      if (!id.endsWith(" ")) offer(false);
    },
    // Without Alt, arrow down moves the focus from the box to the rows.
    load: (/** @type {string} */ which) => {
      if (which) return false;
      offer(true, "first");
      return true;
    },
  });
  input.addEventListener("input", () => offer(false));
  input.addEventListener("blur", close);
  input.addEventListener("click", close);
  input.addEventListener("keyup", (event) => {
    if (list.isOpen && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) close();
  });
}
