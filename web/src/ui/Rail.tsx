import { openTab, panelOpen, t, tab } from "../state";
import { Legend } from "./Legend";
import { ProjectList } from "./ProjectList";
import { ViewIntroduction } from "./ViewIntroduction";

const TABS = [
  ["layers", "layersTab"],
  ["projects", "projectsTab"],
] as const;

export function Rail() {
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const next = tab.value === "layers" ? "projects" : "layers";
    openTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <section class="rail" id="rail" tabindex={-1} aria-label={t("panels")}>
      <div class="rail-head">
        <div role="tablist" aria-label={t("panels")} onKeyDown={onKey}>
          {TABS.map(([name, key]) => (
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
                panelOpen.value = true;
              }}
            >
              {t(key)}
            </button>
          ))}
        </div>
        <button
          type="button"
          class="shut"
          aria-expanded={panelOpen.value}
          aria-controls="rail-content"
          onClick={() => {
            panelOpen.value = !panelOpen.value;
          }}
        >
          {t(panelOpen.value ? "hidePanel" : "showPanel")}
        </button>
      </div>
      <div
        class="rail-content"
        id="rail-content"
        role="tabpanel"
        aria-labelledby={`tab-${tab.value}`}
        tabindex={-1}
      >
        {tab.value === "layers" ? (
          <>
            <ViewIntroduction />
            <Legend />
          </>
        ) : (
          <ProjectList />
        )}
      </div>
    </section>
  );
}
