import { useEffect } from "preact/hooks";
import { loadPlan } from "../load";
import { announcement, panelOpen, plan, readyPlan, selected, t } from "../state";
import { DetailPanel } from "./DetailPanel";
import { Footer } from "./Footer";
import { closeDetail } from "./focus";
import { Header } from "./Header";
import { MapPane } from "./MapPane";
import { Rail } from "./Rail";

export function App() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && selected.peek()) closeDetail();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  if (!readyPlan.value) return <Opening />;
  const classes = ["body", selected.value ? "has-detail" : "", panelOpen.value ? "" : "panel-shut"];
  return (
    <>
      <SkipLinks />
      <Header />
      <main class={classes.filter(Boolean).join(" ")}>
        <Rail />
        <MapPane />
        {selected.value && <DetailPanel />}
      </main>
      <Footer />
      <div class="unseen" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </>
  );
}

function SkipLinks() {
  return (
    <nav class="skip" aria-label={t("skipToMap")}>
      <a href="#map-view">{t("skipToMap")}</a>
      <a href="#rail">{t("skipToList")}</a>
    </nav>
  );
}

/** Before the plan is here, and when it does not come. */
function Opening() {
  if (plan.value.state !== "failed") {
    return (
      <main class="opening" aria-busy="true">
        <p>{t("loading")}</p>
      </main>
    );
  }
  return (
    <main class="opening">
      <p role="alert">{t("serverDown")}</p>
      <button type="button" class="primary" onClick={() => void loadPlan()}>
        {t("retry")}
      </button>
    </main>
  );
}
