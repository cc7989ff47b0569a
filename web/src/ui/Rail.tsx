import {
  filter,
  hasTime,
  isPhone,
  openTab,
  queriedId,
  sheet,
  sheetStop,
  t,
  tab,
  text,
  time,
  view,
} from "../state";
import type { RailTab } from "../url";
import { Legend } from "./Legend";
import { later } from "./later";
import { ProjectList } from "./ProjectList";
import { SheetHandle } from "./SheetHandle";
import { ViewIntroduction } from "./ViewIntroduction";

const FilterRail = later(async () => (await import("../query/FilterRail")).FilterRail);
const WorksList = later(async () => (await import("../works/WorksList")).WorksList);

const TABS: readonly RailTab[] = ["layers", "projects", "filter"];

function nameOfTab(name: RailTab): string {
  if (name === "layers") return t("layersTab");
  if (name === "projects") return t("projectsTab");
  const count = filter.value.length + (text.value ? 1 : 0) + (time.value && hasTime(queriedId.value) ? 1 : 0);
  return count > 0 ? t("filterTabActive", { count }) : t("filterTab");
}

export function Rail() {
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const next = TABS[(TABS.indexOf(tab.value) + step + TABS.length) % TABS.length];
    if (step === 0 || !next) return;
    openTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <section class="rail" id="rail" tabindex={-1} aria-label={t("panels")}>
      {isPhone.value && <SheetHandle />}
      <div class="rail-head" role="tablist" aria-label={t("panels")} onKeyDown={onKey}>
        {TABS.map((name) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={tab.value === name}
            aria-controls="rail-content"
            tabindex={tab.value === name ? 0 : -1}
            onClick={() => {
              openTab(name);
              if (sheetStop.value === "peek") sheet.value = "half";
            }}
          >
            {nameOfTab(name)}
          </button>
        ))}
      </div>
      <div
        class="rail-content"
        id="rail-content"
        role="tabpanel"
        aria-labelledby={`tab-${tab.value}`}
        tabindex={-1}
      >
        <TabContent />
      </div>
    </section>
  );
}

function TabContent() {
  if (tab.value === "filter") return <FilterRail />;
  if (tab.value === "projects") return view.value?.opens?.list === "works" ? <WorksList /> : <ProjectList />;
  return (
    <>
      <ViewIntroduction />
      <Legend />
    </>
  );
}
