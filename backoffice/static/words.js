// Texts and numbers of scripts, in the page's language. The page holds the translations of these
// texts as JSON; an English page has none, for a text is its own translation.

const catalogue = JSON.parse(document.getElementById("catalogue")?.textContent ?? "{}");
const { lang, dataset } = document.documentElement;
const plurals = new Intl.PluralRules(lang);
const numbers = new Intl.NumberFormat(dataset.locale.startsWith("qps") ? "de-CH" : dataset.locale);

const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));

/** The text in the page's language: `_("{name} was copied.", { name })`. */
export const _ = (message, values = {}) => fill(catalogue[message] ?? message, values);

/** The text for a number: `ngettext("{count} row", "{count} rows", 3)`. */
export const ngettext = (one, many, count, values = {}) => {
  const forms = catalogue[one];
  const text = forms?.[plurals.select(count)] ?? forms?.other ?? (count === 1 ? one : many);
  return fill(text, { count: number(count), ...values });
};

/** A number with its digits grouped. */
export const number = (value) => numbers.format(value);
