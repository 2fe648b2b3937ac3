// The interface: menus, htmx, search, keys, toasts. Charts and searchable selects are loaded only where they are used.
import "@tabler/core/js/src/bootstrap/dropdown";
import "@tabler/core/js/src/bootstrap/collapse";
import htmx from "htmx.org/dist/htmx.esm.js";
import "./bell.js";
import "./drawer.js";
import "./contacts.js";
import "./contracts.js";
import "./filters.js";
import "./inbox.js";
import "./keys.js";
import "./lazy.js";
import "./live.js";
import "./lists.js";
import "./log.js";
import "./map.js";
import "./progress.js";
import "./search.js";
import "./shell.js";
import "./toasts.js";
import "./visits.js";

window.htmx = htmx;
