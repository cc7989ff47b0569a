import "./trusted-types";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/rail.css";
import "./styles/map.css";
import "./styles/detail.css";
import "./styles/sheet.css";
import "./styles/search.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { linkHistory } from "./history";
import { HTML_LANG } from "./i18n";
import { followNetwork, followSelection, loadPlan } from "./load";
import { watchNetwork } from "./offline";
import { detail, isPhone, lang, nameOf, plan, readyPlan, say, view } from "./state";
import { App } from "./ui/App";
import { watchVersion } from "./version";

const narrow = matchMedia("(max-width: 699px)");
isPhone.value = narrow.matches;
narrow.addEventListener("change", () => {
  isPhone.value = narrow.matches;
});

linkHistory();

effect(() => {
  document.documentElement.lang = HTML_LANG[lang.value];
});

effect(() => {
  const ready = readyPlan.value;
  if (!ready) return;
  const item = detail.value?.state === "ready" ? detail.value.value : null;
  const parts = [
    item ? nameOf(item.properties, item.id) : view.value && say(view.value.title),
    say(ready.title),
  ];
  document.title = parts.filter(Boolean).join(" · ");
});

followSelection();
followNetwork();
watchNetwork();
watchVersion();
void loadPlan();

// What the server wrote stays until there is something to put in its place.
const root = document.getElementById("app");
const stop = effect(() => {
  if (!root || (root.firstChild && plan.value.state === "loading")) return;
  root.replaceChildren();
  render(<App />, root);
  queueMicrotask(() => stop());
});
