// Searchable selects (Tom Select): data-search filters the options that are there, data-lookup asks the server.
import TomSelect from "tom-select/base";
import clearButton from "tom-select/plugins/clear_button/plugin.js";
import dropdownInput from "tom-select/plugins/dropdown_input/plugin.js";
import removeButton from "tom-select/plugins/remove_button/plugin.js";

TomSelect.define("clear_button", clearButton);
TomSelect.define("dropdown_input", dropdownInput);
TomSelect.define("remove_button", removeButton);

// The titles of the plugins' buttons, in the reader's language.
const words = document.querySelector("script[data-select]")?.dataset ?? {};

function remote(url) {
  return {
    valueField: "value",
    labelField: "text",
    searchField: [],
    preload: "focus",
    async load(query, done) {
      const address = new URL(url, location.href);
      address.searchParams.set("q", query);
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        const found = await answer.json();
        done(found.results ?? found);
      } catch {
        done();
      }
    },
  };
}

function line(data, escape) {
  const hint = data.hint ? ` <small class="text-secondary">${escape(data.hint)}</small>` : "";
  return `<div>${escape(data.text)}${hint}</div>`;
}

export function enhance(scope) {
  for (const select of scope.querySelectorAll("select[data-search], select[data-lookup]")) {
    if (select.tomselect) continue;
    const plugins = select.multiple ? { remove_button: { title: words.remove } } : { dropdown_input: {} };
    if (!select.required && !select.multiple) plugins.clear_button = { title: words.clear };
    // The label moves to the box that replaces the select.
    select.setAttribute("aria-hidden", "true");
    new TomSelect(select, {
      plugins,
      maxOptions: 200,
      copyClassesToDropdown: false,
      controlInput: undefined,
      render: { option: line, item: line, no_results: () => "" },
      ...(select.dataset.lookup ? remote(select.dataset.lookup) : {}),
    });
  }
}
